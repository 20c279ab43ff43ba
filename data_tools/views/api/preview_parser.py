"""The body of a preview: a form with a file, of which no more is kept than the preview reads."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from data_tools.ingest.preview import TEXT_BYTES, is_read_whole
from data_tools.views.api.upload_parser import UploadParser


class PreviewParser(UploadParser):
    """Keeps the form's file in a temporary file that has no name, so it is gone whatever happens to
    this process."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the form's fields and files; as `UploadParser`."""
        request = (parser_context or {})["request"]
        request.upload_handlers = [_KeepWhatIsRead(request)]
        return super().parse(stream, media_type, parser_context)


class _KeepWhatIsRead(FileUploadHandler):
    """Receives a file. Of text, only the beginning is kept; its `size` is that of the whole."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)
        weakref.finalize(self, self.file.close)  # where the form is refused, nobody else does
        self._keeps_all: bool | None = None
        self._kept_bytes = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._keeps_all is None:
            self._keeps_all = is_read_whole(raw_data)
        if self._keeps_all:
            self.file.write(raw_data)
        elif self._kept_bytes < TEXT_BYTES:
            self._kept_bytes += self.file.write(raw_data[: TEXT_BYTES - self._kept_bytes])

    def file_complete(self, file_size: int) -> UploadedFile[bytes]:
        self.file.flush()
        self.file.seek(0)
        return UploadedFile(
            file=self.file,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )
