"""A wrong value is an error that names its variable; an empty one counts as unset."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from hydroml import env


@pytest.mark.parametrize(
    ("value", "read", "expected"),
    [
        ("some text ", lambda: env.text("THING"), "some text"),
        ("", lambda: env.text("THING", "default"), "default"),
        ("On", lambda: env.boolean("THING", False), True),
        ("0", lambda: env.boolean("THING", True), False),
        ("", lambda: env.boolean("THING", True), True),
        ("7", lambda: env.integer("THING", 3), 7),
        ("", lambda: env.integer("THING", 3), 3),
        ("0", lambda: env.integer("THING", 3, minimum=0), 0),
        ("a, b,", lambda: env.words("THING", []), ["a", "b"]),
        ("", lambda: env.words("THING", ["c"]), ["c"]),
        ("INFO", lambda: env.choice("THING", "x", among=("x", "INFO")), "INFO"),
        ("redis://h:1/0", lambda: env.url("THING", "", schemes=("redis",)), "redis://h:1/0"),
        ("", lambda: env.url("THING", "", schemes=("redis",)), ""),
    ],
)
def test_a_variable_is_read_as_its_type(
    monkeypatch: pytest.MonkeyPatch, value: str, read: Callable[[], Any], expected: Any
) -> None:
    monkeypatch.setenv("THING", value)

    assert read() == expected


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("", lambda: env.text("THING")),
        ("ture", lambda: env.boolean("THING", False)),
        ("7.5", lambda: env.integer("THING", 3)),
        ("0", lambda: env.integer("THING", 3)),
        ("LOUD", lambda: env.choice("THING", "INFO", among=("INFO",))),
        ("http://h", lambda: env.url("THING", "", schemes=("redis",))),
        ("mysql://h/d", lambda: env.postgres("THING", "")),
        ("postgres://h:port/d", lambda: env.postgres("THING", "")),
    ],
)
def test_a_wrong_value_is_an_error_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, value: str, read: Callable[[], Any]
) -> None:
    monkeypatch.setenv("THING", value)

    with pytest.raises(ImproperlyConfigured, match="^THING "):
        read()


def test_a_wrong_url_is_not_repeated_because_it_may_hold_a_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("THING", "mysql://user:secret@host/database")

    with pytest.raises(ImproperlyConfigured) as caught:
        env.postgres("THING", "")

    assert "secret" not in str(caught.value)


def test_a_database_url_may_name_a_socket_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", "postgres://me@//tmp/sockets/hydroml")

    database = env.postgres("THING", "")

    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["USER"], database["HOST"], database["NAME"]) == (
        "me",
        "/tmp/sockets",
        "hydroml",
    )


def test_the_environment_wins_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / ".env"
    file.write_text("THING=from the file\nOTHER_THING=from the file too\n")
    monkeypatch.setenv("THING", "from the environment")
    monkeypatch.setenv("OTHER_THING", "")
    monkeypatch.delenv("OTHER_THING")

    env.read_file(file)

    assert env.text("THING") == "from the environment"
    assert env.text("OTHER_THING") == "from the file too"
