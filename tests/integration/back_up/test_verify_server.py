"""Whatever is wrong with what a server stores, `verify_server` finds it and says what it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa
import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from data_tools.column_blocks import storage
from data_tools.column_blocks.storage import ColumnKey
from data_tools.ingest import load_file
from data_tools.ingest.loading.job import load_file_again
from data_tools.models import ColumnBlock, DataRow, DataSource, MovedRevision, RowList, StoredColumn
from data_tools.revisions import row_moving
from data_tools.row_tables.names import own_table
from session_events import heads
from tests.support.log_damage import alter_event, delete_event
from tests.support.small_datasets import store_rows, wait_for_another_file, waiting
from tests.support.studio_client import Studio
from tests.support.studios import open_studio, rename

pytestmark = pytest.mark.django_db(transaction=True)

# Values that the database writes in another way than they were written.
ODD_CSV = """id,amount,text,day,at
1,2.0,"a ""quoted"" one",2013-01-31,2013-01-31T05:00:00.123Z
2,1e300,"two
lines",,2013-01-31T05:00:00.000Z
3,5e-324,"\u00e9\u2028\\\\",2013-02-01,
-9223372036854775808,1e22,,2013-02-01,2013-01-31T05:00:00.120Z
9223372036854775807,0.1,007,2013-02-01,1999-12-31T23:59:59.999Z
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A user's dataset at its second revision, a session on the first, and a file that waits."""

    user: User
    dataset: DataSource
    studio: Studio
    session_id: UUID
    unloaded: DataSource


@pytest.fixture
def stored(user: User, tmp_path: Path) -> Stored:
    path = tmp_path / "odd.csv"
    path.write_text(ODD_CSV)
    dataset = load_file(path, owner=user, name="odd")
    assert dataset.status == DataSource.Status.READY, dataset.error_reason
    studio = open_studio(user, dataset, steps=[rename("text", "words")])
    path.write_text(ODD_CSV.replace("0.1", "0.2"))
    head = heads.open_head(user_id=user.pk, dataset_id=dataset.pk)
    assert head is not None
    return Stored(
        user=user,
        dataset=load_file_again(path, datasource_id=dataset.pk),
        studio=studio,
        session_id=head.stream_id,
        unloaded=waiting(user),
    )


