"""Feature flags: each enhancement can be switched off alone, at once, without a deploy.

Off, the behaviour that existing clients know answers: a parameter that the enhancement reads is
ignored, an address that it added is not there. The switches are rows of `FeatureFlag`, set in the
admin or by `manage.py feature`; a flag without a row is on. Every process looks them up at most
once in REMEMBERED_SECONDS, so a switch takes effect everywhere within that time.
"""

from __future__ import annotations

import time
from enum import StrEnum

from django.db import Error

from data_tools.models import FeatureFlag

REMEMBERED_SECONDS = 1.0


class Feature(StrEnum):
    """What can be switched off. Each docstring below says what answers then."""

    PAGINATION_PARAMETERS = "pagination_parameters"
    """`page_number`, `page_size` and `sort` are ignored; the preview is the first 100 rows."""

    STRUCTURED_ERRORS = "structured_errors"
    """Existing endpoints answer a sentence as `error`, to every client, and nothing beside it."""

    RECOVERY = "recovery"
    """`session/validate/` and `session/recover/` are not there, and no error leads to them."""

    FILTERS = "filters"
    """`filter` is ignored; the column metadata that filters are built from is not there."""

    PERFORMANCE_HEADERS = "performance_headers"
    """No `Server-Timing`; `X-Response-Time` only where it always was."""

    PAGE_CACHE = "page_cache"
    """No `ETag`; every view of the rows is computed anew for every page."""


class _Remembered:
    """The features that were off when last looked up, and until when that is believed."""

    off: frozenset[str] = frozenset()
    until: float = float("-inf")


def is_on(feature: Feature) -> bool:
    """Tell whether a feature is on. What was last known holds while the database does not answer.

    One query at most in REMEMBERED_SECONDS.
    """
    now = time.monotonic()
    if now >= _Remembered.until:
        try:
            off = FeatureFlag.objects.filter(is_on=False).values_list("name", flat=True)
            _Remembered.off = frozenset(off)
        except Error:
            pass  # the request's own first statement will say so
        _Remembered.until = time.monotonic() + REMEMBERED_SECONDS
    return feature.value not in _Remembered.off


def switch(feature: Feature, *, on: bool) -> None:
    """Switch a feature for everybody; in this process at once."""
    FeatureFlag.objects.update_or_create(name=feature.value, defaults={"is_on": on})
    _Remembered.until = float("-inf")
