"""Uploaded files go when nothing needs them any more: loaded, or their dataset deleted.

Note [Files that stay behind]
    A file is deleted before its name is forgotten, or in the moment after a deletion is committed.
    A process that is killed in between leaves a name without a file, which is harmless, or a file
    without a name, which the next sweep finds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from data_tools.models import DataSource

_FOLDER = "datasources"
# A file is stored some time before the row that names it is committed.
_LONGEST_UPLOAD = dt.timedelta(hours=1)


def remove_loaded(datasource_id: UUID | None = None) -> int:
    """Delete the files whose rows are published, of one dataset or of all; return how many.

    Nothing reads such a file again: a load that was interrupted has published nothing. Does nothing
    if KEEP_UPLOADED_FILES is set.
    """
    if settings.KEEP_UPLOADED_FILES:
        return 0
    loaded = DataSource.objects.filter(revision__gte=1).exclude(file="")
    if datasource_id is not None:
        loaded = loaded.filter(pk=datasource_id)
    names = list(loaded.values_list("pk", "file"))
    for pk, name in names:
        default_storage.delete(name)
        loaded.filter(pk=pk, file=name).update(file="")
    return len(names)


def remove_left_behind() -> int:
    """Delete the files that no dataset names; return how many.

    See Note [Files that stay behind].
    """
    before = timezone.now() - _LONGEST_UPLOAD
    removed = 0
    for name in stored_files():
        is_old = default_storage.get_modified_time(name) < before
        if is_old and not is_named(name):
            default_storage.delete(name)
            removed += 1
    return removed


def remove_with_dataset(instance: DataSource, **_: Any) -> None:
    """Delete both files of a dataset once its deletion is committed, whoever deletes it."""
    for file in (instance.file, instance.reupload_file):
        if file.name:
            transaction.on_commit(partial(file.storage.delete, file.name))


def is_named(name: str) -> bool:
    """Tell whether a dataset names this file."""
    datasets = DataSource.objects.all()
    return datasets.filter(file=name).exists() or datasets.filter(reupload_file=name).exists()


def stored_files() -> Iterator[str]:
    """Yield the name of every uploaded file that is stored, named by a dataset or not."""
    yield from _stored(_FOLDER)


def _stored(folder: str) -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        yield str(PurePosixPath(folder, name))
    for name in folders:
        yield from _stored(str(PurePosixPath(folder, name)))
