"""The last guard of an answer's size, behind everything that bounds answers as they are made.

No answer of more than ANSWER_MAX_BYTES is sent. A read gets an error instead. The answer to a
command that took effect says so in `page_error`: an error would make the client send it again.
"""

from __future__ import annotations

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.error_answers import StandardErrorResponse
from data_tools.exceptions import AnswerTooLarge
from data_tools.http.errors import error_from

_TOOK_EFFECT = "This took effect and is saved, but the answer is too large to be sent."
# What a client needs from the answer to a command in order to continue; each is small.
_KEPT_KEYS = ("success", "message", "session_id", "version", "saved_at", "repeated")
_HEADERS_OF_THE_BODY = frozenset({"content-length", "content-type", "etag"})


def sent_in_place_of(
    response: Response, *, request: Request, mount: str, is_existing_endpoint: bool
) -> Response | None:
    """Return what to send in place of a rendered answer that is too large; None for any other."""
    maximum_bytes = settings.BUDGETS["ANSWER_MAX_BYTES"]
    if len(response.content) <= maximum_bytes or response.status_code >= 300:
        return None
    if request.method in SAFE_METHODS:
        error = AnswerTooLarge(maximum_bytes=maximum_bytes, setting="ANSWER_MAX_BYTES")
        other: Response = StandardErrorResponse(
            error_from(error),
            request=request,
            mount=mount,
            is_existing_endpoint=is_existing_endpoint,
        )
    else:
        kept = {name: response.data[name] for name in _KEPT_KEYS if name in response.data}
        other = Response({**kept, "page_error": _TOOK_EFFECT}, status=response.status_code)
    for name, value in response.headers.items():
        if name.lower() not in _HEADERS_OF_THE_BODY:
            other.headers.setdefault(name, value)
    other.accepted_renderer = response.accepted_renderer
    other.accepted_media_type = response.accepted_media_type
    other.renderer_context = {**response.renderer_context, "response": other}
    response.renderer_context = None  # which holds the response, so that it would outlive its use
    return other.render()
