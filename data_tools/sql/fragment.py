"""A piece of SQL with its bound parameters, as one immutable value.

SQL text comes only from literals in this code base: `make lint` refuses any other text (Note
[Literals only]). Whatever a user chose travels as a bound parameter, or as an integer position of
ours. docs/decisions/0002 says why this is neither the ORM nor `psycopg2.sql`.

Note [Literals only]
    `Sql`, `sql` and `joined` take `LiteralString` (PEP 675): text that is written out in the
    source, never a variable that might hold what somebody typed. To mypy a `LiteralString` is any
    `str`, so basedpyright checks it; `tests/unit/test_literal_sql.py` shows that it does.
"""

from __future__ import annotations

import functools
import inspect
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, LiteralString


@dataclass(frozen=True, slots=True)
class Sql:
    """SQL text with `%s` placeholders, and the parameters of those placeholders in order."""

    text: LiteralString
    parameters: tuple[Any, ...] = ()


def sql(template: LiteralString, /, **parts: Sql) -> Sql:
    """Fill a template: `{name}` stands for the part of that name, `{{` and `}}` for a brace.

    A template over several lines is dedented. Parameters come in the order of their placeholders.

    Raises:
        KeyError: the template names a part that was not given.
        ValueError: the template holds a `%`, which the driver would take for a placeholder.
    """
    texts: list[str] = []
    parameters: list[Any] = []
    for text, name in _parsed(template):
        texts.append(text)
        if name is not None:
            part = parts[name]
            texts.append(part.text)
            parameters.extend(part.parameters)
    return _of_ours("".join(texts), parameters)


def joined(separator: LiteralString, pieces: Iterable[Sql]) -> Sql:
    """Join the pieces with `separator` between them."""
    listed = list(pieces)
    return _of_ours(
        separator.join(piece.text for piece in listed),
        (parameter for piece in listed for parameter in piece.parameters),
    )


def bound(value: Any) -> Sql:
    """Return a placeholder that carries `value`."""
    return Sql("%s", (value,))


def number(value: int) -> Sql:
    """Write out an integer of ours, such as a column's position."""
    return _of_ours(str(int(value)))


def one_of(choices: Mapping[str, LiteralString], choice: str) -> Sql:
    """Return the literal that `choices` has for `choice`. Raises KeyError for any other choice."""
    return Sql(choices[choice])


def _of_ours(text: str, parameters: Iterable[Any] = ()) -> Sql:
    """Wrap text that was put together from literals and integers alone; only for this module."""
    literal: LiteralString = text  # pyright: ignore[reportAssignmentType]
    return Sql(literal, tuple(parameters))


@functools.cache  # templates are literals, so there are only as many as the source has
def _parsed(template: str) -> tuple[tuple[str, str | None], ...]:
    if "%" in template:
        raise ValueError(f"“%” is for placeholders alone; bind the value: {template}")
    return tuple(
        (text, name) for text, name, _, _ in string.Formatter().parse(inspect.cleandoc(template))
    )


def compose(*pieces: LiteralString | Sql) -> Sql:
    """To be removed: use `sql`."""
    return joined("", [piece if isinstance(piece, Sql) else Sql(piece) for piece in pieces])
