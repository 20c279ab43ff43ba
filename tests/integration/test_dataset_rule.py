"""Keys and statements of the tables that grow name a dataset first: see `dataset_rule`."""

from __future__ import annotations

from collections import defaultdict

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model

from data_tools.models import DataRow
from hydroml.back_up.row_counts import count_rows
from tests.support import dataset_rule
from tests.support.dataset_rule import (
    COLUMN_BLOCKS,
    COLUMNS,
    KEYS_WITHOUT_DATASET,
    LISTS,
    ROWS,
    SMALL,
    SPREAD,
    WITHOUT_DATASET_COLUMN,
    tables_without_dataset,
)

KEYS = """
SELECT of_table.relname, of_index.relname, coalesce(first.attname, '')
FROM pg_index
JOIN pg_class AS of_table ON of_table.oid = indrelid
JOIN pg_class AS of_index ON of_index.oid = indexrelid
LEFT JOIN pg_attribute AS first ON first.attrelid = indrelid AND first.attnum = indkey[0]
WHERE indisunique AND of_table.relname = ANY(%s)
"""
FOREIGN_KEYS = """
SELECT of_table.relname, of_table.relname || ' to ' || to_table.relname, first.attname
FROM pg_constraint
JOIN pg_class AS of_table ON of_table.oid = conrelid
JOIN pg_class AS to_table ON to_table.oid = confrelid
JOIN pg_attribute AS first ON first.attrelid = conrelid AND first.attnum = conkey[1]
WHERE contype = 'f' AND of_table.relname = ANY(%s) AND to_table.relname = ANY(%s)
"""


def fetched(statement: str, *parameters: list[str]) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[str, ...]] = cursor.fetchall()
        return rows


def models() -> list[type[Model]]:
    return [
        model
        for label in ("data_tools", "session_events")
        for model in apps.get_app_config(label).get_models()
    ]


def test_every_table_is_spread_or_small() -> None:
    assert {model._meta.db_table for model in models()} == SPREAD | SMALL


def test_every_table_to_be_spread_has_the_dataset() -> None:
    without = {
        model._meta.db_table
        for model in models()
        if model._meta.db_table in SPREAD
        and "dataset_id" not in {field.attname for field in model._meta.concrete_fields}
    }

    assert without == WITHOUT_DATASET_COLUMN


@pytest.mark.django_db
def test_keys_begin_with_the_dataset_but_for_those_of_the_list() -> None:
    tables = sorted(SPREAD)
    without: dict[str, set[str]] = defaultdict(set)
    for table, key, first in fetched(KEYS, tables) + fetched(FOREIGN_KEYS, tables, tables):
        if first != "dataset_id":
            without[table].add(key)

    assert without == {table: set(keys) for table, (keys, _) in KEYS_WITHOUT_DATASET.items()}


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (f"SELECT 1 FROM {ROWS} WHERE dataset_id = %s", set()),
        (f'SELECT 1 FROM "{ROWS}" WHERE "{ROWS}"."dataset_id" = %s', set()),
        (f'SELECT 1 FROM "{ROWS}" WHERE "{ROWS}"."dataset_id" IN (%s, %s)', set()),
        (f"SELECT 1 FROM {ROWS} AS r WHERE r.dataset_id = '7'::uuid AND r.revision = 1", set()),
        (f"COPY {ROWS} (dataset_id, revision, row_number, values) FROM STDIN", set()),
        (f"INSERT INTO {COLUMNS} (dataset_id, revision) SELECT %s, 1", set()),
        (f"SELECT count(*) FROM {ROWS}", {ROWS}),
        (f"SELECT 'dataset_id = ''%s''' FROM {ROWS}", {ROWS}),
        (f"SELECT 1 FROM {ROWS} WHERE revision = %s", {ROWS}),
        (f"DELETE FROM {ROWS} WHERE dataset_id IN (SELECT id FROM x)", {ROWS}),
        (
            f"SELECT 1 FROM {ROWS} AS r JOIN {COLUMNS} AS c USING (dataset_id)"
            " WHERE r.dataset_id = %s",
            {COLUMNS},
        ),
        (
            f"SELECT 1 FROM {ROWS} AS r, {COLUMNS} AS c WHERE dataset_id = %s",
            {ROWS, COLUMNS},
        ),
        (f"SELECT {LISTS}.id FROM {LISTS} JOIN x ON true WHERE {LISTS}.dataset_id = x.d", {LISTS}),
    ],
)
def test_a_statement_that_names_no_dataset_is_found(statement: str, found: set[str]) -> None:
    assert tables_without_dataset(statement) == found


@pytest.mark.django_db
def test_only_what_the_product_sends_is_held_to_the_rule(
    broken_rules: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    DataRow.objects.count()
    count_rows()
    assert broken_rules == []

    monkeypatch.setattr(dataset_rule, "FUNCTIONS_WITHOUT_DATASET", {})
    DataRow.objects.count()
    count_rows()

    function = "hydroml.back_up.row_counts.count_rows"
    tables = {ROWS, COLUMNS, COLUMN_BLOCKS}
    begin = {f"{function} uses {table} without a dataset" for table in tables}
    assert {breach.partition(":")[0] for breach in broken_rules} == begin
    broken_rules.clear()
