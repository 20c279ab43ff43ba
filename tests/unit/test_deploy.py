"""The files of `deploy/`: what linters and schemas say, and that they fit the service."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import get_commands
from ruamel.yaml import YAML

from hydroml import database_log
from tests.support.packages import BESIDE, FOLDERS
from tests.support.processes import PACKAGES

DEPLOY = PACKAGES / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def lint(program: str, *arguments: str) -> tuple[int, str]:
    """Run a program of the environment; return its status and all that it said."""
    path = Path(sys.executable).with_name(program)
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def worker_commands() -> list[str]:
    """Return the commands of the units that start workers, as one types them into a shell."""
    text = "".join(unit.read_text() for unit in UNITS).replace("%%", "%")
    return re.findall(r"^ExecStart=/opt/hydroml/bin/(hydroml worker.*)$", text, re.MULTILINE)


def queues_of(command: list[str]) -> list[str]:
    """Return the queues that a worker's command names; none for another command."""
    return command[command.index("-Q") + 1].split(",") if "-Q" in command else []


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return YAML(typ="safe").load(DEPLOY / "compose.yaml")["services"]


def test_the_linter_of_dockerfiles_finds_nothing() -> None:
    assert lint("hadolint", str(DEPLOY / "Dockerfile")) == (0, "")


def test_the_compose_file_follows_the_schema_of_compose() -> None:
    schema = ("--builtin-schema", "vendor.compose-spec")

    status, said = lint("check-jsonschema", *schema, str(DEPLOY / "compose.yaml"))

    assert (status, said) == (0, "ok -- validation done\n")


def test_systemd_finds_nothing_wrong_with_the_units(systemd_analyze: str, tmp_path: Path) -> None:
    # It looks for the programs as well, which are elsewhere on this machine.
    for unit in UNITS:
        text = unit.read_text().replace("/opt/hydroml/bin/hydroml", sys.executable)
        (tmp_path / unit.name).write_text(text)
    units = [str(tmp_path / unit.name) for unit in UNITS]

    done = subprocess.run(
        [systemd_analyze, "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )

    assert len(units) == 4
    assert (done.returncode, done.stderr) == (0, "")


def test_a_server_that_is_slow_to_start_on_a_busy_machine_is_not_given_up(
    services: dict[str, Any],
) -> None:
    """Otherwise it is killed while it compresses static files, and begins anew each time."""
    unit = (DEPLOY / "systemd" / "hydroml-web.service").read_text()

    assert re.findall(r"^TimeoutStartSec=(.*)$", unit, re.M) == ["600"]
    assert services["web"]["healthcheck"]["start_period"] == "600s"


def test_each_unit_and_container_starts_a_command_that_exists(services: dict[str, Any]) -> None:
    started = {
        *(service["command"][1] for service in services.values() if service.get("build")),
        *(re.findall(r"^ExecStart=/opt/hydroml/bin/hydroml (\w+)", unit.read_text(), re.M)[0]
          for unit in UNITS),
        *re.findall(r'^CMD \["hydroml", "(\w+)"\]', (DEPLOY / "Dockerfile").read_text(), re.M),
    }  # fmt: skip

    assert started == {"migrate", "serve", "worker", "beat"}
    assert started <= set(get_commands())


def test_units_and_containers_work_off_every_queue_and_keep_large_jobs_apart(
    services: dict[str, Any],
) -> None:
    by_systemd = [queues for command in worker_commands() if (queues := queues_of(command.split()))]
    by_compose = [
        queues for service in services.values() if (queues := queues_of(service.get("command", [])))
    ]

    for started in (by_systemd, by_compose):
        assert sorted(queue for queues in started for queue in queues) == sorted(
            queue.name for queue in settings.CELERY_TASK_QUEUES
        )
        assert [settings.LARGE_QUEUE] in started


@pytest.mark.parametrize("document", ["operations-guide.md", "jobs.md"])
def test_a_document_names_the_workers_that_the_units_start(document: str) -> None:
    text = (PACKAGES / "docs" / document).read_text()
    commands = worker_commands()

    assert len(commands) == 2
    assert [command for command in commands if command not in text] == []


def test_each_container_that_answers_has_a_health_check(services: dict[str, Any]) -> None:
    unwatched = {name for name, service in services.items() if "healthcheck" not in service}

    assert unwatched == {"migrate", "beat", "network"}


def test_the_image_is_given_what_a_wheel_is_built_from() -> None:
    allowed = re.findall(r"^!(.+)$", (PACKAGES / ".dockerignore").read_text(), re.MULTILINE)

    assert sorted(allowed) == sorted([*FOLDERS, *BESIDE, "constraints.txt"])


def test_the_image_can_back_up_the_database_that_compose_runs(services: dict[str, Any]) -> None:
    """`pg_dump` refuses a server that is newer."""
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    [client] = re.findall(r"\bpostgresql-client-(\d+)\b", dockerfile)

    assert services["postgres"]["image"] == f"postgres:{client}"
    # Where the image of a version before 18 keeps its data; of another folder nothing would stay.
    assert services["postgres"]["volumes"] == ["postgres:/var/lib/postgresql/data"]


def test_a_container_writes_back_ups_to_a_volume_that_its_account_owns(
    services: dict[str, Any],
) -> None:
    folder = "/var/backups/hydroml"
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    made = re.findall(r"install --directory (.+?)(?: &&|$)", dockerfile, re.MULTILINE)

    assert f"--owner hydroml --group hydroml --mode 700 {folder}" in made
    assert f"backups:{folder}" in services["web"]["volumes"]
    assert f"hydroml back_up {folder}/" in (PACKAGES / "docs" / "operations-guide.md").read_text()


def test_no_part_of_ours_runs_as_root() -> None:
    [user] = re.findall(r"^USER (\d+):\d+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)

    assert int(user) > 0
    assert all("\nUser=hydroml\n" in unit.read_text() for unit in UNITS)


def test_the_proxy_finds_the_certificate_where_its_configuration_says(
    services: dict[str, Any],
) -> None:
    configuration = (PACKAGES / "docs" / "nginx.conf").read_text()
    mounted = {Path(volume.split(":")[1]) for volume in services["proxy"]["volumes"]}
    files = re.findall(r"^ +ssl_certificate(?:_key)? (.+);", configuration, re.M)

    assert {Path(file).name for file in files} == {"certificate.pem", "key.pem"}
    assert {Path(file).parent for file in files} < mounted


def test_the_log_of_the_database_in_containers_holds_no_values(services: dict[str, Any]) -> None:
    program, *options = services["postgres"]["command"]

    assert program == "postgres"
    assert options[::2] == ["-c"] * len(database_log.SETTINGS)
    assert dict(option.split("=") for option in options[1::2]) == database_log.SETTINGS


@pytest.mark.parametrize("document", ["operations-guide.md", "jobs.md"])
def test_each_command_of_a_document_exists(document: str) -> None:
    text = (PACKAGES / "docs" / document).read_text()
    lines = re.findall(r"^    (.*)$", text, re.MULTILINE)
    commands = set(re.findall(r"(?<![/\w])(?:hydroml|manage\.py) ([a-z_]+)", "\n".join(lines)))

    assert commands
    assert commands <= set(get_commands())
