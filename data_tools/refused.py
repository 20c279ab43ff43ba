"""The base of every refusal of a request for what it asks of a session's rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class Refused(Exception):
    """The request was refused and nothing changed. Correct it and send it again."""

    code: ClassVar[str] = "REFUSED"

    def __init__(self, message: str = "", *, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message or type(self).__doc__)
        self.details: dict[str, Any] = dict(details or {})
