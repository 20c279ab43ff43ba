"""Settings of the service, read from the environment (`docs/settings.md` explains every variable).

In order: what runs, the database, background jobs, sessions and sign-in, the API, files,
logging and error reports. `settings_demo` and `settings_test` change what differs there.
"""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from csp import constants as csp

from hydroml import env
from hydroml.embedded_postgres import EmbeddedPostgres
from hydroml.home import HOME, VAR_DIR

BASE_DIR = Path(__file__).resolve().parent.parent
env.require(
    "SECRET_KEY", advised=("ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"), file=HOME / ".env"
)

# What runs
DEBUG = env.boolean("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY")  # signs login cookies; changing it signs everybody out
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "knox",  # hashed tokens; the model is `data_tools.ApiToken`
    "drf_spectacular",
    "drf_spectacular_sidecar",  # Swagger UI's own files: no CDN
    "csp",
    "session_events",
    "data_tools",
    "hydroml",
]
MIDDLEWARE = [
    "data_tools.http.observed_requests.ObservedRequestsMiddleware",
    "data_tools.http.request_limits.RequestLimitsMiddleware",
    "data_tools.http.performance_headers.PerformanceHeadersMiddleware",
    "data_tools.http.private_answers.PrivateAnswersMiddleware",
    "data_tools.http.addresses.ReadableCookiesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "data_tools.http.addresses.StudioCommonMiddleware",
    "data_tools.http.admission.AdmissionMiddleware",
    "data_tools.http.throttling.SignInLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "hydroml.urls"
WSGI_APPLICATION = "hydroml.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

# The database. No connection is held up for long: a statement gives up after 30 s (long work, such
# as ingest, sets its own limit), waiting for a lock after 5 s, an idle transaction after 60 s. JIT
# compilation costs more than it saves on statements this short. The server ends the statement of a
# client that is gone within a second. Requests have a deadline on this side as well: see ENGINE.
DATABASE_CONNECTION_SETTINGS = {
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "jit": "off",
    "client_connection_check_interval": "1s",
}
# The operating system notices that a server is cut off with its network: within a minute while
# nothing is sent, and 30 s after it sent something that is not acknowledged.
DATABASE_KEEPALIVES = {
    "keepalives_idle": 30,  # seconds
    "keepalives_interval": 10,  # seconds
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}


def database(default: str, *, name: str = "DATABASE_URL") -> dict[str, Any]:
    """Return the database of this setting, or of the URL `default`, with these limits."""
    chosen = env.postgres(name, default)
    limits = " ".join(f"-c {name}={value}" for name, value in DATABASE_CONNECTION_SETTINGS.items())
    options = {
        "connect_timeout": 5,  # seconds, for each address of the host
        # By which pg_stat_activity tells the work of jobs from that of requests.
        "application_name": "hydroml jobs" if "celery" in sys.argv[0] else "hydroml",
        "options": limits,
        **DATABASE_KEEPALIVES,
    }
    return chosen | {
        "ENGINE": "data_tools.sql.postgres",
        "ATOMIC_REQUESTS": False,  # would turn an append's short lock into a request-long one
        "CONN_MAX_AGE": 60,  # seconds; a server's threads keep their connection between requests
        "CONN_HEALTH_CHECKS": True,  # replaces a connection that a restart broke
        "OPTIONS": options | chosen.get("OPTIONS", {}),
    }


def embedded_postgres(name: str, *settings: str) -> EmbeddedPostgres | None:
    """Return the checkout's own server of that name, or None if DATABASE_URL is set."""
    home = VAR_DIR / name
    return None if env.text("DATABASE_URL", "") else EmbeddedPostgres(home=home, settings=settings)


EMBEDDED_POSTGRES = embedded_postgres("postgres")
DATABASES = {"default": database(EMBEDDED_POSTGRES.url if EMBEDDED_POSTGRES else "")}
# A standby that answers some reads (`data_tools.replica`). A broken connection to it is found by
# using it, since the primary then answers. Were it promoted, nothing could be written by mistake.
if env.text("REPLICA_DATABASE_URL", ""):
    DATABASES["replica"] = replica = database("", name="REPLICA_DATABASE_URL")
    replica["CONN_HEALTH_CHECKS"] = False
    replica["OPTIONS"]["connect_timeout"] = 2  # seconds
    replica["OPTIONS"]["options"] += " -c default_transaction_read_only=on"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Background jobs. Redis helps but is never required: no answer depends on what it holds, and its
# timeouts are short, so that finding it dead costs a moment (see `session_events.broker`). Without
# it jobs run in the process (see hydroml.W001 in `checks`). RATE_LIMITS are counted in it too.
REDIS_URL = env.url("REDIS_URL", "", schemes=("redis", "rediss", "unix"))
REDIS_TIMEOUTS = {"socket_connect_timeout": 0.5, "socket_timeout": 1.0}  # seconds
BACKGROUND_JOBS_USE_BROKER = bool(REDIS_URL)  # otherwise a job runs in the process that starts it
BACKGROUND_JOB_THREADS = env.integer("BACKGROUND_JOB_THREADS", 2)  # of a process, for those jobs
BACKGROUND_JOBS_ON_COMMIT = True  # otherwise jobs wait for the next sweep
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_ALWAYS_EAGER = not BACKGROUND_JOBS_USE_BROKER
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_TASK_IGNORE_RESULT = True  # the database has what a job did
CELERY_TASK_ACKS_LATE = True  # a killed worker's job runs again; jobs are idempotent
CELERY_TASK_TIME_LIMIT = 3_000  # seconds; Redis delivers a job again after 3,600
CELERY_TASK_PUBLISH_RETRY = False  # a request never waits for a dead broker
CELERY_BROKER_CONNECTION_TIMEOUT = 1.0  # seconds
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker without end
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3_600, "max_retries": 0, **REDIS_TIMEOUTS}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "hydroml.beat:Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")


