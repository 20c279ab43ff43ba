"""What a back-up holds: the file `manifest.json`, written last, and every file with its digest."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from hydroml.back_up.exceptions import BackUpError

NAME = "manifest.json"
DUMP = "database.dump"
MEDIA = "media"
FORMAT = 1


class StoredFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the back-up: its path below the folder, its size, and the SHA-256 of its bytes."""

    path: str
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a back-up holds.

    It shows the database as it was at `shown_at`, by the clock of the database. `row_counts` has
    the rows of each table; lists of row numbers are left out, since they are computed again.
    `files` are the dump and the uploaded files that the database names. `lost_files` are those that
    a dataset still waits for and that were gone before the back-up. `migrations` are those that
    were applied, as ``app.name``.
    """

    format: int
    shown_at: dt.datetime
    server_version: int
    dump_version: str
    migrations: list[str]
    row_counts: dict[str, int]
    files: list[StoredFile]
    lost_files: list[str]

    @property
    def dump_major(self) -> int:
        """The major version of the `pg_dump` that was used."""
        return int(self.dump_version.partition(".")[0])

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    @property
    def uploaded_files(self) -> list[StoredFile]:
        """The uploaded files; the database names each without the folder `MEDIA`."""
        return [file for file in self.files if file.path != DUMP]


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, whole or not at all, and return when it is on the disk."""
    draft = folder / f"{NAME}.draft"
    with draft.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / NAME)
    sync_folder(folder)


def read(folder: Path) -> Manifest:
    """Return the manifest of a complete back-up.

    Raises:
        BackUpError: it is not one, or a newer version of this service made it.
    """
    try:
        content = (folder / NAME).read_bytes()
    except OSError:
        raise BackUpError(
            f"{folder} is no complete back-up: it has no {NAME}, which is written last."
        ) from None
    try:
        head = msgspec.json.decode(content, type=_Head)
        if head.format > FORMAT:
            raise BackUpError(f"{folder} was made by a newer version of this service; install it.")
        return msgspec.json.decode(content, type=Manifest)
    except msgspec.DecodeError as error:
        raise BackUpError(f"{folder / NAME} is damaged: {error}") from None


class _Head(msgspec.Struct):
    format: int


def describe(folder: Path, path: str) -> StoredFile:
    """Return the size and digest of a file of the back-up, reading all of it."""
    with (folder / path).open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return StoredFile(path=path, bytes=os.fstat(file.fileno()).st_size, sha256=sha256)


def damage(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Yield a sentence for each file that is missing or is not as it was written."""
    for file in manifest.files:
        try:
            present = describe(folder, file.path)
        except OSError as error:
            yield f"{file.path} cannot be read: {error.strerror}"
            continue
        if present.bytes != file.bytes:
            yield f"{file.path} has {present.bytes:,} bytes, and had {file.bytes:,}"
        elif present.sha256 != file.sha256:
            yield f"{file.path} has other content than when it was written"


def sync_folder(folder: Path) -> None:
    """Return when the names of the folder's files are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
