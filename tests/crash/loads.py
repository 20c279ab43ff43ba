"""Rounds of interrupted loads: kill -9 what loads the flights, start it again, and only watch.

Nobody looks at the dataset over HTTP meanwhile: that would have the load begin again as well.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connections
from tqdm import tqdm

from data_tools.models import DataRow, DataSource
from hydroml.flights import ROW_COUNT, flights_csv
from tests.crash.victims import OwnRedis, Worker, children_of
from tests.support.patience import eventually
from tests.support.serving import Server, free_port
from tests.support.uploads import DATASETS, MULTIPART, form
from tests.support.users import token_of

KILLED_AT_PERCENT = 35
MARKERS = "load figures"
WORKER = "a worker with all its processes"
PROCESS = "the process of a worker that loads"
SERVER = "a server without Redis"
VICTIMS = {"worker": WORKER, "process": PROCESS, "server": SERVER}
_LONGEST_LOAD_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """One round. `ready_after_seconds` counts from the kill; `fault` is empty if all is well."""

    victim: str
    killed_at_percent: int
    ready_after_seconds: float
    attempts: int
    fault: str


@dataclass(slots=True, kw_only=True)
class Loads:
    """One run; what `start` starts is ended by `close`."""

    directory: Path
    user: User = field(init=False)
    content: bytes = field(init=False)
    fingerprint: str = ""
    rounds: list[Interrupted] = field(default_factory=list)
    with_broker: Server = field(init=False)
    without_broker: Server = field(init=False)
    worker: Worker = field(init=False)
    _resources: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        """Start the service, and load the flights once without an interruption."""
        call_command("migrate", verbosity=0, interactive=False)
        environment = {
            "DJANGO_SETTINGS_MODULE": "tests.crash.load_settings",
            "CRASH_DIRECTORY": str(self.directory),
            "SECRET_KEY": settings.SECRET_KEY,
            "SENTRY_DSN": "",
            "INGEST_CHECK_SECONDS": "",
        }
        broker = OwnRedis(directory=self.directory, port=free_port())
        broker.start()
        self._resources.callback(broker.stop)
        self.with_broker, self.without_broker = (
            Server(
                log=self.directory / "web.log",
                redis_url=url,
                workers=1,
                environment={**environment, "REDIS_URL": url},
            )
            for url in (broker.url, "")
        )
        self.worker = Worker(
            log=self.directory / "worker.log",
            broker_url=broker.url,
            environment={**environment, "REDIS_URL": broker.url},
        )
        for each in (self.with_broker, self.without_broker, self.worker):
            self._resources.callback(each.kill)
        self.user = User.objects.create(username="loader")
        self.content = form(flights_csv(settings.VAR_DIR / "demo").read_bytes(), "flights.csv")
        self.with_broker.start()
        self.worker.start()
        undisturbed = self._upload(self.with_broker)
        self._wait_until_loaded(undisturbed)
        self.fingerprint = undisturbed.fingerprint
        undisturbed.delete()

    def close(self) -> None:
        connections.close_all()
        self._resources.close()

    def run(self, rounds: int, victims: list[str]) -> None:
        kinds = [victim for victim in victims for _ in range(rounds)]
        for victim in tqdm(kinds, desc="kill -9 in a load", unit="load", disable=None):
            self.rounds.append(self._round(victim))

    def _round(self, victim: str) -> Interrupted:
        server = self.with_broker
        if victim == SERVER:
            server = self.without_broker
            server.start()
        datasource = self._upload(server)
        eventually(lambda: self._percent(datasource) >= KILLED_AT_PERCENT)
        percent = datasource.progress_percent
        began = time.monotonic()
        self._kill(victim)
        self._start_again(victim)
        fault = self._wait_until_loaded(datasource)
        seconds = time.monotonic() - began
        if not fault and datasource.load_attempts != 2:
            fault = f"{datasource.load_attempts} attempts"
        datasource.delete()
        if victim == SERVER:
            server.kill()
        return Interrupted(
            victim=victim,
            killed_at_percent=percent,
            ready_after_seconds=seconds,
            attempts=datasource.load_attempts,
            fault=fault,
        )

    def _kill(self, victim: str) -> None:
        if victim == WORKER:
            self.worker.kill()
        elif victim == PROCESS:
            eventually(lambda: bool(self._reading()))
            os.kill(self._reading()[0], signal.SIGKILL)
        else:
            self.without_broker.kill()

    def _reading(self) -> list[int]:
        """Return the processes of the worker that have an uploaded file open."""
        media = str(self.directory / "media")
        return [
            process_id
            for process_id in children_of(self.worker.process_id)
            if any(opened.startswith(media) for opened in _open_files(process_id))
        ]

    def _start_again(self, victim: str) -> None:
        """As a supervisor does; Celery itself replaces a single process."""
        if victim == WORKER:
            self.worker.start()
        elif victim == SERVER:
            self.without_broker.start()

    def _upload(self, server: Server) -> DataSource:
        headers = {"Authorization": f"Token {token_of(self.user)}", **MULTIPART}
        answer = server.transport.send("POST", DATASETS, content=self.content, headers=headers)
        assert answer.status == 201, answer
        return DataSource.objects.get(pk=answer.body["datasource"]["id"])

    def _percent(self, datasource: DataSource) -> int:
        datasource.refresh_from_db()
        assert datasource.status in ("UPLOADING", "PROCESSING"), datasource.status
        return datasource.progress_percent

    def _wait_until_loaded(self, datasource: DataSource) -> str:
        """Return what is wrong, or an empty text."""
        ends_at = time.monotonic() + _LONGEST_LOAD_SECONDS
        while datasource.status in ("UPLOADING", "PROCESSING"):
            if time.monotonic() > ends_at:
                return f"still {datasource.status} after {_LONGEST_LOAD_SECONDS} s"
            time.sleep(0.2)
            datasource.refresh_from_db()
        if datasource.status != "READY":
            return f"{datasource.status}: {datasource.error_reason}"
        rows = DataRow.objects.filter(dataset_id=datasource.pk).count()
        if (datasource.row_count, rows) != (ROW_COUNT, ROW_COUNT):
            return f"{datasource.row_count} rows, of which {rows} are there"
        if self.fingerprint and datasource.fingerprint != self.fingerprint:
            return "other rows than those of a load without an interruption"
        return ""


def _open_files(process_id: int) -> list[str]:
    opened = []
    for link in Path(f"/proc/{process_id}/fd").glob("*"):
        with suppress(OSError):
            opened.append(os.readlink(link))
    return opened


def figures(loads: Loads) -> dict[str, Any]:
    """Return plain JSON values, by what was killed; times in seconds."""
    found: dict[str, Any] = {}
    for victim in dict.fromkeys(each.victim for each in loads.rounds):
        rounds = [each for each in loads.rounds if each.victim == victim]
        seconds = [each.ready_after_seconds for each in rounds]
        found[victim] = {
            "rounds": len(rounds),
            "ready": sum(not each.fault for each in rounds),
            "killed_at_percent": [each.killed_at_percent for each in rounds],
            "ready_after_seconds": round(median(seconds)),
            "ready_after_worst_seconds": round(max(seconds)),
            "faults": [each.fault for each in rounds if each.fault],
        }
    return found


def table(found: dict[str, Any], machine: str) -> str:
    """Return Markdown."""
    lines = [
        f"{ROW_COUNT:,} flights, {machine}.",
        "",
        "| killed with -9 | loads | READY by themselves | seconds from the kill | worst |",
        "| --- | --: | --: | --: | --: |",
    ]
    lines += [
        f"| {victim} | {each['rounds']} | {each['ready']} | {each['ready_after_seconds']} "
        f"| {each['ready_after_worst_seconds']} |"
        for victim, each in found.items()
    ]
    return "\n".join(lines)