from hydroml.job_queues import *  # noqa: E402, F403  (reads what `.env` has set above)
from hydroml.job_queues import housekeeping  # noqa: E402


def every(seconds: int, task: str) -> dict[str, Any]:
    """Return a periodic job, which is dropped if no worker takes it before the next is due."""
    return {"task": task, "schedule": float(seconds), "options": {"expires": float(seconds)}}


# How often each job looks for work, in seconds. No answer depends on them: late, lost or repeated
# runs only make replays longer and keep rows longer (docs/jobs.md).
CELERY_BEAT_SCHEDULE = {
    "sweep-snapshots": every(
        env.integer("SESSION_SNAPSHOT_SWEEP_SECONDS", 300), "session_events.tasks.sweep_snapshots"
    ),
    "expire-idle-sessions": every(
        env.integer("SESSION_EXPIRY_SWEEP_SECONDS", 60),
        "session_events.tasks.expire_idle_sessions",
    ),
    "verify-snapshots": every(
        env.integer("SESSION_VERIFY_SECONDS", 900), "session_events.tasks.verify_snapshots"
    ),
    "prune-snapshots": every(
        env.integer("SESSION_SNAPSHOT_PRUNE_SECONDS", 3_600),
        "session_events.tasks.prune_snapshots",
    ),
    "remove-past-retention": every(
        env.integer("SESSION_RETENTION_SWEEP_SECONDS", 3_600),
        "session_events.tasks.remove_past_retention",
    ),
    "fail-interrupted-ingests": every(
        env.integer("INGEST_CHECK_SECONDS", 20), "data_tools.tasks.fail_interrupted_ingests"
    ),
    "prune-row-lists": every(
        env.integer("ROW_LISTS_PRUNE_SECONDS", 600), "data_tools.tasks.prune_row_lists"
    ),
    "measure-rows": every(
        env.integer("MEASURE_ROWS_SECONDS", 3_600), "data_tools.tasks.measure_rows"
    ),
    "pack-columns": every(
        env.integer("PACK_COLUMNS_SECONDS", 600), "data_tools.tasks.pack_columns"
    ),
    "move-rows": every(env.integer("MOVE_ROWS_SECONDS", 3_600), "data_tools.tasks.move_rows"),
    "prune-old-revisions": every(
        env.integer("OLD_REVISIONS_PRUNE_SECONDS", 3_600), "data_tools.tasks.prune_old_revisions"
    ),
    "remove-expired-sign-ins": every(
        env.integer("EXPIRED_SIGN_INS_PRUNE_SECONDS", 3_600),
        "data_tools.tasks.remove_expired_sign_ins",
    ),
}
CELERY_TASK_ROUTES = housekeeping(CELERY_BEAT_SCHEDULE)

