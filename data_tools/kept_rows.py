"""The rows that a session's operations kept, where some of them removed rows.

See Note [Lists of rows] in `row_lists`.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import transaction

from data_tools import row_lists
from data_tools.exceptions import RowsNotReproduced
from data_tools.operations.catalogue import declared
from data_tools.operations.declaration import rule_of
from data_tools.row_lists import ListKey
from data_tools.row_orders import RowNumbers, in_row_order
from data_tools.sql import Sql

if TYPE_CHECKING:
    from data_tools.row_queries import SessionRows


_PROVED_AT_ONCE = 100_000


def store_kept(rows: SessionRows, rule: Any, numbers: Sql) -> tuple[int, str]:
    """Store which of the rows an operation keeps, unless it is all; return their count and proof.

    `numbers` is a query of the `row_number` of each.
    """
    kept = in_row_order(numbers)
    key = ListKey(
        list_id=row_lists.list_id_of(rows.digest, rule),
        parent_id=rows.kept[-1].list_id if rows.kept else None,
        dataset_id=rows.dataset_id,
        revision=rows.revision,
    )
    if len(kept) < rows.total_rows:
        row_lists.store(key, kept, is_in_row_order=True)
    return len(kept), _proof_of(kept)


def _proof_of(numbers: RowNumbers) -> str:
    """The SHA-256, in hexadecimal, of the numbers in decimal with commas between."""
    proof = hashlib.sha256()
    for first in range(0, len(numbers), _PROVED_AT_ONCE):
        some = numbers[first : first + _PROVED_AT_ONCE].tolist()
        proof.update(("," if first else "").encode() + ",".join(map(str, some)).encode())
    return proof.hexdigest()


def require_kept(rows: SessionRows) -> None:
    """Have the list of these rows, and so all lists before it, in the database.

    Lists that are gone are computed again in order, each from the rows that the one before kept.

    Raises:
        RowsNotReproduced: they would be other rows than the session kept.
    """
    there = row_lists.present(kept.list_id for kept in rows.kept)
    missing = [kept for kept in rows.kept if kept.list_id not in there]
    for kept in missing:
        operation = rows.operations[kept.position]
        before = replace(rows, operations=rows.operations[: kept.position])
        with transaction.atomic():
            found = store_kept(
                before,
                rule_of(operation.operation, operation.parameters, operation.fitted),
                declared(operation.operation).keep(operation.parameters, operation.fitted, before),
            )
            if found != (kept.count, kept.sha256):
                raise RowsNotReproduced(
                    operation=operation.operation,
                    version=operation.sequence,
                    expected_rows=kept.count,
                    found_rows=found[0],
                )
