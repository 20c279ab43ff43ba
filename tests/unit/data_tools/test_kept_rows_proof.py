"""The proof of kept rows is that of their numbers as text, which events of every version hold."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_tools.rows.lists import proof as module
from data_tools.rows.lists.proof import proof_of

EDGES = st.sampled_from([10**digits + more for digits in range(19) for more in (-1, 0, 1)][1:])


def by_texts(numbers: list[int]) -> str:
    return hashlib.sha256(",".join(map(str, numbers)).encode()).hexdigest()


@pytest.mark.parametrize("written_at_once", [1, 2, 100_000])
@given(numbers=st.sets(EDGES | st.integers(1, 2**63 - 1), max_size=40).map(sorted))
def test_numbers_are_written_in_decimal_with_commas_between(
    written_at_once: int, numbers: list[int]
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(module, "_WRITTEN_AT_ONCE", written_at_once)

        assert proof_of(np.array(numbers, np.int64)) == by_texts(numbers)


def test_a_long_run_of_numbers_is_written_whole() -> None:
    assert proof_of(np.arange(1, 250_001)) == by_texts(list(range(1, 250_001)))
