"""Show how an uploaded file would be read; nothing is stored."""

from __future__ import annotations

import os
from pathlib import PosixPath, PurePath

from django.core.files.uploadedfile import UploadedFile

from data_tools.ingest.exceptions import BrokenParquet, BrokenWorkbook, NotATable
from data_tools.ingest.options import ReadingOptions
from data_tools.ingest.preview import TEXT_BYTES, Preview, is_read_whole, preview_file

_BROKEN = (BrokenParquet, BrokenWorkbook, NotATable)
_NEEDS_ALL = "A file of this kind can only be shown if all of it is sent."


def preview(
    uploaded_file: UploadedFile[bytes], *, options: ReadingOptions, is_head: bool
) -> Preview:
    """Return the beginning of the file as it would be loaded with these options.

    `is_head` says that what was sent may be only the beginning of the file, of which only text can
    be read. The file must have a descriptor, and need not have a name.
    """
    file = uploaded_file.file
    assert file is not None
    file.seek(0)
    is_text = not is_read_whole(file.read(64))
    is_cut_off = is_text and (is_head or (uploaded_file.size or 0) > TEXT_BYTES)
    path = _UnnamedFile(f"/proc/{os.getpid()}/fd/{file.fileno()}")
    path.written_suffix = PurePath(uploaded_file.name or "").suffix
    shown = preview_file(path, options=options, is_cut_off=is_cut_off)
    if is_head and not is_text and shown.refusal and isinstance(shown.refusal.error, _BROKEN):
        return Preview(warnings=[_NEEDS_ALL], is_partial=True)
    return shown


class _UnnamedFile(PosixPath):
    """The path of an open file that has no name, with the suffix of the name it was sent under.

    Nothing of such a file is left behind, even if this process is killed. Another process of the
    same user can open it, too: the sandbox does.
    """

    __slots__ = ("written_suffix",)
    written_suffix: str

    @property
    def suffix(self) -> str:
        return self.written_suffix

    def resolve(self, strict: bool = False) -> _UnnamedFile:
        return self
