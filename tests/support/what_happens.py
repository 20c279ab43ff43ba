"""What can happen to a session that has three renames, at versions 2, 3 and 4.

It started on `small_datasets.publish`, has a snapshot at version 3 and a frozen clock.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from freezegun.api import FrozenDateTimeFactory

from data_tools.models import DataRow, DataSource
from session_events import loading
from session_events.envelope import canonical_json
from session_events.events import OperationApplied
from session_events.fault_injection import append_foreign_event
from session_events.models import SessionSnapshot
from tests.support import written_log
from tests.support.log_damage import alter_event, delete_event, forge_event
from tests.support.studio_client import Studio
from tests.support.uploads import upload_again

TIMEOUT = dt.timedelta(hours=4)
RETENTION = dt.timedelta(days=30)
SECOND = dt.timedelta(seconds=1)


@dataclass(kw_only=True)
class Case:
    """A user's session, and the clock."""

    user: User
    studio: Studio
    clock: FrozenDateTimeFactory

    @property
    def head(self) -> written_log.StreamHead:
        return written_log.head(self.user.pk, self.studio.datasource_id)  # type: ignore[arg-type]

    def set_dataset(self, **facts: Any) -> None:
        DataSource.objects.filter(pk=self.studio.datasource_id).update(**facts)


def nothing(case: Case) -> None:
    """Forget the remembered states, as if the process that held the session were gone."""


def pause(case: Case) -> None:
    assert case.studio.post("session/pause/").status == 200


def clear(case: Case) -> None:
    assert case.studio.post("session/clear/").status == 200


def save(case: Case) -> None:
    assert case.studio.post("session/save/").status == 200


def save_and_delete_what_was_saved(case: Case) -> None:
    saved = case.studio.post("session/save/").body["new_datasource"]["id"]
    assert case.studio.request("DELETE", f"/api/datasources/{saved}/").status == 200


def save_and_wait_until_just_before_the_end_of_retention(case: Case) -> None:
    save(case)
    case.clock.tick(RETENTION - SECOND)


def save_and_outlast_retention(case: Case) -> None:
    save(case)
    case.clock.tick(RETENTION)


def save_and_lose_the_last_operation(case: Case) -> None:
    save(case)
    lose_last_event(case)


def wait_until_just_before_expiry(case: Case) -> None:
    case.clock.tick(TIMEOUT - SECOND)


def expire(case: Case) -> None:
    case.clock.tick(TIMEOUT)


def wait_until_just_before_the_end_of_retention(case: Case) -> None:
    case.clock.tick(TIMEOUT + RETENTION - SECOND)


def outlast_retention(case: Case) -> None:
    case.clock.tick(TIMEOUT + RETENTION)


def delete_snapshot(case: Case) -> None:
    assert SessionSnapshot.objects.all().delete()[0] == 1


def alter_snapshot(case: Case) -> None:
    assert SessionSnapshot.objects.update(state="{}") == 1


def expire_with_an_altered_snapshot(case: Case) -> None:
    alter_snapshot(case)
    expire(case)


def alter_last_event(case: Case) -> None:
    alter_event(case.head.stream_id, 4, "payload = replace(payload, '\"date\"', '\"dates\"')")


def make_last_event_unreadable(case: Case) -> None:
    append_foreign_event(case.head, wire_name="session.reset", payload="no JSON")


def lose_last_event(case: Case) -> None:
    delete_event(case.head.stream_id, 4)


def lose_the_event_of_the_snapshot(case: Case) -> None:
    delete_event(case.head.stream_id, 3)


def alter_an_event_in_front_of_the_snapshot(case: Case) -> None:
    alter_event(case.head.stream_id, 2, "payload = payload || ' '")


def lose_last_event_and_expire(case: Case) -> None:
    lose_last_event(case)
    expire(case)


def forge_an_event(case: Case) -> None:
    forge_event(case.head.stream_id, 5)


def alter_first_event(case: Case) -> None:
    delete_snapshot(case)
    alter_event(case.head.stream_id, 1, "payload = '{}'")


def append_unknown_type(case: Case) -> None:
    append_foreign_event(case.head, wire_name="session.teleported")


def append_newer_schema(case: Case) -> None:
    append_foreign_event(case.head, wire_name="operation.applied", schema_version=99)


def append_unknown_operation(case: Case) -> None:
    append_operation(case, "pivot_table")


