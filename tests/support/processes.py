"""Programs that a test starts, each in a process group of its own, so that it ends no others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests.support.patience import PATIENCE_SECONDS

PACKAGES = Path(__file__).resolve().parents[2]  # the checkout
WITHOUT_PANDAS = str(Path(__file__).with_name("without_pandas"))


def database_url() -> str:
    """Return the address of the database that the tests use."""
    configured = os.environ.get("DATABASE_URL") or settings.EMBEDDED_POSTGRES.url
    address, _, query = configured.partition("?")
    server = address.rpartition("/")[0]
    return f"{server}/{connection.settings_dict['NAME']}" + (query and f"?{query}")


def start_module(
    module: str,
    *arguments: str,
    log: Path,
    redis_url: str,
    environment: Mapping[str, str],
    tree: Path | None = None,
    python: str = sys.executable,
) -> subprocess.Popen[bytes]:
    """Start `python -m module …` with production's settings on the tests' database.

    `environment` goes over the usual one. `tree` holds another version of the service. What the
    program prints is added to the log.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            [python, "-m", module, *arguments],
            cwd=tree or settings.BASE_DIR,
            env={
                **os.environ,
                "PYTHONPATH": WITHOUT_PANDAS,
                "DJANGO_SETTINGS_MODULE": "hydroml.settings",
                "DATABASE_URL": database_url(),
                "SECRET_KEY": settings.SECRET_KEY,
                "REDIS_URL": redis_url,
                "SENTRY_DSN": "",
                "LOG_FORMAT": "text",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def end(process: subprocess.Popen[bytes], by: signal.Signals = signal.SIGTERM) -> None:
    """Signal the whole group and return when the process is gone; SIGKILL it if it stays."""
    if process.poll() is None:
        os.killpg(process.pid, by)
    try:
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE_SECONDS)


def is_running(process_id: int) -> bool:
    """Whether there is such a process; a zombie that nobody collects has ended as well."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
