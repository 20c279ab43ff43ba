"""Files read and written: by pandas, and by a bare COPY of rows that are ready to be stored."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
from django.db import connection, transaction

from data_tools.models import DataSource

_COLUMNS = "dataset_id, revision, row_number, values"
_KEY = "dataset_id, revision, row_number"
_LIKE = "INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION"
_BARE_TABLE = "bench_copied_rows"


def csv_to_parquet(path: Path, result: Path) -> None:
    """Read a CSV file and write it as Parquet, as the existing back end takes a file in."""
    pd.read_csv(path).to_parquet(result)


def parquet_to_parquet(path: Path, result: Path) -> None:
    pd.read_parquet(path).to_parquet(result)


def parquet_to_csv(path: Path, result: Path) -> None:
    pd.read_parquet(path).to_csv(result, index=False)


def parquet_to_json_lines(path: Path, result: Path) -> None:
    pd.read_parquet(path).to_json(result, orient="records", lines=True)


def prepared_copy(dataset: DataSource, path: Path) -> Path:
    """Write the stored rows of a dataset as COPY writes them."""
    with path.open("wb") as file, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        rows = cursor.mogrify(
            f"SELECT {_COLUMNS} FROM data_tools_datarow"
            " WHERE dataset_id = %s AND revision = %s ORDER BY row_number",
            [str(dataset.pk), dataset.revision],
        )
        cursor.copy_expert(f"COPY ({rows.decode()}) TO STDOUT", file)
    return path


def copy_ms(path: Path) -> float:
    """Copy prepared rows into a new table like that of all rows, and return how long it took.

    As the service does with many rows, they are frozen, and indexed once they are all there. The
    table is dropped again, which is not counted.
    """
    with connection.cursor() as cursor:
        begun = time.perf_counter()
        with path.open("rb") as file, transaction.atomic():
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute(f"CREATE TABLE {_BARE_TABLE} (LIKE data_tools_datarow {_LIKE})")
            cursor.copy_expert(f"COPY {_BARE_TABLE} ({_COLUMNS}) FROM STDIN (FREEZE)", file)
            cursor.execute(f"ALTER TABLE {_BARE_TABLE} ADD PRIMARY KEY ({_KEY})")
        ms = (time.perf_counter() - begun) * 1000
        cursor.execute(f"DROP TABLE {_BARE_TABLE}")
    return ms
