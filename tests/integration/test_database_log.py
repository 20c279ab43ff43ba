"""hydroml.W006: whether PostgreSQL's own log may hold what users type."""

from __future__ import annotations

import pytest
from django.db import connection

from hydroml import checks, database_log

pytestmark = [pytest.mark.django_db, pytest.mark.session_setting]


def warnings_with(**settings: str) -> list[str]:
    """Return what the check says on a server that logs by the settings, and else as ours does."""
    with connection.cursor() as cursor:
        for name, value in (database_log.SETTINGS | settings).items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
    found = checks.database_logs_no_values(databases=["default"])
    assert {message.id for message in found} <= {"hydroml.W006"}
    return [message.msg.partition(": ")[2] for message in found]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("log_min_messages", "error"),
        ("log_min_messages", "warning"),
        ("log_min_error_statement", "error"),
        ("log_min_error_statement", "fatal"),
        ("log_error_verbosity", "default"),
        ("log_statement", "mod"),
        ("log_min_duration_statement", "250ms"),
        ("log_min_duration_sample", "0"),
        ("log_transaction_sample_rate", "0.5"),
        ("auto_explain.log_min_duration", "250ms"),
    ],
)
def test_a_server_that_may_log_what_users_type_is_a_warning(name: str, value: str) -> None:
    assert warnings_with(**{name: value}) == [f"{name} is {value}."]


@pytest.mark.parametrize(
    ("name", "value"),
    [("log_min_messages", "fatal"), ("log_statement", "ddl"), ("log_lock_waits", "on")],
)
def test_what_adds_no_value_is_none(name: str, value: str) -> None:
    assert warnings_with(**{name: value}) == []


def test_a_module_that_the_server_has_not_loaded_is_none() -> None:
    assert warnings_with(**{"auto_explain.log_min_duration": ""}) == []


def test_with_the_settings_of_a_stock_server_all_that_matter_are_named() -> None:
    [said] = warnings_with(
        log_min_messages="warning", log_min_error_statement="error", log_error_verbosity="default"
    )

    assert said == (
        "log_min_messages is warning; log_min_error_statement is error; "
        "log_error_verbosity is default."
    )
