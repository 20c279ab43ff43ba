"""How much one user may keep: what the settings say, or what the admin set for that user."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from django.conf import settings

from data_tools.models import UserQuotas

Unit = Literal["bytes", "events", "open_sessions", "datasets"]


class Quota(StrEnum):
    """What there is a quota of. The values are the keys of `settings.QUOTAS`."""

    ROWS_BYTES = "rows_bytes"
    FILES_BYTES = "files_bytes"
    LISTS_BYTES = "lists_bytes"
    EVENTS = "events"
    OPEN_SESSIONS = "open_sessions"
    DATASETS = "datasets"

    @property
    def unit(self) -> Unit:
        match self:
            case Quota.EVENTS:
                return "events"
            case Quota.OPEN_SESSIONS:
                return "open_sessions"
            case Quota.DATASETS:
                return "datasets"
        return "bytes"


Limits = Mapping[Quota, int]


def limits_of(user_id: int) -> Limits:
    """Return the user's limit of each quota. Takes one query."""
    own = UserQuotas.objects.filter(user_id=user_id).values(*Quota).first() or {}
    return {
        quota: settings.QUOTAS[quota] if own.get(quota) is None else own[quota] for quota in Quota
    }
