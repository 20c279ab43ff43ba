"""Replacement in texts: by regular expressions within a time, and without regard to case."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools.exceptions import RequestRejected
from data_tools.operations import regular_expressions
from data_tools.rows.session_rows import SessionRows
from tests.support.examples import examples
from tests.support.reference_rows import Table
from tests.support.stored_rows import all_rows, stored

pytestmark = pytest.mark.django_db


ODD = "a" * 1_001 + "b"  # cannot be something twice, which takes long to find out


def column(values: list[Any], column_type: str = "text") -> SessionRows:
    return stored(Table(names=["x"], types=[column_type], rows=[[value] for value in values]))


def replaced(values: list[Any], name: str = "regex_replace", **parameters: Any) -> list[Any]:
    rows = column(values)
    prepared = rows.prepare(name, {"columns": ["x"], **parameters})
    after = [row[0] for row in all_rows(rows.after(prepared))]
    changed = sum(a != b for a, b in zip(values, after, strict=True))
    assert prepared.cells_changed == changed
    return after


def refusal(values: list[Any], column_type: str = "text", **parameters: Any) -> RequestRejected:
    with pytest.raises(RequestRejected) as refused:
        column(values, column_type).prepare("regex_replace", {"columns": ["x"], **parameters})
    return refused.value


@pytest.mark.parametrize(
    ("text", "pattern", "replacement", "expected"),
    [
        ("2013-01-31", r"(\d+)-(\d+)-(\d+)", r"\3.\2.\1", "31.01.2013"),
        ("a b  c", r"\s+", "", "abc"),
        ("price: 5", r"(?<=: )\d", "6", "price: 6"),
        ("aaa", "a", r"<\&>", "<a><a><a>"),
        ("a/b", "/", r"\\", "a\\b"),
        ("$1", r"\$1", "$2", "$2"),
        ("abcabc", r"(b)c", r"\1\1", "abbabb"),
        ("abc", "x*", "-", "-a-b-c-"),
        ("a\nb", "a.b", "", ""),
        ("a\nb", "^b", "x", "a\nb"),
        ("Ätsch", r"^\w", "ä", "ätsch"),
        ("", "^$", "empty", "empty"),
        ("none", "x", "y", "none"),
        ("aXbXc", "x", "", "aXbXc"),
        ("100%", "%", "%s", "100%s"),
        ("'; DROP", "'", "''", "''; DROP"),
    ],
)
def test_a_pattern_is_replaced(text: str, pattern: str, replacement: str, expected: str) -> None:
    values = [text, None]

    assert replaced(values, pattern=pattern, replacement=replacement) == [expected, None]


def test_only_the_first_match_or_any_case_on_request() -> None:
    values = ["Anna", "ANA", "banana"]

    assert replaced(values, pattern="a", ignore_case=True) == ["nn", "N", "bnn"]
    assert replaced(values, pattern="a", matches="first") == ["Ann", "ANA", "bnana"]
    assert replaced(values, pattern="a", matches="first", ignore_case=True) == [
        "nna",
        "NA",
        "bnana",
    ]


@settings(max_examples=examples(30))
@given(
    text=st.text("ab1 .-", max_size=12),
    pattern=st.lists(
        st.sampled_from(
            ("a", "b", "[ab]", "[^a]", r"\d", ".", "(a|1)", "b*", "a+", "-?", "^", "$")
        ),
        min_size=1,
        max_size=4,
    ).map("".join),
    first=st.booleans(),
)
def test_simple_patterns_replace_as_in_python(
    db: None, text: str, pattern: str, first: bool
) -> None:
    """No alternative here is longer than another, so the longest match is the first of Python."""
    after = replaced([text], pattern=pattern, matches="first" if first else "all")

    assert after == [re.sub(pattern, "", text, count=int(first))]


@pytest.mark.parametrize(
    ("pattern", "replacement", "path", "says"),
    [
        ("(", "", "pattern", "parentheses"),
        ("[a", "", "pattern", "brackets"),
        ("a{2,1}", "", "pattern", "repetition"),
        ("*a", "", "pattern", "quantifier"),
        ("a\\", "", "pattern", "escape"),
        ("a)|(b", "", "pattern", "parentheses"),
        ("(((a{1,200}){1,200}){1,200}){1,200}", "", "pattern", "too complex"),
        ("(" * 1_000 + ")" * 999, "", "pattern", "parentheses"),
        ("(?i)a", "", "pattern", "ignore_case"),
        ("***=a", "", "pattern", "ignore_case"),
        ("", "", "pattern", "1 to 10,000 characters"),
        ("a", r"\1", "replacement", "0 groups"),
        ("(?:a)(b)", r"\2", "replacement", "1 groups"),
        ("a", r"\0", "replacement", r"\0"),
        ("a", r"\n", "replacement", r"\n"),
        ("a", "\\", "replacement", "backslash"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    pattern: str, replacement: str, path: str, says: str
) -> None:
    refused = refusal(["a"], pattern=pattern, replacement=replacement)

    assert refused.code == "INVALID_PARAMETER"
    assert refused.details["path"] == path
    assert says in str(refused)


@pytest.mark.parametrize("column_type", ["integer", "float", "boolean", "date", "datetime"])
def test_only_texts_have_patterns(column_type: str) -> None:
    refused = refusal([None], column_type, pattern="a")

    assert (refused.code, refused.details["path"]) == ("INVALID_PARAMETER", "columns")


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(a+)(a+)(a+)(a+)(a+)\1\2\3\4\5b$",
        r"^(a*)(a*)(a*)(a*)(a*)(a*)\6\5\4\3\2\1b$",
        r"^(.+)(.+)(.+)(.+)(.+)\5\4\3\2\1b$",
    ],
)
def test_a_pattern_that_takes_for_ever_is_refused_in_time(
    monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    monkeypatch.setattr(regular_expressions, "PATTERN_SECONDS", 1)
    rows = column([ODD] * 20)

    with pytest.raises(RequestRejected) as refused:
        rows.prepare("regex_replace", {"columns": ["x"], "pattern": pattern})

    assert refused.value.code == "INVALID_PARAMETER"
    assert "takes more than 1 seconds" in str(refused.value)
    assert all_rows(rows)[0] == [ODD]  # the connection is usable, and its limit is back


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){25}", "(a?){30}a{30}", "(a|a)*b"])
def test_patterns_that_ruin_other_engines_are_no_trouble(pattern: str) -> None:
    assert replaced(["a" * 30 + "!"], pattern=pattern, matches="first")


def test_a_result_of_more_than_a_million_characters_is_refused() -> None:
    refused = refusal(["a" * 200], pattern="a", replacement="b" * 6_000)
    copied = refusal(["a" * 2_000], pattern=".*", replacement=r"\&" * 600)

    assert refused.code == copied.code == "VALUES_DO_NOT_FIT"
    assert refused.details["row_numbers"] == [1]
    assert replaced(["a" * 200], pattern="b", replacement="c" * 6_000) == ["a" * 200]


# Find and replace


@pytest.mark.parametrize(
    ("text", "find", "replace_with", "expected"),
    [
        ("New YORK, new york", "New York", "NYC", "NYC, NYC"),
        ("a.b A.B axb", "A.b", "", "  axb"),
        ("ÉCOLE école", "École", "x", "x x"),
        ("(X) (x)", "(x)", r"\1", r"\1 \1"),
        ("C:\\Tmp", "c:\\tmp", "\\\\srv", "\\\\srv"),
        ("^a$ ^A$", "^A$", "&", "& &"),
        ("straße", "STRASSE", "x", "straße"),
        ("%s %S", "%S", "%%", "%% %%"),
    ],
)
def test_a_part_is_found_in_any_case_and_is_only_ever_itself(
    text: str, find: str, replace_with: str, expected: str
) -> None:
    parameters = {"find": find, "replace_with": replace_with, "ignore_case": True}

    assert replaced([text, None], "find_and_replace", **parameters) == [expected, None]


def test_a_whole_cell_is_found_in_any_case() -> None:
    values = ["N/A", "n/a", "n/a ", None, "x"]
    request = {"find": "n/A", "match": "cell", "ignore_case": True}

    assert replaced(values, "find_and_replace", **request) == [None, None, "n/a ", None, "x"]
    assert replaced(values, "find_and_replace", replace_with="-", **request) == [
        *("-", "-", "n/a ", None, "x")
    ]


def test_capital_and_small_letters_are_told_apart_by_default() -> None:
    assert replaced(["a A"], "find_and_replace", find="a", replace_with="b") == ["b A"]


def test_the_case_of_a_number_cannot_be_ignored() -> None:
    request = {"columns": ["x"], "find": 1, "match": "cell", "ignore_case": True}

    with pytest.raises(RequestRejected) as refused:
        column([1], "integer").prepare("find_and_replace", request)

    assert refused.value.code == "INVALID_PARAMETER"
