"""What the command line says, in a process of its own, when it cannot start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import PACKAGES

UNREACHABLE = "postgres://somebody:secret-word@127.0.0.1:1/hydroml"
# Production's, without compressing the static files before the server starts.
SERVED = {"DJANGO_SETTINGS_MODULE": "tests.support.published_settings"}


def run(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in an empty environment, at home in that folder."""
    return subprocess.run(
        [sys.executable, str(PACKAGES / "manage.py"), *arguments],
        cwd=home,
        env={"HYDROML_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", ["migrate", "serve", "worker", "beat", "create_user"])
def test_without_settings_each_command_says_in_one_line_what_is_missing(
    tmp_path: Path, command: str
) -> None:
    done = run(command, home=tmp_path)

    assert done.returncode == 1
    assert done.stderr == (
        f"SECRET_KEY is not set, neither in the environment nor in {tmp_path}/.env, which does "
        "not exist. Without ALLOWED_HOSTS, DATABASE_URL and REDIS_URL it is a trial on one "
        "machine.\n"
    )


def test_only_what_is_unset_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SECRET_KEY=\nREDIS_URL=redis://127.0.0.1/0\n")

    done = run("check", home=tmp_path, ALLOWED_HOSTS="studio.example.com")

    assert done.stderr == (
        f"SECRET_KEY is not set, neither in the environment nor in {tmp_path}/.env. "
        "Without DATABASE_URL it is a trial on one machine.\n"
    )


def test_a_wrong_value_is_one_line(tmp_path: Path) -> None:
    done = run("check", home=tmp_path, SECRET_KEY="any", QUOTA_EVENTS="many")

    assert done.returncode == 1
    assert done.stderr == "QUOTA_EVENTS must be an integer, but is 'many'\n"


def test_a_database_that_cannot_be_reached_is_one_line_without_its_password(
    tmp_path: Path,
) -> None:
    done = run("migrate", home=tmp_path, SECRET_KEY="any", DATABASE_URL=UNREACHABLE)

    assert done.returncode == 1
    assert done.stderr.startswith("The database of DATABASE_URL cannot be reached: ")
    assert done.stderr.count("\n") == 1
    assert "secret-word" not in done.stderr


def test_every_command_reads_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"SECRET_KEY=any\nDATABASE_URL={UNREACHABLE}\nVAR_DIR=files\n")

    done = run("diffsettings", home=tmp_path)

    assert f"VAR_DIR = PosixPath('{tmp_path}/files')" in done.stdout
    assert "EMBEDDED_POSTGRES = None" in done.stdout


def test_an_empty_line_of_the_env_file_is_unset_for_the_server_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        f"SECRET_KEY=any\nDATABASE_URL={UNREACHABLE}\nWEB_CONCURRENCY=\nPORT=none\n"
    )

    done = run("serve", home=tmp_path, **SERVED)

    assert "PORT must be an integer, but is 'none'" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_variable_is_unset_for_the_server_as_for_a_command(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SECRET_KEY=any\nPORT=none\nWEB_THREADS=few\n")

    done = run("serve", home=tmp_path, PORT="", **SERVED)

    assert "WEB_THREADS must be an integer, but is 'few'" in done.stdout + done.stderr
