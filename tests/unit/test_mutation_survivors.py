"""A survivor needs its explanation, and an explanation its survivor."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutation.survivors import Survivor, compare, read_explained, survivor

DIFF = """\
# session_events.state.x_fold__mutmut_2: survived
--- session_events/state.py
+++ session_events/state.py
@@ -1,4 +1,4 @@
 def fold(events):
-    state = initial
+    state = None
"""
FOLD = Survivor(
    function="session_events.state.x_fold", change="-    state = initial\n+    state = None"
)


def test_a_survivor_is_known_by_its_function_and_change_alone() -> None:
    assert survivor("session_events.state.x_fold__mutmut_2", DIFF) == FOLD
    assert survivor("session_events.state.x_fold__mutmut_7", DIFF) == FOLD


def test_only_what_is_explained_may_survive() -> None:
    assert compare([FOLD], [FOLD]).is_clean
    assert compare([FOLD], []).unexplained == (FOLD,)
    assert compare([FOLD, FOLD], [FOLD]).unexplained == (FOLD,)


def test_an_explanation_of_what_is_killed_is_stale() -> None:
    comparison = compare([], [FOLD])

    assert comparison.stale == (FOLD,)
    assert not comparison.is_clean


def test_an_explanation_says_why(tmp_path: Path) -> None:
    entry = '[[survivors]]\nfunction = "f"\nchange = """\n-a\n+b\n"""\nwhy = "{}"\n'
    path = tmp_path / "survivors.toml"

    path.write_text(entry.format("Both are the same."))
    assert read_explained(path) == [Survivor(function="f", change="-a\n+b")]

    path.write_text(entry.format(" "))
    with pytest.raises(ValueError, match="nobody says why"):
        read_explained(path)


def test_the_explanations_can_be_read() -> None:
    read_explained()
