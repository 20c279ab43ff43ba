"""Whether each dataset whose file is still to be loaded has that file."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.db.models import Q

from data_tools.models import DataSource
from data_tools.revisions import loaded_files
from data_tools.verification.checks import Check

_UNFINISHED = Q(status__in=[DataSource.Status.UPLOADING, DataSource.Status.PROCESSING])
# Its own file is read only before its first rows, and a file that replaces them only once.
_AWAITED = (
    ("file", _UNFINISHED & Q(revision=0, reupload_file="") & ~Q(file="")),
    ("reupload_file", _UNFINISHED & ~Q(reupload_file="")),
)


def verify_files(check: Check) -> None:
    """Look for each file that is waited for, and count the files that no dataset names."""
    for field, is_awaited in _AWAITED:
        awaiting = DataSource.objects.filter(is_awaited)
        for dataset_id, name, size in awaiting.values_list("pk", field, f"{field}_bytes"):
            check.examine()
            difference = _difference(name, size)
            if difference and awaiting.filter(**{"pk": dataset_id, field: name}).exists():
                check.fault(f"the file {name} of dataset {dataset_id} {difference}")
    unnamed = sum(not loaded_files.is_named(name) for name in loaded_files.stored_files())
    if unnamed:
        check.note(f"{unnamed} uploaded files belong to no dataset; a job removes them")


def _difference(name: str, expected_bytes: int) -> str:
    try:
        size = default_storage.size(name)
    except FileNotFoundError:
        return "is not there, and its rows were not loaded"
    if expected_bytes and size != expected_bytes:
        return f"has {size:,} bytes, and had {expected_bytes:,}"
    return ""