# Lists of row numbers (`data_tools.rows.lists.storage`) are computed again when needed. A list is
# deleted when it was not used for this long (7 days), or when it is among the longest unused beyond
# this many row numbers in all, of about 9 bytes each.
ROW_LISTS = {
    "UNUSED_SECONDS": env.integer("ROW_LISTS_UNUSED_SECONDS", 7 * 86_400),
    "MOST_ROWS": env.integer("ROW_LISTS_MOST_ROWS", 100_000_000),
}

# A revision of at least this many rows has a table of its own (`data_tools.row_tables`); if it is
# 0, none has.
OWN_TABLE_ROWS = env.integer("OWN_TABLE_ROWS", 50_000, minimum=0)

# Columns that operations computed (`data_tools.column_blocks`): likewise, when unused for this long
# (7 days), or among the longest unused beyond this many bytes in all.
COMPUTED_COLUMNS = {
    "UNUSED_SECONDS": env.integer("COMPUTED_COLUMNS_UNUSED_SECONDS", 7 * 86_400),
    "MOST_BYTES": env.integer("COMPUTED_COLUMNS_MOST_BYTES", 2_000_000_000),
}

# Sessions of the Data Studio
SESSION_EVENTS = {
    # A session expires after this long without activity (4 hours).
    "INACTIVITY_TIMEOUT_SECONDS": env.integer("SESSION_INACTIVITY_TIMEOUT_SECONDS", 14_400),
    # An ended session can be recovered for this long (30 days).
    "RETENTION_SECONDS": env.integer("SESSION_RETENTION_SECONDS", 30 * 86_400),
    # Page turns are recorded at most once in this interval.
    "VIEW_CHANGE_INTERVAL_SECONDS": env.integer("SESSION_VIEW_CHANGE_INTERVAL_SECONDS", 10),
    # How many events lie between two snapshots of a stream, and how many snapshots it keeps.
    "SNAPSHOT_EVERY_EVENTS": env.integer("SESSION_SNAPSHOT_EVERY_EVENTS", 100),
    "SNAPSHOTS_KEPT": env.integer("SESSION_SNAPSHOTS_KEPT", 3),
    # Quarantined snapshots, and those of an older fold, are kept for this long (7 days).
    "SNAPSHOT_RETENTION_SECONDS": env.integer("SESSION_SNAPSHOT_RETENTION_SECONDS", 7 * 86_400),
    # How many streams or snapshots one run of a job looks at, and one verification.
    "JOB_BATCH": env.integer("SESSION_JOB_BATCH", 500),
    "VERIFY_SAMPLE": env.integer("SESSION_VERIFY_SAMPLE", 50),
    # The most operations that a session holds.
    "MAX_OPERATIONS": env.integer("SESSION_MAX_OPERATIONS", 1_000),
}

# A session with at most this many rows is saved as a dataset within the request, others by a job.
SAVE_IN_REQUEST_ROWS = env.integer("SAVE_IN_REQUEST_ROWS", 10_000)

# Sign-in
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
# In the database alone: a cache that was unreachable for a moment would let somebody in again who
# had signed out meanwhile (docs/decisions/0006-nothing-in-redis.md).
SESSION_ENGINE = "data_tools.http.login_sessions"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
DEMO_USER: str | None = None  # only the demo settings name one; its password is its name

AUTHENTICATION_BACKENDS = ["data_tools.http.sign_in.SignInBackend"]
# A browser stays signed in for this long, whatever it does meanwhile.
SESSION_COOKIE_AGE = env.integer("SIGN_IN_DAYS", 14) * 86_400
# How often signing in to one account may fail: from one address block or known browser, and from
# all new places together. Several windows slow an attacker down more and more.
SIGN_IN_FAILURES = (
    {
        "FROM_ONE_PLACE": env.text("SIGN_IN_FAILURES_FROM_ONE_PLACE", "5/minute; 30/hour"),
        "FROM_NEW_PLACES": env.text("SIGN_IN_FAILURES_FROM_NEW_PLACES", "100/hour"),
    }
    if env.boolean("RATE_LIMITS", default=True)
    else {}
)
KNOWN_BROWSER_DAYS = 365  # how long a browser is known after it last signed in

