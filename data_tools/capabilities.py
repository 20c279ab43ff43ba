"""What a client says it can read: ``X-Studio-Capabilities``, a comma separated list of names."""

from __future__ import annotations

from django.http import HttpRequest
from rest_framework.request import Request

CAPABILITIES_HEADER = "X-Studio-Capabilities"
STRUCTURED_ERRORS = "structured-errors"


def wants_structured_errors(request: Request | HttpRequest) -> bool:
    """Tell whether the client reads an error object, see `errors` Note [Two forms of an error]."""
    names = request.headers.get(CAPABILITIES_HEADER, "").split(",")
    return STRUCTURED_ERRORS in {name.strip().lower() for name in names}
