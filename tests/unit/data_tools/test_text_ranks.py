"""The distinct texts of several dictionaries, ranked by code point."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_tools.figures import text_ranks as module
from data_tools.figures.text_ranks import text_ranks

# What the database cannot store is in no text.
CHARACTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
# Texts that agree for long, end within a word and at its end, and differ in bytes with a sign.
PIECES = st.sampled_from(
    ("", "a", "ab", "abcdefgh", "abcdefghabcdefgh", "é", "\uffee", "\U0001f600")
)
TEXTS = st.lists(PIECES | st.text(CHARACTERS, max_size=2), max_size=5).map("".join)


def dictionary_of(texts: list[str]) -> pa.StringArray:
    """Return texts as a block has them; Python's order of texts is that of code points."""
    return pa.array(sorted(set(texts)), pa.string())


@pytest.mark.parametrize(
    ("most_words", "most_bytes"), [(1, 1 << 30), (2, 1 << 30), (16, 1 << 30), (16, 0)]
)
@given(
    blocks=st.lists(st.lists(TEXTS, max_size=12), max_size=4), begins=st.sampled_from(("", "x" * 9))
)
def test_texts_of_all_dictionaries_are_ranked_together(
    most_words: int, most_bytes: int, blocks: list[list[str]], begins: str
) -> None:
    dictionaries = [dictionary_of([begins + text for text in block]) for block in blocks]
    expected = sorted({text for each in dictionaries for text in each.to_pylist()})

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(module, "_MOST_WORDS", most_words)
        monkeypatch.setattr(module, "_MOST_MERGED_BYTES", most_bytes)
        ranks = text_ranks(dictionaries)

    assert ranks.texts.to_pylist() == expected
    for texts, of_texts in zip(dictionaries, ranks.of_dictionaries, strict=True):
        assert [expected[rank] for rank in of_texts] == texts.to_pylist()


def test_a_dictionary_may_be_a_part_of_an_array() -> None:
    whole = pa.array(["0", "a", "b", "c", "d"])

    ranks = text_ranks([whole.slice(1, 2), whole.slice(2, 2)])

    assert [each.tolist() for each in ranks.of_dictionaries] == [[0, 1], [1, 2]]
    assert ranks.texts.to_pylist() == ["a", "b", "c"]


def test_texts_that_most_dictionaries_have_are_put_in_order_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(module, "_Merged")
    blocks = [["a", "b", "c"], ["a", "c", "d"], ["b", "c", "d"], ["a", "b", "d"]]

    ranks = text_ranks([dictionary_of(block) for block in blocks])

    assert [each.tolist() for each in ranks.of_dictionaries] == (
        [[0, 1, 2], [0, 2, 3], [1, 2, 3], [0, 1, 3]]
    )
    assert ranks.texts.to_pylist() == ["a", "b", "c", "d"]
