"""What each of the settings modules promises, read in a fresh process as a deployment would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

ROOT = Path(__file__).resolve().parents[3]


def read_settings(module: str, expression: str, **environment: str) -> tuple[str, str]:
    """The value of an expression over `settings`, and what was said on stderr."""
    code = f"from django.conf import settings; import sys; print({expression})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": module, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip(), done.stderr


def test_production_does_not_start_without_a_secret_key() -> None:
    _, error = read_settings("hydroml.settings", "settings.SECRET_KEY", SECRET_KEY="")

    assert "SECRET_KEY is not set" in error


def test_production_is_strict_unless_told_otherwise() -> None:
    expression = "(settings.DEBUG, settings.SESSION_COOKIE_SECURE, settings.DEMO_USER)"

    value, _ = read_settings("hydroml.settings", expression, SECRET_KEY="secret")

    assert value == "(False, True, None)"


def test_the_demo_keeps_one_random_secret_key_that_only_its_owner_reads() -> None:
    first, _ = read_settings("hydroml.settings_demo", "settings.SECRET_KEY")
    second, _ = read_settings("hydroml.settings_demo", "settings.SECRET_KEY")

    assert len(first) >= 50
    assert first == second
    assert (ROOT / "var" / "demo-secret-key").stat().st_mode & 0o777 == 0o600


def test_the_demo_signs_in_over_plain_http_whatever_an_empty_line_of_the_env_file_says(
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_text("SECRET_KEY=\nBEHIND_TLS_PROXY=true\n")
    expression = "(len(settings.SECRET_KEY) >= 50, settings.SESSION_COOKIE_SECURE)"

    value, _ = read_settings("hydroml.settings_demo", expression, HYDROML_HOME=str(tmp_path))

    assert value == "(True, False)"


def test_without_a_dsn_the_error_reporter_is_not_even_imported() -> None:
    expression = "(__import__('django').setup(), 'sentry_sdk' in sys.modules)"

    value, _ = read_settings("hydroml.settings", expression, SECRET_KEY="secret")

    assert value == "(None, False)"


def test_with_a_dsn_errors_are_reported_once_the_service_is_set_up() -> None:
    expression = "(__import__('django').setup(), sys.modules['sentry_sdk'].is_initialized())"
    dsn = "http://key@127.0.0.1:9/1"

    value, _ = read_settings("hydroml.settings", expression, SECRET_KEY="secret", SENTRY_DSN=dsn)

    assert value == "(None, True)"


def test_a_dsn_that_is_none_stops_the_start_and_is_not_repeated() -> None:
    dsn = "https://sentry.example/a-secret"

    _, error = read_settings(
        "hydroml.settings", "__import__('django').setup()", SECRET_KEY="secret", SENTRY_DSN=dsn
    )

    assert "ImproperlyConfigured: SENTRY_DSN must look like" in error
    assert "a-secret" not in error


def test_redis_is_the_broker_when_its_url_is_set() -> None:
    expression = (
        "(settings.CELERY_BROKER_URL,"
        " settings.BACKGROUND_JOBS_USE_BROKER, settings.CELERY_TASK_ALWAYS_EAGER)"
    )
    url = "redis://127.0.0.1:1/0"

    value, _ = read_settings("hydroml.settings", expression, SECRET_KEY="secret", REDIS_URL=url)

    assert value == f"('{url}', True, False)"


def test_missing_redis_is_said_in_one_warning(settings: Settings) -> None:
    settings.REDIS_URL = ""

    warnings = [message for message in run_checks() if message.id.startswith("hydroml.")]

    assert [message.id for message in warnings] == ["hydroml.W001"]
    assert "REDIS_URL" in warnings[0].msg


def test_with_redis_nothing_is_missing(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:6379/0"

    assert not [message for message in run_checks() if message.id.startswith("hydroml.")]


def test_a_psycopg_that_django_would_prefer_is_said_in_one_warning(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:6379/0"
    (tmp_path / "psycopg.py").touch()
    monkeypatch.syspath_prepend(tmp_path)

    warnings = [message for message in run_checks() if message.id.startswith("hydroml.")]

    assert [message.id for message in warnings] == ["hydroml.W002"]
    assert "pip uninstall psycopg" in str(warnings[0].hint)


def test_no_request_is_one_transaction(settings: Settings) -> None:
    assert settings.DATABASES["default"]["ATOMIC_REQUESTS"] is False
