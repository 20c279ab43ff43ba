"""Conditional reads: `ETag` and `If-None-Match`, for answers that a client may have already.

The comparison is weak. Answers belong to one user (`private`), and a copy must be revalidated
before it is used (`no-cache`). Source: RFC 9110, sections 8.8.3 and 13.1.2.
"""

from __future__ import annotations

from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.features import Feature, is_on


def known_tags(request: Request) -> frozenset[str]:
    """Return the tags of the copies that the client has; none while the feature is off."""
    header = request.headers.get("If-None-Match", "")
    if not header or not is_on(Feature.PAGE_CACHE):
        return frozenset()
    return frozenset(tag.removeprefix("W/").strip('"') for tag in parse_etags(header))


def tagged(response: Response, tag: str) -> Response:
    """Return the response with its tag, unless the feature is off."""
    if is_on(Feature.PAGE_CACHE):
        response.headers["ETag"] = f'W/"{tag}"'
        response.headers["Cache-Control"] = "private, no-cache"
    return response
