"""How much a user keeps and may keep, and what takes up the most room."""

from __future__ import annotations

from dataclasses import dataclass

from data_tools.quotas.largest import Contributor, largest
from data_tools.quotas.usage import Usage, usage_of


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageInDetail:
    """The usage of one quota, with what takes up the most of it, largest first."""

    usage: Usage
    largest: tuple[Contributor, ...]


def usage(user_id: int) -> list[UsageInDetail]:
    """Return the user's usage of every quota. Reads no rows and no events."""
    return [
        UsageInDetail(usage=standing, largest=tuple(largest(user_id, quota)))
        for quota, standing in usage_of(user_id).items()
    ]
