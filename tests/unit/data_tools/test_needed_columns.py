"""Which columns operations need is traced through renames and copies, by names alone."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_tools.operations.needed_columns import Fit, fit, needed_columns
from session_events.events import Column, ColumnChange, Operation
from session_events.state import columns_after

TYPES = {"id": "integer", "delay": "float", "carrier": "text", "day": "date"}
BASE = tuple(
    Column(key=f"b{at}", name=name, type=kind) for at, (name, kind) in enumerate(TYPES.items())
)


def columns(**types: str) -> tuple[Column, ...]:
    return tuple(
        Column(key=f"b{at}", name=name, type=kind) for at, (name, kind) in enumerate(types.items())
    )


class Session:
    """Operations as they are planned, applied by column name."""

    def __init__(self) -> None:
        self.operations: tuple[Operation, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        return columns_after(BASE, self.operations)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def apply(
        self, name: str, parameters: dict[str, Any], *changes: ColumnChange, **fitted: Any
    ) -> Session:
        operation = Operation(
            sequence=len(self.operations) + 2,
            operation=name,
            parameters=parameters,
            fitted=fitted,
            column_changes=changes,
            rows_before=1,
            rows_after=1,
            cells_changed=0,
            applied_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        )
        self.operations = (*self.operations, operation)
        return self

    def rename(self, old: str, new: str) -> Session:
        column = self.column(old)
        change = ColumnChange(action="set", key=column.key, name=new, type=column.type)
        return self.apply("rename_column", {"old_name": old, "new_name": new}, change)

    def rename_several(self, **new_names: str) -> Session:
        changes = [
            ColumnChange(
                action="set", key=column.key, name=new_names[column.name], type=column.type
            )
            for column in self.columns
            if column.name in new_names
        ]
        return self.apply("column_operation_rename", {"new_names": new_names}, *changes)

    def fill(self, *names: str) -> Session:
        changes = [
            ColumnChange(action="set", key=c.key, name=c.name, type=c.type)
            for c in map(self.column, names)
        ]
        parameters = {"columns": list(names), "strategy": "mean", "fill_value": None}
        return self.apply("fill_missing_values", parameters, *changes, columns={})

    def cast(self, name: str, new_type: str) -> Session:
        column = self.column(name)
        parameters = {"column_name": name, "old_type": column.type, "new_type": new_type}
        change = ColumnChange(action="set", key=column.key, name=name, type=new_type)
        return self.apply("change_column_type", parameters, change)

    def drop(self, *names: str) -> Session:
        changes = [ColumnChange(action="drop", key=self.column(name).key) for name in names]
        return self.apply("column_operation_drop", {"columns": list(names)}, *changes)

    def duplicate(self, *names: str) -> Session:
        added = sum(c.action == "add" for o in self.operations for c in o.column_changes)
        changes = [
            ColumnChange(
                action="add",
                key=f"d{added + at}",
                name=f"{name}_copy{added + at}",
                type=self.column(name).type,
            )
            for at, name in enumerate(names, start=1)
        ]
        sources = {
            change.key: self.column(name).key for change, name in zip(changes, names, strict=True)
        }
        parameters = {"columns": list(names)}
        return self.apply("column_operation_duplicate", parameters, *changes, sources=sources)


@pytest.mark.parametrize(
    ("session", "needed"),
    [
        (Session(), {}),
        (Session().fill("delay"), {"delay": "float"}),
        (Session().cast("id", "text"), {"id": "integer"}),
        (Session().rename("delay", "late"), {"delay": None}),
        (
            Session().rename_several(delay="id", id="delay").fill("id"),
            {"id": None, "delay": "float"},
        ),
        (Session().drop("carrier", "day"), {"carrier": None, "day": None}),
        (Session().duplicate("delay"), {"delay": None}),
        (Session().rename("delay", "a").rename("a", "b").fill("b"), {"delay": "float"}),
        (Session().duplicate("delay", "id").fill("delay_copy1"), {"id": None, "delay": "float"}),
        (
            Session().duplicate("id").rename("id_copy1", "x").cast("x", "text"),
            {"id": "integer"},
        ),
        (Session().rename("delay", "late").drop("late"), {"delay": None}),
        (Session().apply("from_the_future", {}), dict(TYPES)),
    ],
)
def test_operations_need_the_columns_they_name_and_the_types_they_look_at(
    session: Session, needed: dict[str, str | None]
) -> None:
    assert needed_columns(BASE, session.operations) == needed


FILLED = Session().rename("delay", "late").fill("late").rename("carrier", "airline")


@pytest.mark.parametrize(
    ("session", "new_columns", "expected"),
    [
        (FILLED, BASE, Fit(operations=3)),
        (FILLED, tuple(reversed(BASE)), Fit(operations=3)),
        (FILLED, columns(day="text", carrier="text", delay="float"), Fit(operations=3)),
        (FILLED, columns(carrier="integer", delay="float"), Fit(operations=3)),
        (FILLED, columns(carrier="text"), Fit(operations=0, missing=("delay",))),
        (FILLED, columns(delay="float"), Fit(operations=2, missing=("carrier",))),
        (FILLED, columns(delay="text", carrier="text"), Fit(operations=1, retyped=("delay",))),
        (FILLED, (), Fit(operations=0, missing=("delay", "carrier"))),
        (FILLED, (*BASE, Column(key="b9", name="new", type="text")), Fit(operations=3)),
        (
            FILLED,
            (*BASE, Column(key="b9", name="airline", type="text")),
            Fit(operations=2, taken=("airline",)),
        ),
        (
            Session().duplicate("id"),
            (*BASE, Column(key="b9", name="id_copy1", type="integer")),
            Fit(operations=0, taken=("id_copy1",)),
        ),
        (
            Session().duplicate("id", "delay").fill("delay_copy2"),
            columns(id="text", delay="float"),
            Fit(operations=2),
        ),
        (
            Session().duplicate("id", "delay").fill("delay_copy2"),
            columns(id="integer", delay="integer"),
            Fit(operations=1, retyped=("delay",)),
        ),
        (Session(), (), Fit(operations=0)),
    ],
)
def test_operations_fit_up_to_the_first_whose_columns_are_not_found(
    session: Session, new_columns: tuple[Column, ...], expected: Fit
) -> None:
    assert fit(BASE, session.operations, new_columns) == expected


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    session = Session()
    for step in range(draw(st.integers(0, 6))):
        name = draw(st.sampled_from([column.name for column in session.columns]))
        match draw(st.sampled_from(["rename", "fill", "cast", "duplicate", "drop"])):
            case "rename":
                session.rename(name, f"renamed{step}")
            case "fill":
                session.fill(name)
            case "cast":
                session.cast(name, "text")
            case "duplicate":
                session.duplicate(name)
            case "drop" if len(session.columns) > 1:
                session.drop(name)
    return session


@given(session=sessions(), seed=st.integers())
def test_only_needed_columns_matter(session: Session, seed: int) -> None:
    """All operations fit on the needed columns alone, shuffled, and retyped where the type does not
    matter. They do not fit without any one of the needed columns."""
    needed = needed_columns(BASE, session.operations)
    just_enough = [Column(key=n, name=n, type=t or "boolean") for n, t in needed.items()]
    random.Random(seed).shuffle(just_enough)

    assert fit(BASE, session.operations, just_enough) == Fit(operations=len(session.operations))
    for column in just_enough:
        others = [other for other in just_enough if other is not column]
        without = fit(BASE, session.operations, others)
        assert without.operations < len(session.operations)
        assert without.missing == (column.name,)


@given(session=sessions(), kept=st.sets(st.sampled_from(list(TYPES))))
def test_the_operations_that_fit_need_no_missing_column(session: Session, kept: set[str]) -> None:
    new_columns = [column for column in BASE if column.name in kept]

    fitting = fit(BASE, session.operations, new_columns).operations

    assert needed_columns(BASE, session.operations[:fitting]).keys() <= kept
    if fitting < len(session.operations):
        assert not needed_columns(BASE, session.operations[: fitting + 1]).keys() <= kept
