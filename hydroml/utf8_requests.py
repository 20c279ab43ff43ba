"""Requests read as UTF-8, whatever charset their content type claims.

Some that Python knows are no text encodings (`rot13`): Django would fail on the query before any
middleware could answer for it. JSON and forms have no charset parameter anyway. Sources: RFC 8259,
section 8.1; WHATWG URL, section 5.
"""

from __future__ import annotations

from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.wsgi import WSGIRequest


class _InUtf8:
    @property
    def encoding(self) -> str:
        return "utf-8"

    @encoding.setter
    def encoding(self, claimed: str) -> None:
        """Leave it as it is."""


class Utf8WSGIRequest(_InUtf8, WSGIRequest):
    """What the WSGI application makes of a request."""


class Utf8ASGIRequest(_InUtf8, ASGIRequest):
    """What the ASGI application makes of a request."""
