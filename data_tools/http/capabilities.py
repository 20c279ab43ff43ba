"""What a client says it can read: ``X-Studio-Capabilities``, a comma-separated list of names."""

from __future__ import annotations

from django.http import HttpRequest
from rest_framework.request import Request

from data_tools.features import Feature, is_on

CAPABILITIES_HEADER = "X-Studio-Capabilities"
STRUCTURED_ERRORS = "structured-errors"


def wants_structured_errors(request: Request | HttpRequest) -> bool:
    """Tell whether the client reads error objects. Always false while the feature is off.

    See Note [Two forms of an error] in `error_answers`.
    """
    if not is_on(Feature.STRUCTURED_ERRORS):
        return False
    names = request.headers.get(CAPABILITIES_HEADER, "").split(",")
    return STRUCTURED_ERRORS in {name.strip().lower() for name in names}
