"""Answers about what a user keeps and may keep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from typing_extensions import TypedDict

from data_tools.answers.shared_values import Success
from data_tools.quotas.limits import Quota, Unit
from data_tools.services.usage_service import UsageInDetail


class FreeingCall(TypedDict):
    """The request that frees what is named beside it."""

    method: Literal["DELETE", "POST"]
    href: str


class LargestPart(TypedDict):
    """A dataset, or its sessions, and how much of the quota they take up, in its unit.

    `last_event_at` says when an open session was last used; null for other quotas.
    """

    datasource_id: UUID
    name: str
    amount: int
    last_event_at: dt.datetime | None
    free_with: FreeingCall


class QuotaUsage(TypedDict):
    """The usage of one quota. `used` may be more than `limit`, if that was lowered."""

    quota: Quota
    unit: Unit
    used: int
    limit: int
    largest: list[LargestPart]


class UsageBody(TypedDict):
    success: Success
    quotas: list[QuotaUsage]


class SessionsDeleted(TypedDict):
    """How many ended sessions were deleted for good, and how many events with them."""

    success: Success
    sessions: int
    events: int


def usage_body(usage: Iterable[UsageInDetail]) -> UsageBody:
    return {"success": True, "quotas": [_quota(each) for each in usage]}


def sessions_deleted_body(*, sessions: int, events: int) -> SessionsDeleted:
    return {"success": True, "sessions": sessions, "events": events}


def _quota(detailed: UsageInDetail) -> QuotaUsage:
    usage = detailed.usage
    return {
        "quota": usage.quota,
        "unit": usage.quota.unit,
        "used": usage.used,
        "limit": usage.limit,
        "largest": [
            {
                "datasource_id": each.dataset_id,
                "name": each.name,
                "amount": each.amount,
                "last_event_at": each.last_event_at,
                "free_with": {"method": each.method, "href": each.href},
            }
            for each in detailed.largest
        ],
    }
