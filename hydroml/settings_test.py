"""Settings of the tests: they share nothing with a running service and send nothing out."""

import os

os.environ["SECRET_KEY"] = "only for tests"
os.environ["SENTRY_DSN"] = ""
os.environ["BEHIND_TLS_PROXY"] = "false"
os.environ["LOG_LEVEL"] = "INFO"
os.environ["LOG_FORMAT"] = "text"
os.environ["RATE_LIMITS"] = "false"  # tests of rate limits set their own
# Tests send far more at once than a process has threads for, and all of it passes the gates.
os.environ["REQUESTS_PER_USER"] = os.environ["WAITING_PER_PROCESS"] = "1000"
os.environ["HEAVY_WORK_WAIT_SECONDS"] = "120"

from hydroml.settings import *  # noqa: F403  (reads the variables set above)
from hydroml.settings import SESSION_EVENTS, VAR_DIR, database, embedded_postgres

# No test takes the machine's power away, so nothing waits for the disk. After a failure of the
# power, remove the folder var/postgres-test.
EMBEDDED_POSTGRES = embedded_postgres("postgres-test", "fsync=off", "full_page_writes=off")
DATABASES = {"default": database(EMBEDDED_POSTGRES.url if EMBEDDED_POSTGRES else "")}
# Nor does it with DATABASE_URL, as no test stops the server of its own database.
DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"
MEDIA_ROOT = VAR_DIR / "test-media"
# How many view events a test writes must not depend on how fast it runs.
SESSION_EVENTS = {**SESSION_EVENTS, "VIEW_CHANGE_INTERVAL_SECONDS": 600}
# Slow password hashing protects production, and would take a third of the suite's time.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Static files come straight from their folders, without `collectstatic`.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
# Tests that need Redis use the fixture `own_redis`; no other test depends on one.
BACKGROUND_JOBS_USE_BROKER = False
BACKGROUND_JOBS_ON_COMMIT = False  # no thread outlives a test unless the test wants one
CELERY_BROKER_URL = "memory://"
CELERY_TASK_ALWAYS_EAGER = True
