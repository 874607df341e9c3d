"""Why an attempt cannot go on where an earlier one stopped."""

from __future__ import annotations


class CannotResumeError(Exception):
    """What an earlier attempt left is not there, or is not to be gone on with: this attempt starts anew.

    Never leaves an export. Its text is the reason, as a clause for the task's log: "its hidden file is gone".
    """
