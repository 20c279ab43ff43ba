from __future__ import annotations

from typing import Any

import orjson
import pytest

from data_tools.filtering import (
    MAX_PAGE_NUMBER,
    MAX_PAGE_SIZE,
    PageSpec,
    SortSpec,
    parse_page,
    parse_sort,
)
from data_tools.filtering.exceptions import InvalidPagination, InvalidSort


@pytest.mark.parametrize(
    ("query", "number", "size"),
    [
        ({}, 1, 25),
        ({"page": ["3"]}, 3, 25),
        ({"page_number": ["3"]}, 3, 25),
        ({"pageSize": ["1"]}, 1, 1),
        ({"page_size": ["1000"]}, 1, MAX_PAGE_SIZE),
        ({"page": ["2"], "page_number": ["2"], "pageSize": ["5"], "page_size": ["5"]}, 2, 5),
        ({"page": ["007"]}, 7, 25),
        ({"page": [str(MAX_PAGE_NUMBER)]}, MAX_PAGE_NUMBER, 25),
        ({"unrelated": ["x", "y"]}, 1, 25),
    ],
)
def test_parse_page__reads_both_spellings(
    query: dict[str, list[str]], number: int, size: int
) -> None:
    assert parse_page(query) == PageSpec(page_number=number, page_size=size)


@pytest.mark.parametrize("name", ["page", "page_number", "pageSize", "page_size"])
@pytest.mark.parametrize(
    "text",
    ["abc", "", " ", "0", "-1", "1.5", "1e3", "+1", " 1", "1_0", "٣", "1" * 31, "NaN", "true"],
)
def test_parse_page__refuses_anything_but_whole_numbers_in_range(name: str, text: str) -> None:
    with pytest.raises(InvalidPagination) as refused:
        parse_page({name: [text]})

    assert refused.value.code == "INVALID_PAGINATION"
    assert refused.value.details["parameter"] in (name, {"page": "page_number"}.get(name))


@pytest.mark.parametrize(
    "query",
    [
        {"page": ["1"], "page_number": ["2"]},
        {"pageSize": ["10"], "page_size": ["20"]},
        {"page": ["1", "1"]},
        {"page_size": ["1", "2"]},
        {"page_size": ["1001"]},
        {"page": [str(MAX_PAGE_NUMBER + 1)]},
    ],
)
def test_parse_page__refuses_what_it_would_have_to_guess_or_clamp(
    query: dict[str, list[str]],
) -> None:
    with pytest.raises(InvalidPagination):
        parse_page(query)


@pytest.mark.parametrize("value", [0, -1, 1.0, "1", None, True, 10**30])
def test_page_spec__refuses_anything_but_whole_numbers_in_range(value: Any) -> None:
    with pytest.raises(InvalidPagination):
        PageSpec(page_number=value)
    with pytest.raises(InvalidPagination):
        PageSpec(page_size=value)


