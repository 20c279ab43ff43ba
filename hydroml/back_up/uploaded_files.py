"""Copy the uploaded files that the database names into a back-up, and back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage
from django.db.backends.utils import CursorWrapper

from hydroml.back_up.exceptions import BackUpError
from hydroml.back_up.manifest import MEDIA, Manifest, StoredFile, sync_folder

_PIECE_BYTES = 1 << 20

# A file is waited for until it is loaded. After that, its name stays where uploads are kept, or for
# the moment until it is deleted.
_NAMED = """
SELECT id::text, revision, file,
    revision = 0 AND reupload_file = '' AND status IN ('UPLOADING', 'PROCESSING')
FROM data_tools_datasource WHERE file <> ''
UNION ALL
SELECT id::text, revision, reupload_file, status IN ('UPLOADING', 'PROCESSING')
FROM data_tools_datasource WHERE reupload_file <> ''
"""


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that a dataset names. If it `is_awaited`, its rows are not published yet."""

    dataset_id: str
    revision: int
    name: str
    is_awaited: bool


def named_files(cursor: CursorWrapper) -> frozenset[NamedFile]:
    """Return all files that datasets name, as the cursor's transaction sees them."""
    cursor.execute(_NAMED)
    return frozenset(NamedFile(*row) for row in cursor.fetchall())


@dataclass(slots=True)
class CopiedFiles:
    """The uploaded files in a back-up's `folder`, by name."""

    folder: Path
    by_name: dict[str, StoredFile] = field(default_factory=dict)

    def add(self, names: Iterable[str]) -> set[str]:
        """Copy these files, except those that are copied; return the names of those not there."""
        missing = set()
        for name in sorted(set(names) - self.by_name.keys()):
            try:
                self.by_name[name] = self._copy(name)
            except FileNotFoundError:
                missing.add(name)
        return missing

    def keep_only(self, names: Iterable[str]) -> None:
        """Delete the copies of all other files."""
        for name in self.by_name.keys() - set(names):
            (self.folder / self.by_name.pop(name).path).unlink()

    def sync(self) -> None:
        """Return when the folders' entries are on the disk, as the files' contents are."""
        for folder in {(self.folder / file.path).parent for file in self.by_name.values()}:
            while folder != self.folder:
                sync_folder(folder)
                folder = folder.parent

    def _copy(self, name: str) -> StoredFile:
        path = f"{MEDIA}/{name}"
        with default_storage.open(name, "rb") as source:
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            with (self.folder / path).open("wb") as copy:
                size, sha256 = _read(source, copy.write)
                copy.flush()
                os.fsync(copy.fileno())
        return StoredFile(path=path, bytes=size, sha256=sha256)


def put_back(folder: Path, manifest: Manifest) -> int:
    """Copy the back-up's uploaded files to where uploads are stored; return how many there are.

    A file that is there already with the same content is left alone, so that a restore that was cut
    off can be repeated.

    Raises:
        BackUpError: a file of that name and other content is there; nothing was copied.
    """
    files = {file.path.removeprefix(f"{MEDIA}/"): file for file in manifest.uploaded_files}
    present = {name for name in files if default_storage.exists(name)}
    for name in sorted(present):
        with default_storage.open(name, "rb") as source:
            if _read(source) != (files[name].bytes, files[name].sha256):
                raise BackUpError(
                    f"The uploaded file {name} is there already, with other content. "
                    "Restore into an empty folder of uploads."
                )
    for name in sorted(files.keys() - present):
        _put_back(folder / files[name].path, name)
    return len(files)


def _put_back(path: Path, name: str) -> None:
    """Store the file whole or not at all: a part of it would be in the way of the next restore."""
    draft = f"{name}.restoring"
    default_storage.delete(draft)  # of a restore that was cut off
    with path.open("rb") as source:
        default_storage.save(draft, File(source, name=draft))
    stored = Path(default_storage.path(draft))
    with stored.open("rb") as file:
        os.fsync(file.fileno())
    stored.rename(default_storage.path(name))
    sync_folder(stored.parent)


def _read(source: File[bytes], write: Callable[[bytes], object] = len) -> tuple[int, str]:
    """Give each piece of the file to `write`; return the file's size and SHA-256."""
    digest, size = hashlib.sha256(), 0
    while piece := source.read(_PIECE_BYTES):
        write(piece)
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()
