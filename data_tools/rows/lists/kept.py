"""The rows that an operation kept, if it removed some.

See Note [Lists of rows] in `rows.lists.storage`.
"""

from __future__ import annotations

import hashlib

from data_tools.rows.lists import storage
from data_tools.rows.lists.sorting import RowNumbers, in_row_order
from data_tools.rows.lists.storage import ListKey
from data_tools.sql.fragment import Sql

_PROVED_AT_ONCE = 100_000


def store_kept(key: ListKey, numbers: Sql, *, among: int) -> tuple[int, str]:
    """Store which of `among` rows are kept, unless all are; return their count and proof.

    `numbers` is a query of the `row_number` of each kept row.
    """
    kept = in_row_order(numbers)
    if len(kept) < among:
        storage.store(key, kept, is_in_row_order=True)
    return len(kept), _proof_of(kept)


def _proof_of(numbers: RowNumbers) -> str:
    """Return the SHA-256, in hexadecimal, of the numbers in decimal with commas between."""
    proof = hashlib.sha256()
    for first in range(0, len(numbers), _PROVED_AT_ONCE):
        part = numbers[first : first + _PROVED_AT_ONCE].tolist()
        proof.update(("," if first else "").encode() + ",".join(map(str, part)).encode())
    return proof.hexdigest()
