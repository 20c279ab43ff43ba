"""The line that an error shows is the one at the fault, however long its line is."""

from __future__ import annotations

import pytest

from data_tools.ingest.faulty_lines import SHOWN_CHARACTERS, line_around, utf8_line_around


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("line", ["first", "second", "third"])
def test_a_line_is_found_from_each_of_its_positions(line: str, end: str) -> None:
    text = f"first{end}second{end}third"
    start = text.index(line)

    for position in range(start, start + len(line)):
        assert line_around(text, position) == line


def test_an_empty_line_and_the_end_of_a_text_are_lines() -> None:
    assert line_around("a\n\nb", 2) == ""
    assert line_around("a\n", 2) == ""
    assert line_around("", 0) == ""


def test_of_a_long_line_the_part_around_the_position_is_shown() -> None:
    text = "a" * 10_000 + "!" + "b" * 10_000

    shown = line_around(text, 10_000)

    assert len(shown) == SHOWN_CHARACTERS
    assert shown == "a" * 250 + "!" + "b" * 249


def test_bytes_are_cut_between_characters() -> None:
    text = ("å" * 5_000 + "!" + "日" * 5_000).encode()

    shown = utf8_line_around(text, 10_000)

    assert shown == "å" * 250 + "!" + "日" * 249
    assert utf8_line_around("x\nJosé\ny".encode(), 4) == "José"