# Tokens of programs
TOKEN_DAYS = env.integer("TOKEN_DAYS", 90)  # how long a token lasts, unless less is asked for
TOKENS_PER_USER = env.integer("TOKENS_PER_USER", 100)
# For this many seconds both tokens of a rotation work, so that no request fails in between.
TOKEN_ROTATION_SECONDS = env.integer("TOKEN_ROTATION_SECONDS", 300, minimum=0)
TOKEN_USE_NOTED_SECONDS = 300  # the last use of a token is written at most once in this long
KNOX_TOKEN_MODEL = "data_tools.ApiToken"
MIGRATION_MODULES = {"knox": None}  # no table, because the model above replaces knox's own
REST_KNOX = {
    "TOKEN_PREFIX": "hydroml_",  # by which scanners for leaked secrets recognise a token
    "TOKEN_TTL": timedelta(days=TOKEN_DAYS),
}

# In production a proxy terminates TLS and says so in X-Forwarded-Proto. Over plain HTTP, in a trial
# on one machine, secure cookies would never be sent and nobody could sign in.
BEHIND_TLS_PROXY = env.boolean("BEHIND_TLS_PROXY", default=True)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS_PROXY
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", default=[])
# Browsers that came over TLS once come no other way for this long (a year).
_HSTS_SECONDS = env.integer("HSTS_SECONDS", 31_536_000, minimum=0)
SECURE_HSTS_SECONDS = _HSTS_SECONDS if BEHIND_TLS_PROXY else 0
SILENCED_SYSTEM_CHECKS = [
    # Other hosts of the domain, and the browsers' built-in lists, are not ours to decide about.
    "security.W005",
    "security.W021",
    # The proxy redirects from http to https; requests that it sends, and health checks, are plain.
    "security.W008",
]
# Pages run and show what this service serves, and nothing that is written into them.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [csp.NONE],
        "script-src": [csp.SELF],
        "style-src": [csp.SELF],
        "img-src": [csp.SELF, "data:"],  # the arrows of Swagger UI are in its style sheet
        "connect-src": [csp.SELF],
        "form-action": [csp.SELF],
        "base-uri": [csp.NONE],
        "frame-ancestors": [csp.NONE],
    }
}

# The API
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["data_tools.http.json_answers.StudioJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["drf_orjson_renderer.parsers.ORJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "data_tools.http.authentication.StudioTokenAuthentication",
        "data_tools.http.authentication.StudioSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["data_tools.http.throttling.StudioThrottle"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": (
        "data_tools.views.api.negotiation.StudioContentNegotiation"
    ),
    "EXCEPTION_HANDLER": "data_tools.answers.error_answers.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "data_tools.openapi.autoschema.StudioAutoSchema",
    "NUM_PROXIES": env.integer("PROXIES_IN_FRONT", 1 if BEHIND_TLS_PROXY else 0, minimum=0),
    "URL_FORMAT_OVERRIDE": None,  # `format` is a parameter of the export
}

SPECTACULAR_SETTINGS = {
    "TITLE": "HydroML session service",
    "DESCRIPTION": "Open a dataset, page, filter, transform, undo, redo, save; and recover.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "PREPROCESSING_HOOKS": ["data_tools.openapi.autoschema.only_the_canonical_mount"],
    "POSTPROCESSING_HOOKS": ["data_tools.openapi.autoschema.with_components"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": True},
}

# Limits of what one user, one request and one file may take
from hydroml.limits import *  # noqa: E402, F403  (reads what `.env` has set above)

# What operators watch
from hydroml.monitoring import *  # noqa: E402, F403

# Files
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
# Uploaded files wait here until they are loaded, and nobody else on the machine reads them.
MEDIA_ROOT = VAR_DIR / "media"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
KEEP_UPLOADED_FILES = env.boolean("KEEP_UPLOADED_FILES", default=False)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "hydroml.static_files.StaticFilesStorage"},
}

# Logging: one line per record, to stdout
from hydroml.logging_settings import *  # noqa: E402, F403  (reads what `.env` has set above)

# Error reports
from hydroml.sentry_settings import *  # noqa: E402, F403  (reads what `.env` has set above)
