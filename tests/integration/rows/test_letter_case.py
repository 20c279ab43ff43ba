"""Letter case and trimming in this process are those of the database, for every letter there is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pyarrow as pa
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from data_tools.operations.letter_case import in_case, trimmed
from data_tools.operations.text import BLANKS
from data_tools.rows.packed_columns import PackedRows
from tests.support.reference_rows import Table
from tests.support.stored_blocks import stored_with_blocks

pytestmark = pytest.mark.django_db

LETTERS = [chr(at) for at in range(1, sys.maxunicode + 1) if not 0xD800 <= at < 0xE000]


def by_database(call: str, texts: list[str], *more: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {call} FROM unnest(%s::text[]) WITH ORDINALITY AS given (t, at) ORDER BY at",
            [*more, texts],
        )
        return [text for (text,) in cursor.fetchall()]


def column(texts: list[str]) -> pa.DictionaryArray:
    return pa.array(texts, pa.dictionary(pa.int32(), pa.string()))


def together(letters: list[str]) -> Iterator[list[str]]:
    """Yield letters one by one, and those where only ideographs and pictures are, 256 together."""
    yield from ([letter] for letter in letters if ord(letter) < 0x3000)
    rest = [letter for letter in letters if ord(letter) >= 0x3000]
    yield from (rest[at : at + 256] for at in range(0, len(rest), 256))


@pytest.mark.parametrize("case", ["lower", "upper"])
def test_every_letter_that_changes_here_changes_as_the_database_changes_it(
    db: None, case: str
) -> None:
    change = in_case(case)
    assert change is not None
    found: dict[str, str] = {}
    for letters in together(LETTERS):
        changed = change(column(letters))
        if changed is not None:
            found |= zip(letters, changed.to_pylist(), strict=True)

    assert list(found.values()) == by_database(f"data_tools_{case}(t)", list(found))
    assert len(found) > 30_000
    assert found.keys() >= set("aßÿİıſΣςЯ日한🎉")


def test_every_letter_that_the_database_trims_is_trimmed(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT chr(at) FROM generate_series(1, %s) AS at"
            " WHERE NOT at BETWEEN 55296 AND 57343 AND btrim(chr(at), %s) = ''",
            [sys.maxunicode, BLANKS],
        )
        expected = [letter for (letter,) in cursor.fetchall()]

    found = trimmed("both", BLANKS)(column(LETTERS))

    assert found is not None
    assert [each for each, text in zip(LETTERS, found.to_pylist(), strict=True) if not text] == (
        expected
    )


@pytest.mark.parametrize(
    ("side", "call"), [("both", "btrim"), ("start", "ltrim"), ("end", "rtrim")]
)
def test_texts_are_trimmed_at_the_same_end(db: None, side: str, call: str) -> None:
    texts = [f"{blank}{other}a{blank}" for blank in BLANKS for other in f"{BLANKS}\u200b日"]

    found = trimmed(side, BLANKS)(column(texts))

    assert found is not None
    assert found.to_pylist() == by_database(f"{call}(t, %s)", texts, BLANKS)


WORDS = st.text("aAéÉßẞİıſΣς \u3000\u00a0日", max_size=4)


@given(texts=st.lists(st.none() | WORDS, max_size=12), case=st.sampled_from(["lower", "upper"]))
def test_equal_texts_become_one_and_are_in_order(texts: list[str | None], case: str) -> None:
    for change in (in_case(case), trimmed("both", BLANKS)):
        assert change is not None

        found = change(column(texts))

        assert found is not None
        distinct = found.dictionary.to_pylist()
        assert distinct == sorted(set(distinct), key=lambda text: text.encode())
        assert found.is_null().to_pylist() == [text is None for text in texts]


def test_a_letter_that_a_later_unicode_may_change_is_left_to_the_database(db: None) -> None:
    rows = stored_with_blocks(Table(["t"], ["text"], [["a"], ["\u019b"], [None]]))
    upper = rows.after(rows.prepare("change_case", {"columns": ["t"], "case": "upper"}))
    change: Callable[..., pa.Array | None] | None = in_case("upper")
    assert change is not None
    assert change(column(["\u019b"])) is None

    [values] = PackedRows(upper).columns([upper.columns[0].key], may_scan=False) or [None]

    assert values is not None
    assert values.values.to_pylist() == ["A", "\u019b", None]
