"""The service that is attacked: PostgreSQL, Redis, gunicorn and a Celery worker of its own.

Its settings are production's, with the default limits. Users are made by `manage.py`; everything
else goes over HTTP. Only what is left of an attack is looked up in other ways: in PostgreSQL, in
Redis, and in /proc.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import redis

from hydroml.embedded_postgres import DATABASE, USER
from hydroml.job_queues import CELERY_TASK_QUEUES
from tests.attacks.clients import DATASETS, Client
from tests.attacks.processes import (
    children_of,
    family_of,
    forget_peak_memory,
    memory_mb,
    open_files_of,
    peak_memory_mb,
    threads_of,
)
from tests.crash.victims import OwnPostgres, OwnRedis, Worker
from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.serving import Server, free_port

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery staple"
WEB_PROCESSES = 2
# What the settings of the tests put into the environment, which programs that they start inherit.
LEFT_TO_THEIR_DEFAULTS = ("REQUESTS_PER_USER", "WAITING_PER_PROCESS", "HEAVY_WORK_WAIT_SECONDS")
NEVER_EXPIRES = -1  # as Redis answers TTL
KOMBUS_OWN = b"_kombu."  # one for each queue
MAKE_USERS = """
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
password = make_password({password!r})
User.objects.bulk_create(User(username=name, password=password) for name in {names!r})
"""
# The backends that are doing something for requests. Jobs go on with what was accepted.
BUSY_BACKENDS = """
SELECT count(*) FROM pg_stat_activity
WHERE application_name = 'hydroml' AND state <> 'idle' AND pid <> pg_backend_pid()
"""
END_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
# Changes nothing for connections that are open: an old primary's go on as they began.
READ_ONLY = (
    "ALTER DATABASE hydroml SET default_transaction_read_only = on",
    END_OTHERS,
)
WRITABLE = (
    "SET default_transaction_read_only = off",
    "ALTER DATABASE hydroml RESET default_transaction_read_only",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What exists at one moment. Memory, threads and files are the most that a web process has.

    `redis_keys` counts those that never expire.
    """

    busy_backends: int
    sorting_files: int
    threads: int
    open_files: int
    memory_mb: float
    redis_keys: int


