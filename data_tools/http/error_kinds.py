"""What the catalogue says about an error, and the next steps that an error can offer."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal


@dataclass(frozen=True, slots=True)
class RecoveryAction:
    """A next step that a client can offer as a button.

    `path` is below the mount of the dataset that the error is about, below that dataset in the list
    of datasets, or an address of its own.
    """

    label: str
    method: str
    path: str
    below: Literal["mount", "dataset", "root"] = "mount"


RECOVERY_ACTIONS: dict[str, RecoveryAction] = {
    "reload": RecoveryAction("Load the latest version", "GET", "session/status/"),
    "initialize": RecoveryAction("Open the dataset", "POST", "session/initialize/"),
    "validate": RecoveryAction("See what can be recovered", "GET", "session/validate/"),
    "recover": RecoveryAction("Recover the session", "POST", "session/recover/"),
    "undo": RecoveryAction("Take the last step back", "POST", "session/undo/"),
    "resume": RecoveryAction("Resume the session", "POST", "session/resume/"),
    "save": RecoveryAction("Save the result as a new dataset", "POST", "session/save/"),
    "show_columns": RecoveryAction("See the columns", "GET", "columns/"),
    "show_operations": RecoveryAction("See what can be done", "GET", "operations/"),
    "show_dataset": RecoveryAction("See how the dataset is doing", "GET", "", "dataset"),
    "show_usage": RecoveryAction("See what takes up room", "GET", "/api/account/usage/", "root"),
    "list_datasets": RecoveryAction("See your datasets", "GET", "/api/datasources/", "root"),
    "sign_in": RecoveryAction("Sign in", "GET", "/accounts/login/", "root"),
    "read_documentation": RecoveryAction("Read the documentation", "GET", "/api/docs/", "root"),
}


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """One entry of the catalogue.

    `user_message` is for people; with `speaks_for_itself`, an error that has a message of its own
    tells them that instead. `retryable` says that the same request may succeed later.
    """

    status: HTTPStatus
    user_message: str
    recovery_actions: tuple[str, ...]
    retryable: bool = False
    speaks_for_itself: bool = False
