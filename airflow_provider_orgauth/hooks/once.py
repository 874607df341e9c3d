"""A property that is worked out once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Generic, Protocol, Self, TypeVar, overload

T = TypeVar("T")


class Maker(Protocol):
    """An object that has such properties."""

    @property
    def making(self) -> AbstractContextManager[Any]:
        """A reentrant lock: of many threads, one works out a property, and all have the same."""


class once(Generic[T]):
    """``functools.cached_property`` with a lock per object, which its owner makes again in a forked child.

    Up to Python 3.11 that has one lock for all objects of a class, which a child may find locked for ever; from 3.12 on
    it has none, and two threads may work out two sessions.
    """

    def __init__(self, function: Callable[[Any], T]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: Maker, owner: type) -> T: ...

    def __get__(self, instance: Maker | None, owner: type) -> Self | T:
        """Return the value, and see that Python finds it without coming here again."""
        if instance is None:
            return self
        with instance.making:
            known = vars(instance)
            if self._name not in known:
                known[self._name] = self._function(instance)
            value: T = known[self._name]
            return value
