"""What a client says it can read: ``X-Studio-Capabilities``, a comma-separated list of names."""

from __future__ import annotations

from django.http import HttpRequest
from rest_framework.request import Request

from data_tools.features import Feature, is_on

CAPABILITIES_HEADER = "X-Studio-Capabilities"
STRUCTURED_ERRORS = "structured-errors"
EXACT_INTEGERS = "exact-integers"
ROW_NUMBERS = "row-numbers"


def wants_structured_errors(request: Request | HttpRequest) -> bool:
    """Tell whether the client reads error objects. Always false while the feature is off.

    See Note [Two forms of an error] in `error_answers`.
    """
    return is_on(Feature.STRUCTURED_ERRORS) and STRUCTURED_ERRORS in _capabilities_of(request)


def wants_exact_integers(request: Request | HttpRequest) -> bool:
    """Tell whether the client reads integers that a double cannot hold as texts.

    See Note [Integers as text] in `json_answers`.
    """
    return EXACT_INTEGERS in _capabilities_of(request)


def wants_row_numbers(request: Request) -> bool:
    """Tell whether the client reads the dataset's number of each row that an answer shows."""
    return ROW_NUMBERS in _capabilities_of(request)


def _capabilities_of(request: Request | HttpRequest) -> set[str]:
    names = request.headers.get(CAPABILITIES_HEADER, "").split(",")
    return {name.strip().lower() for name in names}