def verified(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return what the command says as JSON, whether or not it fails."""
    capsys.readouterr()
    try:
        call_command("verify_server", "--json")
        failed = False
    except CommandError:
        failed = True
    answer = json.loads(capsys.readouterr().out)
    assert answer["is_sound"] is not failed
    return answer


def test_a_server_with_all_that_it_should_have_is_sound(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stored.dataset.revision == 2
    stored.studio.get("data/?sort=-amount")  # makes a list

    answer = verified(capsys)

    examined = {name: check["examined"] for name, check in answer["checks"].items()}
    assert answer["is_sound"]
    assert examined["sessions"] == 1
    assert examined["rows"] == 2 * 5  # the published rows, and those that the session began on
    assert examined["files"] == 1
    assert examined["lists"] == 1
    assert examined["computed columns"] == 0  # none was computed
    assert answer["later_clients"]["open_and_used_lately"] == 1


def test_rows_in_tables_of_their_own_are_verified_as_others(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_rows(stored)
    assert verified(capsys)["is_sound"]  # while they are in two tables

    MovedRevision.objects.update(copied_at=timezone.now() - row_moving.LONGEST_READING)
    assert row_moving.finish(stored.dataset.pk, 2)
    assert verified(capsys)["checks"]["rows"]["examined"] == 2 * 5
    execute(f"DELETE FROM {own_table(stored.dataset.pk, 2)} WHERE row_number = 2")

    assert "not all of its 5 rows" in verified(capsys)["checks"]["rows"]["sentences"][0]


def test_a_computed_column_that_is_known_to_have_no_blocks_is_sound(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    key = ColumnKey(dataset_id=stored.dataset.pk, revision=1, column="e" * 64)
    storage.keep_computed(key, pa.chunked_array([], pa.null()))

    answer = verified(capsys)

    assert answer["is_sound"]
    assert answer["checks"]["computed columns"]["examined"] == 1


def test_minus_zero_is_no_other_value_and_a_fingerprint_that_told_it_apart_is_only_noted(
    user: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "zeros.csv"
    path.write_text("amount\n-0.0\n1.5\n")
    dataset = load_file(path, owner=user, name="zeros")
    now = verified(capsys)["checks"]["rows"]

    DataSource.objects.filter(pk=dataset.pk).update(fingerprint="f" * 64)
    of_before = verified(capsys)["checks"]["rows"]

    assert (now["faults"], now["notes"]) == (0, [])
    assert of_before["faults"] == 0
    assert "counted minus zero and 0 apart" in of_before["notes"][0]


def replace_row(dataset: DataSource, revision: int, values: Any) -> None:
    """Put other values in place of the first row; no statement may change a row."""
    rows = DataRow.objects.filter(dataset_id=dataset.pk, revision=revision)
    first = rows.get(row_number=1)
    if values is not None:
        values = values(first.values)
    rows.filter(row_number=1).delete()
    if values is not None:
        DataRow.objects.bulk_create([replace_values(first, values)])


def replace_values(row: DataRow, values: list[Any]) -> DataRow:
    return DataRow(dataset_id=row.dataset_id, revision=row.revision, row_number=1, values=values)


def execute(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def copy_rows(stored: Stored) -> None:
    """Copy the published rows into a table of their own, as moving them begins."""
    revision = row_moving.Revision(dataset_id=stored.dataset.pk, number=2, row_count=5)
    assert row_moving.copy(revision)


def damage_computed_column(stored: Stored) -> None:
    key = ColumnKey(dataset_id=stored.dataset.pk, revision=1, column="d" * 64)
    storage.keep_computed(key, pa.chunked_array([[1, 2]]))
    ColumnBlock.objects.filter(column="d" * 64).update(packed=b"x")


def forget_file(stored: Stored) -> None:
    default_storage.delete(stored.unloaded.file.name)


def forget_another_file(stored: Stored) -> None:
    wait_for_another_file(stored.dataset)
    default_storage.delete(stored.dataset.reupload_file.name)


def shorten_file(stored: Stored) -> None:
    forget_file(stored)
    default_storage.save(stored.unloaded.file.name, ContentFile(b"id\n"))


def replace_with_list_of_older_rows(stored: Stored) -> None:
    RowList.objects.create(
        id=uuid4(), dataset_id=stored.dataset.pk, revision=3, row_count=0, used_at=timezone.now()
    )


def cut_list(stored: Stored) -> None:
    stored.studio.get("data/?sort=-amount")
    execute("DELETE FROM data_tools_rowlistblock")


FAULTS: dict[str, tuple[Callable[[Stored], object], str, str]] = {
    "an altered event": (
        lambda stored: alter_event(stored.session_id, 2, "payload = '{}'"),
        "sessions",
        "is damaged: hash_mismatch at event 2",
    ),
    "a missing event": (
        lambda stored: delete_event(stored.session_id, 2),
        "sessions",
        "is damaged: gap at event 2",
    ),
    "an altered row": (
        lambda stored: replace_row(stored.dataset, 2, lambda values: [7, *values[1:]]),
        "rows",
        "revision 2 of dataset {dataset}: the rows have another fingerprint",
    ),
    "a missing row": (
        lambda stored: replace_row(stored.dataset, 2, None),
        "rows",
        "not all of its 5 rows are there",
    ),
    "a row too many": (
        lambda stored: DataRow.objects.bulk_create(
            [DataRow(dataset_id=stored.dataset.pk, revision=2, row_number=6, values=[])]
        ),
        "rows",
        "there are rows after the last, 5",
    ),
    "a row of another width": (
        lambda stored: replace_row(stored.dataset, 2, lambda values: values[1:]),
        "rows",
        "a row does not fit its columns",
    ),
    "a text among numbers": (
        lambda stored: replace_row(stored.dataset, 2, lambda values: ["1", *values[1:]]),
        "rows",
        "a row does not fit its columns",
    ),
    "an altered row of an older revision": (
        lambda stored: replace_row(stored.dataset, 1, lambda values: [7, *values[1:]]),
        "rows",
        "revision 1 of dataset {dataset}: the rows have another fingerprint",
    ),
    "a session whose rows are gone": (
        lambda stored: DataRow.objects.filter(revision=1).delete(),
        "rows",
        "revision 1 of dataset {dataset}: not all of its 5 rows",
    ),
    "rows of no dataset": (
        lambda stored: store_rows(uuid4(), [[1]]),
        "rows",
        "which does not exist",
    ),
    "rows in two tables": (
        lambda stored: (copy_rows(stored), MovedRevision.objects.all().delete()),
        "rows",
        "there are rows of revision 2 of dataset {dataset}, in the shared table beside its own",
    ),
    "rows of a table that no dataset lists": (
        lambda stored: (copy_rows(stored), DataSource.objects.update(own_tables=[])),
        "rows",
        "there are rows of revision 2 of dataset {dataset}, in a table that nobody reads",
    ),
    "blocks of a column that differ from the rows": (
        lambda stored: ColumnBlock.objects.filter(revision=1, column="b0").update(packed=b"x"),
        "rows",
        "revision 1 of dataset {dataset}: its column blocks differ from the rows",
    ),
    "a damaged computed column": (
        damage_computed_column,
        "computed columns",
        "is damaged; delete it",
    ),
    "columns of no dataset": (
        lambda stored: StoredColumn.objects.create(
            dataset_id=uuid4(), revision=1, column="b0", row_count=1, block_count=0, packed_bytes=0
        ),
        "computed columns",
        "which does not exist",
    ),
    "a missing file": (forget_file, "files", "is not there, and its rows were not loaded"),
    "a missing file that is to replace rows": (
        forget_another_file,
        "files",
        "is not there, and its rows were not loaded",
    ),
    "a file that was cut": (shorten_file, "files", "has 3 bytes, and had 7"),
    "a list of later rows": (replace_with_list_of_older_rows, "lists", "does not fit its dataset"),
    "half a list": (cut_list, "lists", "does not fit its dataset"),
    "a sequence that lags behind": (
        lambda stored: execute("SELECT setval('auth_user_id_seq', 1, false)"),
        "id sequences",
        "auth_user has the id {user}, and the next would be 1",
    ),
}


@pytest.mark.parametrize(("spoil", "check", "sentence"), FAULTS.values(), ids=list(FAULTS))
def test_a_fault_is_found_and_named(
    stored: Stored,
    spoil: Callable[[Stored], object],
    check: str,
    sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spoil(stored)

    checks = verified(capsys)["checks"]

    expected = sentence.format(dataset=stored.dataset.pk, user=stored.user.pk)
    assert {name: each["faults"] for name, each in checks.items() if each["faults"]} == {check: 1}
    assert expected in checks[check]["sentences"][0]


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (
            "DELETE FROM django_migrations WHERE name = '0016_shown_rows'",
            "data_tools.0016_shown_rows is not applied; run `hydroml migrate`",
        ),
        (
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('data_tools', '9999_later', now())",
            "data_tools.9999_later was applied by another version of this service",
        ),
    ],
)
@pytest.mark.django_db  # rolled back: nobody else clears this table
def test_with_other_migrations_nothing_else_is_looked_at(
    statement: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    execute(statement)

    answer = verified(capsys)

    assert list(answer["checks"]) == ["migrations"]
    assert sentence in answer["checks"]["migrations"]["sentences"]
    assert answer["later_clients"] is None


@pytest.mark.django_db  # rolled back, as above
def test_migrations_of_an_app_that_is_no_longer_installed_are_no_fault(
    capsys: pytest.CaptureFixture[str],
) -> None:
    execute(
        "INSERT INTO django_migrations (app, name, applied)"
        " VALUES ('authtoken', '0001_initial', now())"
    )

    assert verified(capsys)["checks"]["migrations"]["faults"] == 0


def test_a_file_that_no_dataset_names_is_no_fault(
    transactional_db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    default_storage.save("datasources/2026/11/left.csv", ContentFile(b"id\n"))

    answer = verified(capsys)

    assert answer["is_sound"]
    assert answer["checks"]["files"]["notes"] == [
        "1 uploaded files belong to no dataset; a job removes them"
    ]


def test_it_says_in_words_what_was_examined_and_fails_if_anything_is_wrong(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    forget_file(stored)

    with pytest.raises(CommandError, match=r"1 faults were found\."):
        call_command("verify_server")

    told = capsys.readouterr().out
    assert "rows                       10 examined      0 wrong" in told
    assert f"the file {stored.unloaded.file.name} of dataset {stored.unloaded.pk} is not" in told
    assert "1 of 1 open sessions had one in the hour before" in told
