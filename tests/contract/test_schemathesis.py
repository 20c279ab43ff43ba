"""Schemathesis against the served schema: every check, a running server, no failure, and every
operation answered with success at least once: a refusal alone would prove little."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import hypothesis
import pytest
from django.contrib.auth.models import User

from data_tools.models import ApiToken
from data_tools.openapi.autoschema import DESCRIPTIONS, MOUNT, operation_id
from tests.contract.requests import in_the_middle_of_work
from tests.support.patience import PATIENCE_SECONDS
from tests.support.serving import Server
from tests.support.users import UserFactory, token_of

CONFIG = Path(__file__).with_name("schemathesis.toml")
PATHS = {path if path.startswith("/") else MOUNT + path for _, path in DESCRIPTIONS}


# Besides the examples and the boundary values of each operation, which are the same ones each time.
HOW_MUCH = {
    "suite": ("--max-examples", "3", "--generation-deterministic"),
    "explore": ("--max-examples", "20", "--generation-database", "none"),
}


@pytest.mark.hypothesis
@pytest.mark.django_db(transaction=True)
def test_the_served_schema_holds_with_every_check_on_and_every_operation_reached(
    server: Server,
) -> None:
    user = UserFactory(username="ada")  # whom the example of signing in names
    directory = server.log.parent
    config = directory / "schemathesis.toml"
    config.write_text(
        "\n".join([signed_in(user), CONFIG.read_text(), *own_datasets(user), *own_tokens(user)])
    )

    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"),
        f"http://127.0.0.1:{server.port}/api/schema/",
        *("--checks", "all", *HOW_MUCH[hypothesis.settings.get_current_profile_name()]),
        "--no-color",
        *("--request-timeout", str(PATIENCE_SECONDS)),
        *("--report", "har", "--report-dir", str(directory / "reports")),
    ]
    run = subprocess.run(
        command, capture_output=True, text=True, timeout=1_800, check=False, cwd=directory
    )

    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr
    reached = statuses(next((directory / "reports").glob("*.json")))
    never = [each for each in reached if not any(200 <= status < 300 for status in reached[each])]
    assert not never, "refused each time, so that no answer of theirs was checked"
    assert len(reached) == len(DESCRIPTIONS)


def signed_in(user: User) -> str:
    """The headers of a client of ours."""
    token = f"Token {token_of(user)}"
    return (
        f'headers = {{ Authorization = "{token}", X-Studio-Capabilities = "structured-errors" }}\n'
    )


def own_tokens(user: User) -> list[str]:
    """For each operation that ends the token it is sent with, or another, one to end."""
    own = [
        f"""
[[operations]]
include-operation-id = "{name}"
{signed_in(user)}"""
        for name in ("delete_auth_token", "post_auth_token_rotate")
    ]
    token_of(user)
    return [
        *own,
        f"""
[[operations]]
include-operation-id = "delete_auth_token_token_id"
parameters = {{ "path.token_id" = "{ApiToken.objects.latest("created").public_id}" }}
""",
    ]


def own_datasets(user: User) -> list[str]:
    """A dataset with an open session for each operation: none takes it from another."""
    return [
        f"""
[[operations]]
include-operation-id = "{operation_id(method, path)}"
parameters = {{ {own_path(user, described.example_path)} }}
"""
        for (method, path), described in DESCRIPTIONS.items()
        if "datasource_id" in path or not path.startswith("/")
    ]


def own_path(user: User, example: Mapping[str, str]) -> str:
    """A dataset of its own, and a column that it has."""
    own = {**example, "datasource_id": in_the_middle_of_work(user).datasource_id}
    return ", ".join(f'"path.{name}" = "{value}"' for name, value in own.items())


def statuses(report: Path) -> dict[tuple[str, str], set[int]]:
    """The statuses that each operation, (method, path), was answered with."""
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    patterns = {path: re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in sorted(PATHS)}
    for entry in json.loads(report.read_text())["log"]["entries"]:
        address = re.sub(r"^https?://[^/]+|\?.*", "", entry["request"]["url"])
        for path, pattern in patterns.items():
            operation = (entry["request"]["method"], path.removeprefix(MOUNT))
            if operation in DESCRIPTIONS and pattern.fullmatch(address):
                found[operation].add(entry["response"]["status"])
                break
    return found
