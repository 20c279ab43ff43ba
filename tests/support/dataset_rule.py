"""What lets the tables that grow be spread over machines: each key and statement names a dataset.

docs/scaling.md says why. A dataset's rows, lists, blocks, events, snapshots and tombstones then lie
together, and a statement finds them without asking every machine. The exceptions of today are
listed here, each with its reason; anything else that breaks the rule fails a test.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import pytest
from psycopg2.sql import Composable

from data_tools.sql.postgres.connections import Cursor

ROWS = "data_tools_datarow"
LISTS, LIST_BLOCKS = "data_tools_rowlist", "data_tools_rowlistblock"
COLUMNS, COLUMN_BLOCKS = "data_tools_storedcolumn", "data_tools_columnblock"
STREAMS, EVENTS = "session_events_sessionstream", "session_events_sessionevent"
SNAPSHOTS, TOMBSTONES = "session_events_sessionsnapshot", "session_events_streamtombstone"
# They grow with the datasets and with the work on them.
SPREAD = frozenset(
    {ROWS, LISTS, LIST_BLOCKS, COLUMNS, COLUMN_BLOCKS, STREAMS, EVENTS, SNAPSHOTS, TOMBSTONES}
)
# One entry for each dataset, revision, column profile, user or part of the service.
SMALL = frozenset(
    {
        "data_tools_apitoken",
        "data_tools_datasource",
        "data_tools_featureflag",
        "data_tools_keptprofile",
        "data_tools_movedrevision",
        "data_tools_signoflife",
        "data_tools_storedrevision",
        "data_tools_userquotas",
    }
)

_THE_LOG = (
    "a stream is found by its id, which is in links, in what clients remember and in back-ups; "
    "servers of the version before append without naming the dataset; and where rows are spread, "
    "the log stays on one machine, with its proofs as they are"
)
_LISTS_BY_ID = (
    "a list is found by a digest, in which the dataset is; servers of the version before insert "
    "lists without naming the dataset"
)
# Keys that do not begin with `dataset_id`, by table.
KEYS_WITHOUT_DATASET: dict[str, tuple[frozenset[str], str]] = {
    STREAMS: (
        frozenset({"session_events_sessionstream_pkey", "session_stream_one_open"}),
        _THE_LOG,
    ),
    EVENTS: (
        frozenset(
            {
                "session_events_sessionevent_pkey",
                "session_event_sequence",
                "session_event_client_operation",
                "session_events_sessionevent to session_events_sessionstream",
            }
        ),
        _THE_LOG,
    ),
    SNAPSHOTS: (
        frozenset(
            {
                "session_events_sessionsnapshot_pkey",
                "session_snapshot_once",
                "session_events_sessionsnapshot to session_events_sessionstream",
            }
        ),
        _THE_LOG,
    ),
    TOMBSTONES: (frozenset({"session_events_streamtombstone_pkey"}), _THE_LOG),
    LISTS: (
        frozenset({"data_tools_rowlist_pkey", "data_tools_rowlist to data_tools_rowlist"}),
        _LISTS_BY_ID,
    ),
    LIST_BLOCKS: (
        frozenset({"data_tools_rowlistblock_pkey", "row_list_block_has_its_place"}),
        _LISTS_BY_ID,
    ),
}
WITHOUT_DATASET_COLUMN = frozenset({EVENTS, SNAPSHOTS, LIST_BLOCKS})

# Functions that use the other tables without naming one dataset.
FUNCTIONS_WITHOUT_DATASET = {
    "data_tools.column_blocks.storage.prune": (
        "chooses which computed columns of all datasets go, and locks them; a machine of its own "
        "would do so for its shards"
    ),
    "data_tools.verification.fingerprinted_rows._find_stray_rows": "only reads; a sweep",
    "data_tools.verification.fingerprinted_rows._shared_revisions": "only reads; a sweep",
    "data_tools.verification.kept_columns.verify_columns": "only reads; a sweep",
    "data_tools.verification.kept_columns._find_stray_columns": "only reads; a sweep",
    "hydroml.back_up.row_counts.count_rows": "only reads; counts every table for a back-up",
}
_FOUND_BY_ID = frozenset(KEYS_WITHOUT_DATASET)

_KEYWORDS = (
    "AS|WHERE|SET|ON|LEFT|RIGHT|INNER|CROSS|JOIN|ORDER|GROUP|VALUES|LIMIT|OFFSET|FOR|USING|"
    "RETURNING|UNION|SELECT|DEFAULT|FROM|TO|LATERAL|NATURAL|FULL|HAVING|WITH|IN|IS"
)
_USE = re.compile(
    rf'(?<![\w.])"?(?P<table>{"|".join(sorted(SPREAD, key=len, reverse=True))})"?(?![\w."])'
    rf'(?:\s+(?:AS\s+)?(?!(?:{_KEYWORDS})\b)"?(?P<alias>[A-Za-z_]\w*)"?)?'
    r"(?:\s*(?P<columns>\([^)]*\)))?",
    re.IGNORECASE,
)
# Equal to a parameter or a value, or one of some.
_BOUND = r"""
    "?dataset_id"?\s*(?:=\s*ANY\s*\(|=|IN\s*\()\s*(?:%s|%\(|')
"""
_READS_OR_WRITES = re.compile(
    r"\s*(?:(?:SELECT|WITH|INSERT|UPDATE|DELETE|COPY|DECLARE)\b|\()", re.IGNORECASE
)
# The search for the value that fills a gap (`rows.rendering`) names the dataset of the row that it
# fills, which names its own; a cluster takes that for a join by the dataset.
_OF_THE_ROW_BESIDE = re.compile(r"\b(\w+)\.dataset_id = r\d+\.dataset_id\b")
_NAMED = re.compile(rf'(?<![\w.])"?(\w+)"?\.{_BOUND}', re.IGNORECASE | re.VERBOSE)
_NAMED_BARE = re.compile(rf'(?<![\w."]){_BOUND}', re.IGNORECASE | re.VERBOSE)
_STRING = re.compile(r"'(?:[^']|'')*'")
_PACKAGES = ("data_tools.", "session_events.", "hydroml.")
_SENDING = ("data_tools.sql.postgres.", "data_tools.observing.")


@lru_cache(maxsize=1 << 16)
def tables_without_dataset(statement: str) -> frozenset[str]:
    """Return the tables to be spread that a statement uses without naming one dataset.

    A look at the text, not at its meaning: it finds the condition or the column that is forgotten.
    A condition that does not say of which table it is counts only where there is one.
    """
    return frozenset(_found(_STRING.sub("''", statement)))


def _found(statement: str) -> Iterator[str]:
    uses = [
        use
        for use in _USE.finditer(statement)
        # not INSERT INTO … (…) and COPY … (…)
        if not (use["columns"] and re.search(r"\bdataset_id\b", use["columns"]))
    ]
    is_only_one = len({use["table"].lower() for use in uses}) == 1
    is_named_bare = is_only_one and _NAMED_BARE.search(statement) is not None
    # In one pass each: a statement may search in a thousand places.
    named = {name.lower() for name in _NAMED.findall(statement)}
    named |= {name.lower() for name in _OF_THE_ROW_BESIDE.findall(statement)}
    for use in uses:
        table, alias = use["table"].lower(), use["alias"]
        if not is_named_bare and (alias or table).lower() not in named:
            yield table


def sender() -> str | None:
    """Return the function of the product that sends a statement now; None if a test sends it."""
    frame = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        is_of_a_test = module.startswith("tests.") and module != __name__
        if is_of_a_test or "_pytest" in module:
            return None
        if module.startswith(_PACKAGES) and not module.startswith(_SENDING):
            function = frame.f_code.co_qualname.partition(".<locals>")[0]
            return f"{module}.{function}"
        frame = frame.f_back  # type: ignore[assignment]
    return None


def breach(statement: str) -> str | None:
    """Return what a statement, sent now, breaks that is no exception; None if nothing."""
    if "data_tools_" not in statement or _READS_OR_WRITES.match(statement) is None:
        return None
    tables = tables_without_dataset(statement) - _FOUND_BY_ID
    if not tables or (function := sender()) is None or function in FUNCTIONS_WITHOUT_DATASET:
        return None
    return f"{function} uses {', '.join(sorted(tables))} without a dataset: {statement[:600]}"


@contextmanager
def watched_statements() -> Iterator[list[str]]:
    """Yield the breaches of every statement that this process sends during the block."""
    breaches: list[str] = []
    execute, copy_expert = Cursor.execute, Cursor.copy_expert

    def looked_at(cursor: Cursor, query: Any) -> None:
        statement = query.as_string(cursor) if isinstance(query, Composable) else query
        if isinstance(statement, str) and (found := breach(statement)) is not None:
            breaches.append(found)

    def watched_execute(self: Cursor, query: Any, vars: Any = None) -> None:
        looked_at(self, query)
        execute(self, query, vars)

    def watched_copy(self: Cursor, sql: Any, file: Any, size: int = 8192) -> None:
        looked_at(self, sql)
        copy_expert(self, sql, file, size)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Cursor, "execute", watched_execute)
        patch.setattr(Cursor, "copy_expert", watched_copy)
        yield breaches
