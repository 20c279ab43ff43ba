"""How gunicorn serves HydroML: `make serve` in production, and the demo."""

import os
from pathlib import Path
from typing import Any

from hydroml import env
from hydroml.embedded_postgres import ensure_configured_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hydroml.settings")

env.read_file(Path(__file__).resolve().parent.parent / ".env")
port = env.integer("PORT", 8000)
bind = f"127.0.0.1:{port}"
workers = env.integer("WEB_CONCURRENCY", max(2, os.cpu_count() or 1))
worker_class = "hydroml.gunicorn_worker.StudioWorker"
threads = 4  # requests mostly wait for the database
timeout = 60  # seconds; a statement is cancelled after 30
graceful_timeout = 20  # seconds that running requests have to end when the server stops
keepalive = 5  # seconds
limit_request_line = 8190  # bytes, gunicorn's maximum: filters travel in the query string
forwarder_headers = ""  # takes no SCRIPT_NAME from a header: all is mounted at the root
control_socket_disable = True  # nothing uses it


def on_starting(server: Any) -> None:
    """Start the database from the master, so that it outlives each single worker."""
    ensure_configured_database()
