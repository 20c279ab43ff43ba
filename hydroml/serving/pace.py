"""Whether a client sends or reads fast enough."""

from __future__ import annotations


class Pace:
    """Counts bytes in windows of time; in each window at least `least_bytes` have to pass.

    An average over the whole time would let a client that was fast once be slow for hours (Apache's
    `mod_reqtimeout`, `MinRate`). A limit on the time between two reads would let one byte every few
    seconds be enough (nginx's `client_body_timeout`).
    """

    def __init__(self, *, seconds: float, least_bytes: int) -> None:
        self._seconds = seconds
        self._least_bytes = least_bytes
        self._began: float | None = None
        self._bytes_at_first = 0

    def is_kept(self, now: float, passed_bytes: int) -> bool:
        """Tell whether the client is fast enough; the first call begins the first window.

        `passed_bytes` is a running total, `now` is by `time.monotonic()`.
        """
        if self._began is None:
            self._begin(now, passed_bytes)
            return True
        if now - self._began < self._seconds:
            return True
        is_kept = passed_bytes - self._bytes_at_first >= self._least_bytes
        self._begin(now, passed_bytes)
        return is_kept

    def stop(self) -> None:
        """Stop measuring; the next call of `is_kept` begins a new window."""
        self._began = None

    def _begin(self, now: float, passed_bytes: int) -> None:
        self._began, self._bytes_at_first = now, passed_bytes
