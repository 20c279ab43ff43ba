"""Requests that are read as UTF-8, whatever charset their content type claims.

Python knows charsets that are not text encodings, such as `rot13`: Django would fail on the query
string before any middleware could answer. JSON and forms have no charset parameter anyway.

Source: RFC 8259, section 8.1; WHATWG URL Standard, section 5.
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
        """Ignore the claim."""


class Utf8WSGIRequest(_InUtf8, WSGIRequest):
    """The request of the WSGI application."""


class Utf8ASGIRequest(_InUtf8, ASGIRequest):
    """The request of the ASGI application."""
