"""A piece of SQL with its bound parameters, as one immutable value.

SQL text comes only from literals in this code base: `make lint` refuses any other text (Note
[Literals only]). Any other value that is put into a template, such as a user's, is bound as a
parameter; the only numbers written out are our own, such as the position of a column (`number`).
docs/decisions/0002 says why this is neither the ORM nor a library that builds SQL.

Note [Literals only]
    `Sql`, `sql` and `joined` take `LiteralString` (PEP 675): text that is written out in the
    source, never a variable that might hold what somebody typed. To mypy a `LiteralString` is any
    `str`, so basedpyright checks it; `tests/unit/test_literal_sql.py` shows that it does.

Note [Layout]
    Statements are written over several lines and sent as they are written, so that a log or a
    golden file shows them as the source does. What must not depend on line breaks, a digest or a
    limit, looks at `Sql.one_line`.
"""

from __future__ import annotations

import functools
import inspect
import re
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, LiteralString
from uuid import UUID

from data_tools.row_tables import names

Scalar = str | int | float | Decimal | UUID | None

_LINE_BREAK = re.compile(r"\n *")


@dataclass(frozen=True, slots=True)
class Sql:
    """SQL text with `%s` placeholders, and the parameters of those placeholders in order."""

    text: LiteralString
    parameters: tuple[Any, ...] = ()

    @property
    def one_line(self) -> str:
        """The text without line breaks and indentation. See Note [Layout]."""
        text = _LINE_BREAK.sub("\n", self.text)
        for bracket in "([":
            text = text.replace(f"{bracket}\n", bracket)
        for bracket in ")]":
            text = text.replace(f"\n{bracket}", bracket)
        return text.replace("\n", " ")


def sql(template: LiteralString, /, **parts: Sql | Scalar | Sequence[Scalar]) -> Sql:
    """Fill a template: `{name}` stands for the part of that name, `{{` and `}}` for a brace.

    A part that is not `Sql` is a value: it is bound, and never becomes text. A template over
    several lines is dedented, and a part over several lines is indented as the line that it stands
    in. Parameters come in the order of their placeholders.

    Raises:
        KeyError: the template names a part that was not given.
        ValueError: the template holds a `%`, which the driver would take for a placeholder.
    """
    texts: list[str] = []
    parameters: list[Any] = []
    for text, name, line_break in _parsed(template):
        texts.append(text)
        if name is not None:
            part = parts[name]
            if not isinstance(part, Sql):
                part = bound(part)
            texts.append(part.text.replace("\n", line_break) if line_break else part.text)
            parameters += part.parameters
    return _of_ours("".join(texts), parameters)


def joined(separator: LiteralString, pieces: Iterable[Sql]) -> Sql:
    """Join the pieces with `separator` between them."""
    listed = list(pieces)
    return _of_ours(
        separator.join([piece.text for piece in listed]),
        (parameter for piece in listed for parameter in piece.parameters),
    )


def bound(value: Scalar | Sequence[Scalar]) -> Sql:
    """Return a placeholder that carries `value`; a UUID as its text."""
    return Sql("%s", (str(value) if isinstance(value, UUID) else value,))


def number(value: int) -> Sql:
    """Write out an integer of our own, such as a column's position."""
    return _of_ours(str(int(value)))


def own_rows_table(dataset_id: UUID, revision: int) -> Sql:
    """Name the table of a revision's own rows: hexadecimal digits and an integer."""
    return _of_ours(names.own_table(dataset_id, revision))


def _of_ours(text: str, parameters: Iterable[Any] = ()) -> Sql:
    """Wrap text that was put together from literals and integers alone; only for this module."""
    literal: LiteralString = text  # pyright: ignore[reportAssignmentType]
    return Sql(literal, tuple(parameters))


@functools.cache  # templates are literals, so there are only as many as the source has
def _parsed(template: str) -> tuple[tuple[str, str | None, str | None], ...]:
    """Split a template into texts, each with the name of the part that follows it.

    Third is what a line break in that part becomes, None where the line is not indented.
    """
    if "%" in template:
        raise ValueError(f"“%” is for placeholders alone; bind the value: {template}")
    pieces: list[tuple[str, str | None, str | None]] = []
    line = ""
    for text, name, _, _ in string.Formatter().parse(inspect.cleandoc(template)):
        line = (line + text).rpartition("\n")[2]
        indentation = line[: len(line) - len(line.lstrip(" "))]
        pieces.append((text, name, f"\n{indentation}" if indentation else None))
        line += "{}"
    return tuple(pieces)
