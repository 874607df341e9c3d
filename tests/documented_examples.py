"""Find the examples in docstrings, and run them: literal blocks, and lines that begin with ``>>>``."""

from __future__ import annotations

import doctest
import inspect
import re
from collections.abc import Mapping
from typing import Any

_LITERAL_BLOCK = re.compile(r"::\n\n((?:    .*\n|\n)+)")


def literal_blocks(*documented: Any) -> list[str]:
    """Return the literal blocks (``::``) in the docstrings of classes, functions and modules. Each has one at least."""
    blocks: list[str] = []
    for one in documented:
        found = _LITERAL_BLOCK.findall(f"{inspect.getdoc(one)}\n")
        assert found, f"no example in the docstring of {one!r}"
        blocks += [inspect.cleandoc(f"\n{block}") for block in found]
    return blocks


def what_differs(documented: Any, names: Mapping[str, Any]) -> list[str]:
    """Run the ``>>>`` lines in a docstring, which has some; return where they give something else than they show."""
    example = doctest.DocTestParser().get_doctest(documented.__doc__, dict(names), documented.__name__, None, None)
    assert example.examples, f"no example in the docstring of {documented!r}"
    said: list[str] = []
    doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    return said
