"""The body of an upload: a form with a file in it, complete and within the limit.

Django's parser reads the form, but accepts one that was cut off, and files of any size. No library
that streams forms into Django's files rejects both, so this adds the two checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.http.multipartparser import parse_header_parameters
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser

from data_tools.exceptions import InvalidUpload, PayloadTooLarge
from data_tools.services.dataset_service import FORM_BYTES
from data_tools.under_way.requests import renew


class UploadParser(MultiPartParser):
    """Reads no further than the limit, whatever length the request claims.

    A form without its last boundary was cut off on its way, and is rejected.
    """

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the form's fields and files.

        Leaves no file behind if it raises.

        Raises:
            InvalidUpload: the body is not a form, or was cut off.
            PayloadTooLarge: the body or a file in it is larger than an upload may be.
        """
        most_bytes = settings.UPLOADS["MAX_BYTES"] + FORM_BYTES
        _, parameters = parse_header_parameters(media_type or "")
        body = _Body(stream, most_bytes=most_bytes)
        declared = (parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0"
        if declared.isdecimal() and int(declared) > most_bytes:
            raise _too_large()
        try:
            parsed = super().parse(body, media_type, parser_context)
        except ParseError as error:
            raise InvalidUpload from error
        files = [file for _, named in parsed.files.lists() for file in named]
        renew(settings.REQUEST_SECONDS)  # the transfer of a file may have taken longer
        try:
            if not body.ends_with(parameters.get("boundary", "")):
                raise InvalidUpload("The upload broke off before its end. Send it again.")
            if any(file.size > settings.UPLOADS["MAX_BYTES"] for file in files):
                raise _too_large()
        except BaseException:
            for file in files:
                file.close()  # which removes it, if it is a temporary one
            raise
        return parsed


def _too_large() -> PayloadTooLarge:
    most_bytes = settings.UPLOADS["MAX_BYTES"]
    return PayloadTooLarge(
        f"The file is larger than {most_bytes:,} bytes, the most that can be uploaded.",
        maximum_bytes=most_bytes,
    )


class _Body:
    """The request's body, counted as it is read."""

    def __init__(self, stream: IO[bytes], *, most_bytes: int) -> None:
        self._stream = stream
        self._left = most_bytes
        self._end = b""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; refuse those beyond the limit."""
        piece = self._stream.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise _too_large()
        self._end = (self._end + piece)[-_LONGEST_END:]
        return piece

    def ends_with(self, boundary: str) -> bool:
        """Tell whether the last boundary was read, with next to nothing after it."""
        return f"--{boundary}--".encode("latin-1", "replace") in self._end


# A boundary has at most 70 characters; some clients add a line end after the last.
_LONGEST_END = 1024
