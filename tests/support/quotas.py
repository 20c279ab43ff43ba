"""What a user keeps, as the API tells it, and refusals of what they have no room for."""

from __future__ import annotations

from typing import Any

from tests.contract.error_shape import faults
from tests.support.studio_client import STRUCTURED, Answer, Studio

USAGE = "/api/account/usage/"


def usage_of(studio: Studio, quota: str) -> dict[str, Any]:
    """Return the standing in one quota."""
    answer = studio.request("GET", USAGE)
    assert answer.status == 200, answer
    [found] = [each for each in answer.body["quotas"] if each["quota"] == quota]
    return found


def used(studio: Studio, quota: str) -> int:
    return usage_of(studio, quota)["used"]


def refused(answer: Answer, quota: str, *, sentence: bool = False) -> dict[str, Any]:
    """Assert that the answer is a whole refusal by that quota; return its details."""
    assert list(faults(answer, "QUOTA_EXCEEDED", sentence=sentence)) == []
    assert answer.error["details"]["quota"] == quota
    return answer.error["details"]


def free_one(studio: Studio, details: dict[str, Any]) -> Answer:
    """Do what a refusal says first to make room."""
    call = details["largest"][0]["free_with"]
    return studio.request(call["method"], call["href"], headers=STRUCTURED)
