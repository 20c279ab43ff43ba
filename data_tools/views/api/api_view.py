"""What every endpoint of the API does with a request before it looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.views import APIView

from data_tools.exceptions import InvalidBody, PayloadTooLarge

# Deeper than any request of ours, and far from where Python's own stack would end.
MAX_BODY_DEPTH = 32


class JSONBodyParser(BaseParser):
    """JSON in UTF-8, as RFC 8259 has it, of bounded size and depth.

    A charset that the content type claims is ignored: among Python's are some that are no text
    encodings at all.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the body's value.

        Raises:
            ParseError: it is not JSON.
            PayloadTooLarge, InvalidBody: it is larger, or nested deeper, than any request.
        """
        maximum_bytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        content = stream.read(maximum_bytes + 1)
        if len(content) > maximum_bytes:
            raise PayloadTooLarge(maximum_bytes=maximum_bytes)
        try:
            value = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"JSON parse error - {error}") from error
        if _is_deeper(value, MAX_BODY_DEPTH):
            raise InvalidBody(
                f"The request's body is nested deeper than {MAX_BODY_DEPTH} levels.",
                maximum_depth=MAX_BODY_DEPTH,
            )
        return value


class ApiView(APIView):
    """Base of every endpoint."""

    parser_classes = (JSONBodyParser,)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        # The query too is UTF-8, see JSONBodyParser. The public setter would first decode it.
        request._encoding = "utf-8"
        return super().initialize_request(request, *args, **kwargs)


def object_of(request: Request) -> Mapping[str, Any]:
    """Return the body, which must be a JSON object; no body at all is an empty one.

    Raises:
        InvalidBody: it is another JSON value.
    """
    if not isinstance(request.data, Mapping):
        raise InvalidBody
    return request.data


def _is_deeper(value: Any, levels: int) -> bool:
    """Tell whether lists and objects are nested deeper than `levels`; without recursion."""
    level = [value]
    for _ in range(levels):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return any(isinstance(value, dict | list) for value in level)
