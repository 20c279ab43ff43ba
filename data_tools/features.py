"""Feature flags: each enhancement can be switched off alone, at once, without a deploy.

While one is off, existing clients see the behaviour they know: the enhancement's parameters are
ignored, and its addresses answer 404. The switches are rows of `FeatureFlag`, set in the admin or
by `manage.py feature`; a flag without a row is on. Every process looks them up at most once in
REMEMBERED_SECONDS, so a switch takes effect everywhere within that time.
"""

from __future__ import annotations

import time
from enum import StrEnum

from django.db import Error

from data_tools.models import FeatureFlag

REMEMBERED_SECONDS = 1.0


class Feature(StrEnum):
    """What can be switched off. Each docstring below says what happens then."""

    PAGINATION_PARAMETERS = "pagination_parameters"
    """`page_number`, `page_size` and `sort` are ignored; the preview is the first 100 rows."""

    STRUCTURED_ERRORS = "structured_errors"
    """Existing endpoints send every client a sentence as `error`, and nothing else."""

    RECOVERY = "recovery"
    """`session/validate/` and `session/recover/` answer 404, and no error refers to them."""

    FILTERS = "filters"
    """`filter` is ignored; the endpoints that describe columns for filters answer 404."""

    PERFORMANCE_HEADERS = "performance_headers"
    """No `Server-Timing`; `X-Response-Time` only where it always has been sent."""

    PAGE_CACHE = "page_cache"
    """No `ETag`; the rows of a filter or an order are computed anew for every page."""

    COLUMN_BLOCKS = "column_blocks"
    """Exports, and work on whole columns, read the rows. Column blocks are still written."""


class _Remembered:
    """The features that were off at the last lookup, and until when that is trusted."""

    off: frozenset[str] = frozenset()
    until: float = float("-inf")


def is_on(feature: Feature) -> bool:
    """Tell whether a feature is on. Sends at most one query in REMEMBERED_SECONDS.

    While the database does not answer, the last known state holds.
    """
    now = time.monotonic()
    if now >= _Remembered.until:
        try:
            off = FeatureFlag.objects.filter(is_on=False).values_list("name", flat=True)
            _Remembered.off = frozenset(off)
        except Error:
            pass  # the request's own first statement will report it
        _Remembered.until = time.monotonic() + REMEMBERED_SECONDS
    return feature.value not in _Remembered.off


def switch(feature: Feature, *, on: bool) -> None:
    """Switch a feature for everybody, in this process at once."""
    FeatureFlag.objects.update_or_create(name=feature.value, defaults={"is_on": on})
    _Remembered.until = float("-inf")
