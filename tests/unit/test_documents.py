"""How an example in a document is read, and compared with an answer (`tests.support.documents`)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.documented_answers import Names, differences, written
from tests.support.documents import examples_of


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('{"a": 1}', {"a": 1}),
        ('{"a": 1, …}', {"a": 1, "b": 2}),
        ("{…}", {"a": 1}),
        ('{"a": …}', {"a": None}),
        ('{"a": "…"}', {"a": [1]}),
        ('{"a": "f7…", "b": "…c"}', {"a": "f7cb", "b": "abc"}),
        ("[1, …]", [1, 2, 3]),
        ("[…, …]", []),
        ('{"a": [{"b": 1, …}, …], …}', {"a": [{"b": 1, "c": 2}, 3], "d": 4}),
        ('{"a": "<known>"}', {"a": 7}),
        ('{"a": "<new>", "b": "/x/<new>/y"}', {"a": "v", "b": "/x/v/y"}),
        ('"a \\"quoted\\" … text"', 'a "quoted" and longer text'),
    ],
)
def test_an_answer_that_is_as_written_has_no_differences(text: str, answer: Any) -> None:
    assert differences(written(text), answer, {"known": 7}) == []


@pytest.mark.parametrize(
    ("text", "answer", "difference"),
    [
        ('{"a": 1}', {"a": 1, "b": 2}, "answer.b is not written, and is 2"),
        ('{"a": 1, …}', {"b": 2}, "answer.a is missing"),
        ('{"a": 1}', {"a": True}, "answer.a is true, and 1 is written"),
        ('{"a": 1}', {"a": 1.0}, "answer.a is 1.0, and 1 is written"),
        ('{"a": null}', {"a": ""}, 'answer.a is "", and null is written'),
        ("[1, …]", [2, 3], "answer[0] is 2, and 1 is written"),
        ("[1, …]", [], "answer has 0 elements, and 1 are written"),
        ("[1]", [1, 2], "answer has 2 elements, and 1 are written"),
        ('["f7…"]', ["e7"], 'answer[0] is "e7", and "f7…" is written'),
        ('["<known>"]', [8], 'answer[0] is 8, and "<known>" is written'),
        ('["<new>", "<new>"]', [1, 2], 'answer[1] is 2, and "<new>" is written'),
        ("{…}", [], 'answer is [], and {"… and more": 0} is written'),
    ],
)
def test_an_answer_that_is_not_as_written_is_reported_with_the_place(
    text: str, answer: Any, difference: str
) -> None:
    names: Names = {"known": 7}

    assert differences(written(text), answer, names) == [difference]


@pytest.mark.parametrize(
    "text",
    [
        "```\nwhat is this\n```",
        "```http later\nGET /\n```",
        "```json\n{}\n```",
        "```http\nGET /api/\n```",
        "```http\nGET /api/\n```\n```console\n$ true\n```",
        "```http\nGET /api/",
    ],
    ids=["no language", "unknown mark", "no request", "no answer", "not an answer", "not closed"],
)
def test_a_block_that_cannot_be_understood_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^line \d+: "):
        examples_of(text)
