"""Settings of the benchmark: as in production, but with a database and files of its own.

The database is kept between runs, so that its data is loaded once. With DATABASE_URL it is the
one beside the named one, `bench_<name>`; without, an embedded server of its own. A database that
is to stay free of other people's datasets (BENCH_FRESH) is another one, `fresh_<name>`.
"""

import os
import sys

# Django would take psycopg 3, which eventsourcing brings along, before the service's psycopg2.
sys.modules["psycopg"] = None  # type: ignore[assignment]

os.environ["SECRET_KEY"] = "only for measuring"
os.environ["SENTRY_DSN"] = ""
os.environ["REDIS_URL"] = os.environ.get("BENCH_REDIS_URL", "")
os.environ["LOG_LEVEL"] = "WARNING"
os.environ["SLOW_REQUEST_MS"] = "3600000"  # slow requests are measured, not warned of
os.environ["DEBUG"] = "false"
os.environ["BEHIND_TLS_PROXY"] = "false"
os.environ["RATE_LIMITS"] = "false"

from hydroml import env  # noqa: E402
from hydroml.settings import *  # noqa: E402, F403  (they read what was just set)
from hydroml.settings import VAR_DIR, database, embedded_postgres  # noqa: E402

_KIND = "fresh" if env.boolean("BENCH_FRESH", default=False) else "bench"

BENCH_DIR = VAR_DIR / "bench"
EMBEDDED_POSTGRES = embedded_postgres(f"postgres-{_KIND}")
DATABASES = {"default": database(EMBEDDED_POSTGRES.url if EMBEDDED_POSTGRES else "")}
if EMBEDDED_POSTGRES is None:
    DATABASES["default"]["NAME"] = f"{_KIND}_{DATABASES['default']['NAME']}"
# Collected when pages are measured, and nowhere near those of the service itself.
STATIC_ROOT = BENCH_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# Those who append in W7 write here; it is made anew for each run.
DATABASES["appends"] = DATABASES["default"] | {"NAME": f"{DATABASES['default']['NAME']}_appends"}