def test_page_spec__the_last_row_number_stays_within_64_bits() -> None:
    spec = PageSpec(page_number=MAX_PAGE_NUMBER, page_size=MAX_PAGE_SIZE)

    assert spec.offset + spec.page_size < 2**63


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ()),
        ({"sortField": [""], "sortOrder": [""]}, ()),
        ({"sortOrder": ["desc"]}, ()),
        ({"sortField": ["a"]}, (SortSpec(column_name="a"),)),
        ({"sortField": ["a"], "sortOrder": ["ASC"]}, (SortSpec(column_name="a"),)),
        (
            {"sortField": ["a"], "sortOrder": ["Desc"]},
            (SortSpec(column_name="a", descending=True),),
        ),
        ({"sort_by": ["a"]}, (SortSpec(column_name="a"),)),
        (
            {"sort_by": ["-a"], "sort_order": ["DESC"]},
            (SortSpec(column_name="-a", descending=True),),
        ),
        ({"sort_by": [""], "sort_order": [""], "filter": [""]}, ()),
        (
            {"sort_by": ["a"], "sortField": ["a"], "sortOrder": ["desc"], "sort_order": ["desc"]},
            (SortSpec(column_name="a", descending=True),),
        ),
        ({"sort_by": ["a"], "sortField": [""], "sort": ["a"]}, (SortSpec(column_name="a"),)),
        ({"sort": ["a"]}, (SortSpec(column_name="a"),)),
        ({"sort": ["-a"]}, (SortSpec(column_name="a", descending=True),)),
        ({"sort": ["--a"]}, (SortSpec(column_name="-a", descending=True),)),
        ({"sortField": ["-a"]}, (SortSpec(column_name="-a"),)),
        (
            {"sort": ["-a,b"]},
            (SortSpec(column_name="a", descending=True), SortSpec(column_name="b")),
        ),
        ({"sort": ["a", "b,c"]}, (SortSpec(column_name="a"), SortSpec(column_name="b,c"))),
        (
            {"sort": ['["-a,b", {"column": "-c"}, {"column": "[", "descending": true}]']},
            (
                SortSpec(column_name="a,b", descending=True),
                SortSpec(column_name="-c"),
                SortSpec(column_name="[", descending=True),
            ),
        ),
        (
            {
                "sort": [
                    '[{"column": "a", "locale": "de", "ignore_case": true, "descending": true}]'
                ]
            },
            (SortSpec(column_name="a", descending=True, locale="de", ignore_case=True),),
        ),
        (
            {"sort": ['[{"column": "a", "locale": null, "ignore_case": false}, "-b"]']},
            (SortSpec(column_name="a"), SortSpec(column_name="b", descending=True)),
        ),
        ({"sort": ["a:de:ci"]}, (SortSpec(column_name="a:de:ci"),)),
        ({"sort": [""], "sortField": ["[a,b"]}, (SortSpec(column_name="[a,b"),)),
        (
            {"sort": ["-a"], "sortField": ["a"], "sortOrder": ["desc"]},
            (SortSpec(column_name="a", descending=True),),
        ),
    ],
)
def test_parse_sort__reads_every_spelling(
    query: dict[str, list[str]], expected: tuple[SortSpec, ...]
) -> None:
    assert parse_sort(query) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"sortField": ["a"], "sortOrder": ["down"]},
        {"sortOrder": ["1"]},
        {"sort": ["a", "b"], "sortField": ["a"]},
        {"sort": ["a,b,c,d,e"]},
        {"sort": ["a", "b", "c", "d", "e"]},
        {"sort": ["a,-a"]},
        {"sort": ["[a"]},
        {"sort": ["[1]"]},
        {"sort": ['[{"column": "a", "order": "desc"}]']},
        {"sort": ['[{"column": "a", "descending": "yes"}]']},
        {"sort": ['[{"column": "a", "locale": "xx"}]']},
        {"sort": ['[{"column": "a", "locale": "de-DE"}]']},
        {"sort": ['[{"column": "a", "locale": ""}]']},
        {"sort": ['[{"column": "a", "locale": ["de"]}]']},
        {"sort": ['[{"column": "a", "locale": "de\'); --"}]']},
        {"sort": ['[{"column": "a", "ignore_case": "yes"}]']},
        {"sort": ['[{"column": "a", "ignore_case": null}]']},
        {"sort": ['[{"column": "a", "collation": "de"}]']},
        {"sort": ['[{"locale": "de"}]']},
        {"sort": ['[{"column": "a", "locale": "de"}, "a"]']},
        {"sort": ["x" * 100_001]},
        {"sortField": ["a", "a"]},
        {"sort": ["a"], "sortField": ["b"]},
        {"sort": ["a"], "sort_by": ["b"]},
        {"sortField": ["a"], "sort_by": ["b"]},
        {"sort_by": ["a", "a"]},
        {"sort_by": ["a"], "sort_order": ["down"]},
        {"sort_by": ["a"], "sortOrder": ["asc"], "sort_order": ["desc"]},
        {"sort": ["a"], "sortField": ["a"], "sortOrder": ["desc"]},
    ],
)
def test_parse_sort__refuses_what_it_would_have_to_guess(query: dict[str, list[str]]) -> None:
    with pytest.raises(InvalidSort) as refused:
        parse_sort(query)

    assert refused.value.code == "INVALID_SORT"


@pytest.mark.parametrize(
    ("sort", "path"),
    [
        ('["b", {"column": "a", "locale": "xx"}]', "sort[1].locale"),
        ('[{"column": "a", "ignore_case": 1}]', "sort[0].ignore_case"),
        ('[{"column": "a", "direction": "asc"}]', "sort[0].direction"),
        ('[{"column": 5}]', "sort[0]"),
    ],
)
def test_parse_sort__names_the_option_that_is_wrong(sort: str, path: str) -> None:
    with pytest.raises(InvalidSort) as refused:
        parse_sort({"sort": [sort]})

    assert refused.value.details["path"] == path
    assert path in str(refused.value)


@pytest.mark.parametrize(
    "sort",
    [
        SortSpec(column_name="a"),
        SortSpec(column_name="a", descending=True),
        SortSpec(column_name="-a", locale="de"),
        SortSpec(column_name="[", descending=True, locale="zh", ignore_case=True),
    ],
)
def test_parse_sort__reads_what_a_sort_is_written_as(sort: SortSpec) -> None:
    assert parse_sort({"sort": [orjson.dumps([sort.as_json()]).decode()]}) == (sort,)
