"""Sequences whose values exist only while somebody looks at them.

Note [Values on demand]
    The values of a large page take up to twenty times the memory of its JSON. So a page keeps each
    row as the JSON that the database sent, and the renderer has its values made one row at a time,
    as it writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, overload

Source = TypeVar("Source")
Value = TypeVar("Value")


class OnDemand(Sequence[Value], Generic[Source, Value]):
    """A sequence that computes each value with `make` every time it is read.

    Equal to a list of the same values.
    """

    __slots__ = ("_make", "_sources")

    def __init__(self, make: Callable[[Source], Value], sources: Sequence[Source]) -> None:
        self._make = make
        self._sources = sources

    def __len__(self) -> int:
        return len(self._sources)

    @overload
    def __getitem__(self, at: int) -> Value: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Value]: ...
    def __getitem__(self, at: int | slice) -> Value | Sequence[Value]:
        if isinstance(at, slice):
            return OnDemand(self._make, self._sources[at])
        return self._make(self._sources[at])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, list | OnDemand) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))

    @property
    def items(self) -> list[Item]:
        """Each value as an object that makes it."""
        return [Item(self, at) for at in range(len(self))]


class Item:
    """One value of a sequence, made when it is asked for. No dataclass: orjson writes those out."""

    __slots__ = ("_at", "_values")

    def __init__(self, values: OnDemand[Any, Any], at: int) -> None:
        self._values = values
        self._at = at

    @property
    def value(self) -> Any:
        return self._values[self._at]
