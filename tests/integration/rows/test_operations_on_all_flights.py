"""References on all 336,776 flights, since a small sample could hide a sum that drifts."""

from __future__ import annotations

import csv
import io
import uuid
from pathlib import Path

import numpy as np
import orjson
import pandas as pd
import pytest
from django.db import connection
from sklearn.preprocessing import StandardScaler

from data_tools.jobs.connections import take_as_long_as_it_takes
from data_tools.rows.session_rows import SessionRows
from hydroml.flights import ROW_COUNT
from session_events.events import Column

pytestmark = pytest.mark.django_db


def test_a_scaled_an_encoded_and_a_capped_column_of_all_flights(flights_csv: Path) -> None:
    rows, frame = stored_flights(flights_csv)
    for name, parameters in (
        ("feature_scaling_standard", {"columns": ["arr_delay"]}),
        ("feature_encoding_ordinal", {"columns": ["carrier"]}),
        ("outlier_treatment_winsorize", {"columns": ["distance"]}),
    ):
        rows = rows.after(rows.prepare(name, parameters))

    query = rows.cells_query([rows.cells[column.key] for column in rows.columns])
    computed = np.array([row[1:] for row in sorted(rows.fetch_all(query))], dtype="float64")

    delay = StandardScaler().fit_transform(frame[["arr_delay"]].to_numpy())[:, 0]
    quartiles = frame["distance"].quantile([0.25, 0.75])
    cap = quartiles[0.75] + 1.5 * (quartiles[0.75] - quartiles[0.25])
    assert len(computed) == ROW_COUNT
    np.testing.assert_allclose(computed[:, 0], delay, rtol=1e-9, atol=1e-9)
    assert (computed[:, 1] == pd.factorize(frame["carrier"])[0]).all()
    np.testing.assert_allclose(computed[:, 2], frame["distance"].clip(upper=cap), rtol=1e-12)


def stored_flights(path: Path) -> tuple[SessionRows, pd.DataFrame]:
    """Store three columns of all flights, copied straight into the table of rows."""
    dataset_id = uuid.uuid4()
    lines = io.StringIO()
    values = []
    with path.open(newline="") as file:
        for number, flight in enumerate(csv.DictReader(file), start=1):
            delay = None if flight["arr_delay"] == "NA" else int(flight["arr_delay"])
            row = [delay, flight["carrier"], int(flight["distance"])]
            values.append(row)
            lines.write(f"{dataset_id}\t1\t{number}\t{orjson.dumps(row).decode()}\n")
    lines.seek(0)
    take_as_long_as_it_takes()
    with connection.cursor() as cursor:
        cursor.copy_expert(
            "COPY data_tools_datarow (dataset_id, revision, row_number, values) FROM STDIN", lines
        )
    columns = (("arr_delay", "integer"), ("carrier", "text"), ("distance", "integer"))
    rows = SessionRows(
        dataset_id=dataset_id,
        revision=1,
        row_count=len(values),
        base_columns=tuple(
            Column(key=f"b{at}", name=name, type=type_) for at, (name, type_) in enumerate(columns)
        ),
    )
    frame = pd.DataFrame(values, columns=[name for name, _ in columns])
    return rows, frame.astype({"arr_delay": "float64", "distance": "float64"})
