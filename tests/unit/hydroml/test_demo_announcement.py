"""What the demo says once it serves."""

from __future__ import annotations

from hydroml.demo_announcement import announcement

ADDRESS = "http://127.0.0.1:8123"


def test_the_first_line_says_where_it_serves() -> None:
    assert announcement(ADDRESS).splitlines()[0] == "ready http://127.0.0.1:8123/"


def test_it_says_what_to_open_and_how_to_sign_in_and_nothing_needs_a_terminal() -> None:
    said = announcement(ADDRESS)

    assert "Open http://127.0.0.1:8123/ and sign in as demo, password demo." in said
    assert "curl" not in said
