"""How many bytes the rows of an answer may take, and queries that return no more.

Note [Room for rows]
    An answer has at most ANSWER_MAX_BYTES, and rows are counted before they leave the database, so
    that no process ever holds more. A first read gives each row an equal share of the room, at the
    cost of one comparison for each row, and is enough for most pages. Only if a row exceeds its
    share, even with its long texts cut, does a second read add up the rows and stop at the first
    that does not fit. With that sum, a read of a thousand rows took 6.4 ms instead of 3.6 (2 vCPU,
    PostgreSQL 18, 2026-11-29).

    A text of more than SHOWN_CELL_CHARACTERS is cut, and the page says where. In a table with very
    many columns of text the limit is lower, so that one row always fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson
from django.conf import settings

from data_tools.columns import ColumnType
from data_tools.exceptions import AnswerTooLarge
from data_tools.sql.fragment import Sql, sql
from session_events.events import Column

NO_ROOM = ""
"""What a query returns in place of a row that does not fit; the text of a row is never empty."""

# More than any row takes: PostgreSQL's texts have at most a gigabyte.
_ENDLESS = 1 << 30
# The share of an answer that rows may take; the rest is for everything else in it.
_SHARE_OF_ROWS = 15 / 16
_BYTES_PER_CHARACTER = 6  # JSON writes a control character as \u0001
_BYTES_PER_VALUE = 32  # a number, a date or a short text, with its comma
# Added for each cell, because even a short one takes time and a hundred bytes while its row is read
# and written, however few bytes it has.
_BYTES_OF_MEMORY = 8
_BYTES_PER_MARK = 50  # the mark of a text that was cut, without the column's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Room for `total_bytes` of rows as JSON; each row counts `bytes_per_row` beyond its own text.

    `smallest_row` is the shortest text that a row can have, in bytes. Texts of more than
    `longest_text` characters are cut.
    """

    total_bytes: int
    bytes_per_row: int = 0
    smallest_row: int = 2
    longest_text: int = _ENDLESS

    @classmethod
    def of_an_answer(cls, columns: Sequence[Column]) -> Room:
        """Return the room for rows of these columns, each an object by column name.

        Raises:
            AnswerTooLarge: the names of the columns alone leave no room for a row.
        """
        name_bytes = sum(len(orjson.dumps(column.name)) + len(":,") for column in columns)
        # The names are also in two lists, in one of them with their types.
        besides = 2 * name_bytes + _BYTES_PER_VALUE * len(columns)
        total = int(settings.BUDGETS["ANSWER_MAX_BYTES"] * _SHARE_OF_ROWS) - besides
        texts = sum(column.type == ColumnType.TEXT for column in columns)
        row_bytes = name_bytes + _BYTES_OF_MEMORY * len(columns)
        # For one row in which every text is cut and marked.
        marks_bytes = _BYTES_PER_MARK * texts
        for_texts = total - name_bytes - row_bytes - _BYTES_PER_VALUE * len(columns) - marks_bytes
        longest = settings.BUDGETS["SHOWN_CELL_CHARACTERS"]
        if texts:
            longest = min(longest, for_texts // (_BYTES_PER_CHARACTER * texts))
        if for_texts <= 0 or longest <= 0:
            raise AnswerTooLarge.with_room_for(0)
        return cls(
            total_bytes=total,
            bytes_per_row=row_bytes,
            smallest_row=2 * len(columns),
            longest_text=longest,
        )

    @classmethod
    def of_a_cell(cls) -> Room:
        """Return the room for one whole cell."""
        return cls(total_bytes=int(settings.BUDGETS["ANSWER_MAX_BYTES"] * _SHARE_OF_ROWS))

    @property
    def most_rows(self) -> int:
        """The most rows that could fit, however short they are; at least 1."""
        return max(1, self.total_bytes // (self.bytes_per_row + self.smallest_row))

    @property
    def without_end(self) -> Room:
        return replace(self, total_bytes=_ENDLESS)

    def of_at_most(self, total_bytes: int) -> Room:
        return replace(self, total_bytes=min(self.total_bytes, total_bytes))

    def mark_bytes(self, name: str) -> int:
        """Return how many bytes the mark of a cut text takes, for a column of this name."""
        return _BYTES_PER_MARK + len(orjson.dumps(name))

    def in_shares(self, rows: Sql, size: int) -> Sql:
        """Query `json`, `n` and `at` of `rows`, with NO_ROOM for a row over its share of `size`."""
        share = max(0, self.total_bytes // size - self.bytes_per_row)
        return sql(
            """
            SELECT
                CASE
                    WHEN octet_length(page.json) <= {share} THEN page.json
                    ELSE data_tools_shown_row(page.json, {longest_text}, {share})
                END AS json,
                page.n,
                page.at
            FROM (
                {rows}
                OFFSET 0
            ) AS page
            """,
            rows=rows,
            share=share,
            longest_text=self.longest_text,
        )

    def in_order(self, rows: Sql) -> Sql:
        """Query `json`, `n` and `at` of `rows`, with NO_ROOM from the first that does not fit."""
        return sql(
            """
            SELECT
                CASE
                    WHEN sum(octet_length(page.json) + {bytes_per_row}) OVER (
                        ORDER BY page.at ROWS UNBOUNDED PRECEDING
                    ) <= {total_bytes} AND page.json <> ''
                    THEN page.json
                    ELSE ''
                END AS json,
                page.n,
                page.at
            FROM (
                SELECT
                    data_tools_shown_row(whole.json, {longest_text}, {total_bytes}) AS json,
                    whole.n,
                    whole.at
                FROM (
                    {rows}
                ) AS whole
                OFFSET 0
            ) AS page
            """,
            rows=rows,
            longest_text=self.longest_text,
            bytes_per_row=self.bytes_per_row,
            total_bytes=self.total_bytes,
        )
