"""`manage.py run_demo`: prepare a service with a user and real data, then become its server.

Existing data is kept, so that the second start takes seconds. `hydroml.demo_announcement` says when
the server is ready, and how to sign in.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from tqdm import tqdm

from data_tools.ingest import load_file
from data_tools.ingest.options import ReadingOptions
from data_tools.models import DataSource
from data_tools.services import demo_account
from hydroml import env
from hydroml.flights import ROW_COUNT, flights_csv

DATASET_NAME = "flights"
# In columns of text too, which NA would otherwise be a value of.
READING = ReadingOptions(null_values=("NA",))


class Command(BaseCommand):
    help = "Serve the demo: a user `demo` with all flights that left New York City in 2013."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DEMO_USER is None:
            raise CommandError("Set DJANGO_SETTINGS_MODULE=hydroml.settings_demo.")
        listener = listen(env.integer("PORT", 8000, minimum=0))
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        load_flights(owner=demo_account.prepare(settings.DEMO_USER))
        connections.close_all()
        serve(listener)


def listen(port: int) -> socket.socket:
    """Bind the port, 0 for any, so that a port in use is reported before data is loaded."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise CommandError(f"Port {port}: {error.strerror}. Choose another by PORT.") from None
    listener.set_inheritable(True)
    return listener


def load_flights(*, owner: User) -> None:
    """Load the owner's flights, unless they are there already.

    Raises:
        CommandError: they could not be loaded; the message says why.
    """
    ready = DataSource.objects.filter(
        owner=owner, name=DATASET_NAME, status=DataSource.Status.READY
    )
    if ready.exists():
        return
    path = flights_csv(settings.VAR_DIR / "demo")
    with tqdm(total=100, desc=f"Loading {ROW_COUNT:,} flights", unit="%") as bar:
        flights = load_file(
            path,
            owner=owner,
            name=DATASET_NAME,
            options=READING,
            on_progress=lambda percent: bar.update(percent - bar.n),
        )
    if flights.status != DataSource.Status.READY:
        raise CommandError(f"The flights were not loaded: {flights.error_reason}")


def serve(listener: socket.socket) -> None:
    """Become gunicorn, which inherits the port; a child process announces it and exits."""
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    python = sys.executable
    subprocess.Popen([python, "-m", "hydroml.demo_announcement", address])
    configuration = ["-c", "python:hydroml.gunicorn_conf", "--log-level", "warning"]
    bind = ["--bind", f"fd://{listener.fileno()}"]
    os.execv(python, [python, "-m", "gunicorn", *configuration, *bind, "hydroml.wsgi"])
