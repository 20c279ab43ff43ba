"""What every answer tells the browser: what a page may run, and that no cache keeps it."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.support.studio_client import Studio
from tests.support.users import UserFactory

ROOT = Path(__file__).resolve().parents[3]
PRIVATE = "private, no-store"
REVALIDATED = "private, no-cache"
HTML = (
    "/",
    "/accounts/login/",
    "/admin/",
    "/admin/login/",
    "/admin/auth/user/",
    "/admin/session_events/sessionstream/",
    "/admin/nowhere/",
    "/api/docs/",
    "/nowhere",
)


@pytest.fixture
def signed_in(client: Client, db: None) -> Client:
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def policy_of(answer: Any) -> dict[str, list[str]]:
    directives = answer.headers["Content-Security-Policy"].split(";")
    return {name: sources for name, *sources in (each.split() for each in directives)}


@pytest.mark.parametrize("address", HTML)
def test_every_page_has_a_policy_that_allows_nothing_inline(
    signed_in: Client, address: str
) -> None:
    answer = signed_in.get(address)

    policy = policy_of(answer)
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == ["'self'"]
    assert "unsafe" not in str(policy)
    assert "nosniff" in answer.headers["X-Content-Type-Options"]


@pytest.mark.parametrize("address", HTML)
def test_no_page_has_anything_inline(signed_in: Client, address: str) -> None:
    page = signed_in.get(address, follow=True).content.decode()

    assert re.findall(r"<style|<[^>]+\sstyle=|<[^>]+\son[a-z]+=", page) == []
    scripts = re.findall(r"<script([^>]*)>\s*([^<]*)", page)
    assert [each for each in scripts if "src=" not in each[0] and "json" not in each[0]] == []


def test_no_cache_keeps_what_holds_data(opened: Studio, user: User) -> None:
    reads = (
        "data/",
        "session/status/",
        "columns/",
        "session/events/",
        "session/recipe/",
        "export/",
    )
    answers = {path: opened.get(path) for path in reads}
    lists = ("/api/datasources/", f"/api/datasources/{opened.datasource_id}/")
    answers |= {path: opened.get(path) for path in lists}
    answers["refused"] = opened.get("data/", {"page": "x"})
    answers["changed"] = opened.post("session/rename-column/", {"old_name": "id", "new_name": "n"})
    answers["not signed in"] = Studio().get("/api/datasources/")
    answers["not there"] = Studio().get("/api/nowhere/")

    kept = {path: answer.headers.get("Cache-Control") for path, answer in answers.items()}
    assert {path for path, header in kept.items() if header not in (PRIVATE, REVALIDATED)} == set()
    tagged = {path for path, answer in answers.items() if "ETag" in answer.headers}
    assert {path for path, header in kept.items() if header == REVALIDATED} == tagged
    assert tagged >= {"data/", "session/status/"}
    again = opened.get("columns/", headers={"If-None-Match": "*"})
    assert again.headers["Cache-Control"] in (PRIVATE, REVALIDATED)


def test_a_copy_that_is_still_right_is_private_too(opened: Studio) -> None:
    tag = opened.get("data/").headers["ETag"]

    answer = opened.get("data/", headers={"If-None-Match": tag})

    assert (answer.status, answer.headers["Cache-Control"]) == (304, REVALIDATED)


@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/admin/", "/admin/auth/user/"])
def test_no_cache_keeps_a_page(signed_in: Client, address: str) -> None:
    assert "no-store" in signed_in.get(address).headers["Cache-Control"]
    assert "private" in signed_in.get(address).headers["Cache-Control"]


@pytest.mark.django_db
def test_static_files_may_be_kept(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "a.css").write_text("p { margin: 0 }")

    with closing(Client().get("/static/a.css")) as answer:
        assert answer.getvalue() == b"p { margin: 0 }"

    assert answer.status_code == 200
    assert "no-store" not in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_a_browser_that_came_over_tls_is_told_to_stay(settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    over_tls = Client().get(reverse("login"), headers={"X-Forwarded-Proto": "https"})
    plain = Client().get(reverse("login"))

    assert over_tls.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in plain.headers


def test_the_production_settings_pass_the_checks_for_deployment() -> None:
    done = check_deploy(BEHIND_TLS_PROXY="")

    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout


def test_the_checks_for_deployment_notice_what_is_missing() -> None:
    done = check_deploy(BEHIND_TLS_PROXY="false")

    assert done.returncode == 1
    assert "security.W004" in done.stderr


def check_deploy(**environment: str) -> subprocess.CompletedProcess[str]:
    production = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "hydroml.settings",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nowhere",
    }
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=production | environment,
        capture_output=True,
        text=True,
        check=False,
    )
