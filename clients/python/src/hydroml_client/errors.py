"""What a request can end in, other than its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A next step after an error. `Session.send` takes it, unless it is a page for people."""

    action: str
    label: str
    method: str
    href: str


class StudioError(Exception):
    """The service refused a request, and says why."""

    def __init__(
        self, error: Mapping[str, Any], status: int, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(error["user_message"])
        self.code: str = error["code"]
        self.actions = [
            Action(**{name: step[name] for name in ("action", "label", "method", "href")})
            for step in error.get("recovery_actions", [])
        ]
        self.retryable: bool = error.get("retryable", False)
        self.details: dict[str, Any] = error.get("details", {})
        self.trace_id: str = error.get("trace_id", "")
        self.status = status
        self.retry_after_seconds = retry_after_seconds

    def __str__(self) -> str:
        return f"{self.code}: {self.args[0]}"


class NoAnswer(Exception):
    """There was no answer of the service: the request may or may not have taken effect."""

    def __init__(self, reason: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(f"The service did not answer: {reason}")
        self.retry_after_seconds = retry_after_seconds


class Undecided(Exception):
    """Opening would give something up, so that somebody has to choose. Nothing was changed.

    `options` are the ways there are; `Session.send` takes the `request` of one.
    """

    def __init__(self, verdict: Mapping[str, Any]) -> None:
        super().__init__(" ".join(reason["sentence"] for reason in verdict["reasons"]))
        self.verdict = verdict
        self.options: list[dict[str, Any]] = verdict["recovery_options"]
