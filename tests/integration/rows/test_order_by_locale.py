"""Texts in the order of a language, and without regard to case."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from data_tools.exceptions import RequestRejected
from data_tools.filtering import LOCALES, Selection, SortSpec, filter_from_json
from data_tools.models import RowList
from data_tools.rows.lists import sorting
from data_tools.rows.lists.locale_order import ranks_by_locale
from data_tools.rows.session_rows import SessionRows
from tests.support.reference_rows import Table
from tests.support.stored_rows import all_rows, stored

pytestmark = pytest.mark.django_db


def column(values: list[Any], column_type: str = "text") -> SessionRows:
    rows = [[value, at] for at, value in enumerate(values)]
    return stored(Table(names=["x", "n"], types=[column_type, "integer"], rows=rows))


def by(**sort: Any) -> Selection:
    return Selection(sorts=(SortSpec(column_name="x", **sort),))


def ordered(values: list[Any], **sort: Any) -> list[Any]:
    return [row[0] for row in all_rows(column(values), 3, selection=by(**sort))]


WORDS = {
    None: ["A", "Z", "a", "o", "z", "Ä", "Ö", "ä", "å", "ö"],
    "de": ["a", "A", "å", "ä", "Ä", "o", "ö", "Ö", "z", "Z"],
    "sv": ["a", "A", "o", "z", "Z", "å", "ä", "Ä", "ö", "Ö"],
    "cs": ["cena", "čas", "dub", "hora", "chata", "idea"],
    "es": ["llama", "lz", "nz", "ñu", "o"],
    "tr": ["h", "ı", "I", "i", "İ", "j"],
    "et": ["s", "š", "z", "ž", "t", "u"],
    "da": ["a", "z", "æ", "ø", "å"],
    "lt": ["i", "y", "k"],
    "zh": ["阿", "北", "中"],  # by their sounds
    "en": ["10", "9", "co-op", "coop", "resume", "Resume", "résumé", "Résumé"],
}


@pytest.mark.parametrize(("locale", "words"), WORDS.items(), ids=str)
def test_each_language_has_an_order_of_its_own(locale: str | None, words: list[str]) -> None:
    shuffled = words[1::2] + words[::2]

    assert ordered([*shuffled, None], locale=locale) == [*words, None]
    assert ordered([None, *shuffled], locale=locale, descending=True) == [*words[::-1], None]


@pytest.mark.parametrize("locale", [None, *LOCALES])
def test_texts_that_differ_in_case_alone_are_equal_and_stay_in_row_order(
    locale: str | None,
) -> None:
    values = ["b", "A", None, "B", "a", "É", "é"]

    up = ordered(values, locale=locale, ignore_case=True)
    down = ordered(values, locale=locale, ignore_case=True, descending=True)

    assert up == ["A", "a", "b", "B", "É", "é", None]
    assert [text for text in down if text in ("a", "A")] == ["A", "a"]
    assert down[-1] is None


def test_a_turkish_i_has_the_case_that_turkish_gives_it() -> None:
    assert ordered(["i", "I", "İ", "ı"], locale="tr", ignore_case=True) == ["I", "ı", "i", "İ"]
    assert ordered(["i", "I", "İ", "ı"], locale="de", ignore_case=True)[:2] == ["i", "I"]


def test_all_pages_together_are_exactly_the_rows_under_a_filter_and_with_other_sorts() -> None:
    texts = ["".join(letters) for letters in itertools.product("aäAz", repeat=3)]
    table = Table(
        ["x", "n", "y"],
        ["text", "integer", "text"],
        [[texts[(at * 7) % 64], at % 3, None if at % 5 else texts[at % 64]] for at in range(150)],
    )
    rows = stored(table)
    condition = [{"column": "x", "op": "contains", "value": "ä"}]
    sorts = (
        SortSpec(column_name="x", locale="de", ignore_case=True),
        SortSpec(column_name="n", descending=True),
        SortSpec(column_name="y", locale="sv", descending=True),
    )

    read = all_rows(rows, 7, selection=Selection(filter=filter_from_json(condition), sorts=sorts))

    expected = [row for row in table.rows if "ä" in row[0]]
    present = sorted({row[2] for row in expected if row[2] is not None})
    swedish = dict(zip(present, ranks_by_locale(present, "sv", ignore_case=False), strict=True))
    german = dict(zip(texts, ranks_by_locale(texts, "de", ignore_case=True), strict=True))
    expected.sort(
        key=lambda row: (
            german[row[0]],
            -row[1],
            row[2] is None,
            -int(swedish.get(row[2], 0)),
        )
    )
    assert read == expected
    assert len(read) > 50


def test_each_order_is_kept_apart_from_the_others() -> None:
    rows = column(["z", "ä", "a", "Z"])
    options: list[dict[str, Any]] = [
        {},
        {"locale": "de"},
        {"locale": "sv"},
        {"ignore_case": True},
        {"locale": "de", "ignore_case": True},
    ]

    first, again = (
        [[row[0] for row in all_rows(rows, selection=by(**option))] for option in options]
        for _ in range(2)
    )

    assert first == again
    assert first[:3] == [["Z", "a", "z", "ä"], ["a", "ä", "z", "Z"], ["a", "z", "Z", "ä"]]
    assert RowList.objects.count() == len(options)


def test_long_texts_are_compared_by_their_first_thousand_characters() -> None:
    start = "ä" * sorting.COMPARED_CHARACTERS
    values = [start + "b", start + "a", "ä", start[:-1] + "z"]

    assert [value[-1] for value in ordered(values, locale="de")] == ["ä", "b", "a", "z"]


def test_more_text_than_fits_into_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorting, "MOST_CHARACTERS", 200)

    assert ordered(["b", "a", "c"], locale="de") == ["a", "b", "c"]
    with pytest.raises(RequestRejected) as refused:
        ordered(["b", "a", "c", "d"], locale="de")

    assert refused.value.code == "INVALID_SORT"
    assert refused.value.details == {"locale": "de", "maximum": 200}


@pytest.mark.parametrize("column_type", ["integer", "float", "boolean", "date", "datetime"])
@pytest.mark.parametrize("option", [{"locale": "de"}, {"ignore_case": True}])
def test_only_texts_have_a_language(column_type: str, option: dict[str, Any]) -> None:
    with pytest.raises(RequestRejected) as refused:
        all_rows(column([None], column_type), selection=by(**option))

    assert refused.value.code == "INVALID_SORT"
    assert refused.value.details == {"column": "x", "option": next(iter(option))}


def test_no_texts_at_all_can_be_ordered() -> None:
    assert ordered([], locale="de") == []
    assert ordered([None, None], locale="de", ignore_case=True) == [None, None]
    assert ordered([""], locale="ja") == [""]
