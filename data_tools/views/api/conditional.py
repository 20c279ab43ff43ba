"""Conditional reads: `ETag` and `If-None-Match`, for answers that a client may have already.

The comparison is weak. Answers belong to one user (`private`), and a copy must be revalidated
before it is used (`no-cache`). A tag of an answer with integers as text ends in a mark of its own,
because that answer is another one. Source: RFC 9110, sections 8.8.3 and 13.1.2.
"""

from __future__ import annotations

from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.features import Feature, is_on
from data_tools.http.capabilities import wants_exact_integers

_INTEGERS_AS_TEXT = "-i"


def known_tags(request: Request) -> frozenset[str]:
    """Return the tags of the copies that the client has and that are in the form that it wants.

    None while the feature is off.
    """
    header = request.headers.get("If-None-Match", "")
    if not header or not is_on(Feature.PAGE_CACHE):
        return frozenset()
    mark = _mark(request)
    tags = (tag.removeprefix("W/").strip('"') for tag in parse_etags(header))
    return frozenset(
        tag.removesuffix(mark) for tag in tags if tag.endswith(_INTEGERS_AS_TEXT) == bool(mark)
    )


def tagged(request: Request, response: Response, tag: str) -> Response:
    """Return the response with its tag, unless the feature is off."""
    if is_on(Feature.PAGE_CACHE):
        response.headers["ETag"] = f'W/"{tag}{_mark(request)}"'
        response.headers["Cache-Control"] = "private, no-cache"
    return response


def _mark(request: Request) -> str:
    return _INTEGERS_AS_TEXT if wants_exact_integers(request) else ""
