"""What honest users see while an attack goes on: how long their requests take, and how they end."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.attacks.clients import Client
from tests.attacks.honest import HEALTH
from tests.support.patience import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request of an honest user. `began` is by `time.monotonic()`; status 0 is no answer."""

    kind: str
    began: float
    seconds: float
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The times of some requests, and how many of them were not answered well."""

    count: int
    errors: int
    p50_ms: float
    p99_ms: float
    worst_ms: float


def times(seen: Sequence[Seen]) -> Times:
    """Sum requests up. One without an answer counts with the time that was spent waiting for it."""
    sorted_ms = sorted(each.seconds * 1_000 for each in seen)
    if not sorted_ms:
        return Times(count=0, errors=0, p50_ms=0, p99_ms=0, worst_ms=0)
    last = len(sorted_ms) - 1
    return Times(
        count=len(sorted_ms),
        errors=sum(each.status != 200 for each in seen),
        p50_ms=sorted_ms[last // 2],
        p99_ms=sorted_ms[round(last * 0.99)],
        worst_ms=sorted_ms[-1],
    )


@dataclass(slots=True, kw_only=True)
class Watch:
    """Honest users in a process of their own, for the length of a `with`."""

    clients: Sequence[Client]
    rows: int
    works: bool
    pause_seconds: float
    seen: list[Seen] = field(default_factory=list)
    _process: subprocess.Popen[str] | None = None
    _reader: threading.Thread | None = None

    def __enter__(self) -> Watch:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.attacks.honest"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        told = {
            "clients": [
                {
                    "port": client.port,
                    "name": client.name,
                    "address": client.address,
                    "token": client.token,
                    "dataset_id": str(client.dataset_id),
                }
                for client in self.clients
            ],
            "rows": self.rows,
            "works": self.works,
            "pause_seconds": self.pause_seconds,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._reader is not None
        self._process.stdin.close()
        try:
            self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()

    def between(self, begin: float, end: float, *, health: bool = False) -> list[Seen]:
        """Return what was sent, or still waited, in this time: to `/healthz`, or all else."""
        return [
            each
            for each in list(self.seen)
            if each.began < end
            and each.began + each.seconds > begin
            and (each.kind == HEALTH) == health
        ]

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            kind, began, seconds, status = json.loads(line)
            self.seen.append(Seen(kind=kind, began=began, seconds=seconds, status=status))
