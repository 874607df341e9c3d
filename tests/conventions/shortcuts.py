"""Find what makes a test hard to move or to trust: imports of another test, and writes to private attributes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

SETS = frozenset({"setattr", "delattr", "__setattr__", "__delattr__"})
"""Functions and methods, also of ``monkeypatch``, that write to the attribute that they name."""

CHANGES = frozenset(
    {
        *("add", "append", "appendleft", "cache_clear", "clear", "discard", "extend", "forget", "insert", "pop"),
        *("popitem", "popleft", "remove", "set", "setdefault", "update"),
    }
)
"""Methods that change what they are called on."""

ITEMS = frozenset({"setitem", "delitem"})
"""Methods of ``monkeypatch`` that change their first argument."""

OURS = "airflow_provider_orgauth"


def imports_of_tests(source: str) -> list[int]:
    """Return the lines that import from a test or a conftest: what several tests use is a helper's, or a fixture.

    A private name of the package counts, too: whoever imports it can change it unseen.
    """
    return sorted({node.lineno for node in ast.walk(ast.parse(source)) if _is_shortcut(node)})


def private_writes(source: str) -> list[int]:
    """Return the lines that write to a private attribute of something else than ``self`` or ``cls``.

    What a test sets there need not be what a process ever has. It passes a parameter, or brings the real thing about.
    """
    return sorted({node.lineno for node in ast.walk(ast.parse(source)) if _writes(node)})


def _is_shortcut(node: ast.AST) -> bool:
    match node:
        case ast.Import(names=names):
            return any(_is_test(alias.name) for alias in names)
        case ast.ImportFrom(module=module, names=names):
            is_ours = (module or "").partition(".")[0] == OURS
            return any(
                _is_test(module or "") or _is_test(alias.name) or (is_ours and _is_private(alias.name))
                for alias in names
            )
        case ast.Call(args=[ast.Constant(value=str(name)), *_]):
            return _name(node.func) in {"import_module", "__import__"} and _is_test(name)
    return False


def _is_test(module: str) -> bool:
    return any(part.startswith("test_") or part == "conftest" for part in module.split("."))


def _writes(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(ctx=ast.Store() | ast.Del()):
            return _is_reached(node)
        case ast.Subscript(ctx=ast.Store() | ast.Del(), value=value, slice=key):
            return _is_reached(value) or (_is_dict_of_attributes(value) and _names_a_private(key))
        case ast.Call(func=function, args=args):
            name = _name(function)
            if name in SETS:
                return any(map(_names_a_private, args[:2])) or any(map(_is_reached, args[:1]))
            if name in ITEMS:
                return any(map(_is_reached, args[:1]))
            return name in CHANGES and isinstance(function, ast.Attribute) and _is_reached(function.value)
    return False


def _is_reached(node: ast.expr) -> bool:
    """Tell whether the way to a value leads over a private attribute of something else than ``self`` or ``cls``."""
    return any(
        _is_private(step.attr) and not (isinstance(step.value, ast.Name) and step.value.id in {"self", "cls"})
        for step in _way(node)
        if isinstance(step, ast.Attribute)
    )


def _way(node: ast.expr) -> Iterator[ast.expr]:
    yield node
    match node:
        case ast.Attribute(value=before) | ast.Subscript(value=before) | ast.Call(func=before):
            yield from _way(before)


def _is_dict_of_attributes(node: ast.expr) -> bool:
    return _name(node) == "__dict__" or (isinstance(node, ast.Call) and _name(node.func) == "vars")


def _names_a_private(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_private(node.value.rpartition(".")[2])


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
