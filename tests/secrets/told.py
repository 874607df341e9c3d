"""All that an exception can tell."""

from __future__ import annotations

import pprint
import traceback


def told(error):
    """Return all that can be printed of an exception, with those that it came from."""
    parts = [str(error), repr(error), "".join(traceback.format_exception(error)), pprint.pformat(vars(error))]
    chain = error
    while chain := chain.__cause__ or chain.__context__:
        parts += [repr(chain), repr(chain.args)]
    return "\n".join(parts)
