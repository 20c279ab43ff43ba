"""A piece of SQL with its bound parameters, as one immutable value.

Text comes only from this code base; whatever a user chose travels as a bound parameter or as an
integer position of ours. See docs/decisions/0002 for why it is not the ORM and not psycopg2.sql.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, LiteralString


@dataclass(frozen=True, slots=True)
class Sql:
    """SQL text with `%s` placeholders, and the parameters of those placeholders in order."""

    text: str
    parameters: tuple[Any, ...] = ()

    def __add__(self, other: Sql) -> Sql:
        return Sql(self.text + other.text, self.parameters + other.parameters)


def compose(*pieces: LiteralString | Sql) -> Sql:
    """The pieces one after another; a plain string is SQL text and must be a literal of ours."""
    texts: list[str] = []
    parameters: list[Any] = []
    for piece in pieces:
        if isinstance(piece, Sql):
            texts.append(piece.text)
            parameters.extend(piece.parameters)
        else:
            texts.append(piece)
    return Sql("".join(texts), tuple(parameters))


def joined(separator: LiteralString, pieces: Iterable[Sql]) -> Sql:
    """The pieces with `separator` between them."""
    listed = list(pieces)
    return Sql(
        separator.join(piece.text for piece in listed),
        tuple(parameter for piece in listed for parameter in piece.parameters),
    )


def bound(value: Any) -> Sql:
    """A placeholder that carries `value`."""
    return Sql("%s", (value,))


def number(value: int) -> Sql:
    """An integer of ours, a column's position say, written out."""
    return Sql(str(int(value)))