def append_operation(case: Case, name: str) -> None:
    """Write what a server with an operation of that name writes."""
    applied = OperationApplied(
        operation=name,
        parameters={"columns": ["id"]},
        fitted={},
        column_changes=(),
        rows_before=7,
        rows_after=7,
        cells_changed=0,
    )
    append_foreign_event(case.head, wire_name="operation.applied", payload=canonical_json(applied))


def append_unknown_operation_and_clear(case: Case) -> None:
    append_unknown_operation(case)
    loading.forget_all()
    clear(case)


def damage_behind_an_unknown_operation(case: Case) -> None:
    append_unknown_operation(case)
    append_operation(case, "rename_column")
    alter_event(case.head.stream_id, 6, "payload = payload || ' '")


def damage_below_a_newer_event(case: Case) -> None:
    append_unknown_type(case)
    alter_last_event(case)


def delete_source(case: Case) -> None:
    answer = case.studio.request("DELETE", f"/api/datasources/{case.studio.datasource_id}/")
    assert answer.status == 200


def unready_source(case: Case) -> None:
    case.set_dataset(status="PROCESSING", revision=0)


def fail_source(case: Case) -> None:
    case.set_dataset(status="ERROR")


def fail_source_and_append_unknown_type(case: Case) -> None:
    fail_source(case)
    append_unknown_type(case)


def upload(case: Case, columns: str) -> None:
    """Upload seven rows of other values in these columns, with their types unchanged."""
    cell = {"id": "9", "delay": "0.5", "cancelled": "true", "carrier": "WN", "extra": "x"}
    cell |= {"day": "2014-01-01", "seen_at": "2014-01-01T05:15:00"}
    line = ",".join(cell[column] for column in columns.split(","))
    assert upload_again(case.studio, "\n".join([columns, *[line] * 7])).status == 202


def upload_what_fits(case: Case) -> None:
    upload(case, "extra,day,id,carrier,delay")


def upload_without_the_last_column_needed(case: Case) -> None:
    upload(case, "id,carrier,delay,cancelled")


def upload_what_fits_and_lose_the_old_rows(case: Case) -> None:
    upload_what_fits(case)
    lose_the_old_rows(case)


def upload_without_the_last_column_needed_and_lose_the_old_rows(case: Case) -> None:
    upload_without_the_last_column_needed(case)
    lose_the_old_rows(case)


def lose_the_old_rows(case: Case) -> None:
    rows = DataRow.objects.filter(dataset_id=case.studio.datasource_id, revision=1)
    assert rows.delete()[0] == 7


def stay_and_lose_the_old_rows(case: Case) -> None:
    upload_what_fits(case)
    assert case.studio.post("session/recover/", {"strategy": "replay"}).body["recovered"]
    lose_the_old_rows(case)


def upload_what_fits_clear_and_lose_the_old_rows(case: Case) -> None:
    upload_what_fits_and_clear(case)
    lose_the_old_rows(case)


def upload_what_fits_and_lose_the_old_rows_and_the_last_event(case: Case) -> None:
    upload_what_fits_and_lose_the_old_rows(case)
    lose_last_event(case)


def publish_the_same_content_again_and_lose_the_old_rows(case: Case) -> None:
    old = DataRow.objects.filter(dataset_id=case.studio.datasource_id, revision=1)
    DataRow.objects.bulk_create(
        DataRow(dataset_id=row.dataset_id, revision=2, row_number=row.row_number, values=row.values)
        for row in old
    )
    case.set_dataset(revision=2)
    lose_the_old_rows(case)


def upload_what_fits_and_expire(case: Case) -> None:
    upload_what_fits(case)
    expire(case)


def upload_what_fits_and_clear(case: Case) -> None:
    upload_what_fits(case)
    clear(case)


def upload_what_fits_and_save(case: Case) -> None:
    upload_what_fits(case)
    save(case)


def upload_without_a_needed_column_and_pause(case: Case) -> None:
    upload_without_the_last_column_needed(case)
    pause(case)


def upload_what_fits_and_lose_the_last_event(case: Case) -> None:
    upload_what_fits(case)
    lose_last_event(case)


def upload_what_fits_and_append_unknown_operation(case: Case) -> None:
    upload_what_fits(case)
    append_unknown_operation(case)


def delete_source_and_damage(case: Case) -> None:
    lose_last_event(case)
    delete_source(case)