@dataclass(slots=True, kw_only=True)
class AttackedService:
    """One service below `directory`; with `with`, it runs during the block."""

    directory: Path
    postgres: OwnPostgres = field(init=False)
    redis: OwnRedis = field(init=False)
    web: Server = field(init=False)
    _people: int = 0
    _resources: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> AttackedService:
        self.directory.chmod(0o755)  # PostgreSQL's own account must reach it
        try:
            self._start()
        except BaseException:
            self._resources.close()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._resources.close()

    def _start(self) -> None:
        self.postgres = OwnPostgres(directory=self.directory)
        self.postgres.start()
        self._resources.callback(self.postgres.stop)
        self.redis = OwnRedis(directory=self.directory, port=free_port())
        self.redis.start()
        self._resources.callback(self.redis.stop)
        self.manage("migrate", "--verbosity", "0")
        worker = Worker(
            log=self.directory / "worker.log",
            broker_url=self.redis.url,
            environment=self.environment,
        )
        self._resources.callback(worker.kill)
        worker.start()
        self.web = Server(
            log=self.directory / "web.log",
            workers=WEB_PROCESSES,
            redis_url=self.redis.url,
            environment=self.environment,
        )
        self._resources.callback(self.web.kill)
        self.web.start()

    @property
    def environment(self) -> dict[str, str]:
        return {
            **dict.fromkeys(LEFT_TO_THEIR_DEFAULTS, ""),
            "DJANGO_SETTINGS_MODULE": "tests.attacks.service_settings",
            "ATTACKED_DIRECTORY": str(self.directory),
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url,
            "SECRET_KEY": "only for this attacked service, which nobody else reaches",
            "SENTRY_DSN": "",
            "LOG_LEVEL": "INFO",
            "RATE_LIMITS": "true",
            "BEHIND_TLS_PROXY": "false",
            "PROXIES_IN_FRONT": "1",
        }

    def manage(self, *command: str) -> None:
        """Run `manage.py` with the service's settings."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
        assert done.returncode == 0, done.stderr

    def start_web_again(self) -> None:
        """Kill the web processes, end what they asked of the database, and start them anew."""
        self.web.kill()
        self.ask(END_OTHERS)
        self.web.start()

    # Who calls

    def people(self, *names: str) -> list[Client]:
        """Make users of these names and sign each in from an address of its own."""
        self.manage("shell", "-c", MAKE_USERS.format(names=list(names), password=PASSWORD))
        return [self._signed_in(name) for name in names]

    def stranger(self, name: str = "nobody") -> Client:
        """Return a client without a token, at an address that nobody else has."""
        self._people += 1
        address = f"198.18.{self._people // 250}.{self._people % 250 + 1}"
        return Client(port=self.web.port, name=name, address=address)

    def _signed_in(self, name: str) -> Client:
        stranger = self.stranger(name)
        answer = stranger.sign_in(PASSWORD)
        assert answer.status == 200, answer
        return Client(
            port=stranger.port, name=name, address=stranger.address, token=answer.body["token"]
        )

    def with_dataset(self, client: Client, content: bytes, filename: str = "a.csv") -> Client:
        """Upload a file, wait until it is loaded, open a session, and return the client of it."""
        answer = client.upload(content, filename)
        assert answer.status == 201, answer
        dataset_id = answer.body["datasource"]["id"]

        def is_loaded() -> bool:
            source = client.get(f"{DATASETS}{dataset_id}/").body["datasource"]
            assert source["status"] != "ERROR", source
            return bool(source["status"] == "READY")

        eventually(is_loaded)
        opened = Client(
            port=client.port,
            name=client.name,
            address=client.address,
            token=client.token,
            dataset_id=dataset_id,
        )
        answer = opened.post("session/initialize/")
        assert answer.status == 200, answer
        return opened

    # What is left

    @property
    def web_processes(self) -> list[int]:
        """The processes that answer requests."""
        return children_of(self.web.process_id)

    def peak_memory_mb(self) -> float:
        """Return the peak of the largest web process since `forget_peak_memory`."""
        return max(map(peak_memory_mb, self.web_processes), default=0)

    def forget_peak_memory(self) -> None:
        for process_id in self.web_processes:
            forget_peak_memory(process_id)

    def busy_backends(self) -> int:
        """Count the connections of requests whose statement or transaction is under way."""
        return int(self.ask(BUSY_BACKENDS))

    def has_jobs(self) -> bool:
        """Tell whether jobs wait for a worker, or are being done."""
        with redis.Redis.from_url(self.redis.url) as client:
            return bool(client.exists(*(queue.name for queue in CELERY_TASK_QUEUES), "unacked"))

    def left(self) -> Left:
        processes = self.web_processes
        with redis.Redis.from_url(self.redis.url) as client:
            keys = sum(
                client.ttl(key) == NEVER_EXPIRES and not key.startswith(KOMBUS_OWN)
                for key in client.scan_iter()
            )
        return Left(
            busy_backends=self.busy_backends(),
            sorting_files=int(self.ask("SELECT count(*) FROM pg_ls_tmpdir()")),
            threads=max(map(threads_of, processes), default=0),
            open_files=max(map(open_files_of, processes), default=0),
            memory_mb=max(map(memory_mb, processes), default=0),
            redis_keys=keys,
        )

    def ask(self, *statements: str) -> Any:
        """Execute statements as the database's owner; return the last one's only value, if any."""
        host = str(self.postgres.server.socket_directory)
        with closing(psycopg2.connect(host=host, user=USER, dbname=DATABASE)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return cursor.fetchone()[0] if cursor.description else None

    # Parts that stall

    @contextmanager
    def frozen_postgres(self) -> Iterator[None]:
        """Stop every process of PostgreSQL during the block, and let them go on afterwards."""
        with _frozen(family_of(self.postgres.process_id)):
            yield

    @contextmanager
    def frozen_redis(self) -> Iterator[None]:
        with _frozen([self.redis.process_id]):
            yield

    @contextmanager
    def read_only_database(self) -> Iterator[None]:
        """Let PostgreSQL take no changes during the block, as after a failover."""
        self.ask(*READ_ONLY)
        try:
            yield
        finally:
            self.ask(*WRITABLE)

    def push_into_redis(self, *entries: bytes) -> None:
        """Put entries into the list that the workers take their jobs from."""
        with redis.Redis.from_url(self.redis.url) as client:
            client.lpush("celery", *entries)

    def jobs_waiting(self) -> int:
        with redis.Redis.from_url(self.redis.url) as client:
            return int(client.llen("celery"))


@contextmanager
def _frozen(process_ids: list[int]) -> Iterator[None]:
    """Stop these processes, which this test started, and let them go on whatever happens."""
    try:
        for process_id in process_ids:
            with suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGSTOP)
        yield
    finally:
        for process_id in process_ids:
            with suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGCONT)


def until(is_so: Callable[[], bool], seconds: float) -> bool:
    """Wait until the condition holds; return whether it did within this time."""
    ends_at = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > ends_at:
            return False
        time.sleep(0.05)
    return True
