"""Errors about datasets and requests. A docstring is the default message; `code` is stable."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings

from session_events.exceptions import SessionNotFound


class DataToolsError(Exception):
    """The request could not be carried out."""

    code: ClassVar[str] = "DATA_TOOLS_ERROR"

    def __init__(self, message: str | None = None, **details: Any) -> None:
        super().__init__(message or inspect.getdoc(type(self)))
        self.details = details


class RequestRejected(Exception):
    """The request was refused and nothing changed. Correct it and send it again."""

    code: ClassVar[str] = "REFUSED"

    def __init__(self, message: str = "", *, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message or type(self).__doc__)
        self.details: dict[str, Any] = dict(details or {})


class DatasourceNotFound(DataToolsError):
    """There is no such dataset, or it is not yours."""

    code = "DATASOURCE_NOT_FOUND"


class RowsGone(DataToolsError):
    """The rows that this needs are gone: no longer kept, or just deleted. See `validate`."""

    code = "ROWS_GONE"


class DatasourceNotReady(DataToolsError):
    """The dataset is not ready. Check its progress and try again when it is."""

    code = "DATASOURCE_NOT_READY"


class DatasourceFailed(DataToolsError):
    """The dataset's file could not be loaded. Upload another file."""

    code = "DATASOURCE_FAILED"


class InvalidBody(DataToolsError):
    """The request's body must be a JSON object."""

    code = "INVALID_BODY"


class LengthRequired(DataToolsError):
    """Send the request with a Content-Length. Chunked bodies are not accepted."""

    code = "LENGTH_REQUIRED"


class PayloadTooLarge(DataToolsError):
    """The request is larger than this service accepts."""

    code = "PAYLOAD_TOO_LARGE"


class InvalidRecipe(DataToolsError):
    """This is not a recipe. Send one as `session/recipe/` returns it."""

    code = "INVALID_RECIPE"

    def __init__(self, path: str, reason: str, **details: Any) -> None:
        super().__init__(f"{path} {reason}", path=path, reason=reason, **details)


class AnswerTooLarge(DataToolsError):
    """The answer would be larger than this service sends. Ask for less."""

    code = "ANSWER_TOO_LARGE"

    @classmethod
    def with_room_for(cls, rows: int) -> AnswerTooLarge:
        """Return the error for a page of which only the first `rows` fit into an answer."""
        maximum_bytes = settings.BUDGETS["ANSWER_MAX_BYTES"]
        fit = {0: "not even one row fits", 1: "only the first row fits"}
        return cls(
            f"An answer has at most {maximum_bytes:,} bytes: of this page, "
            f"{fit.get(rows, f'only the first {rows:,} rows fit')}. "
            + ("Ask for fewer rows, or drop columns." if rows else "Drop columns."),
            rows_that_fit=rows,
            maximum_bytes=maximum_bytes,
            setting="ANSWER_MAX_BYTES",
        )

    @classmethod
    def with_room_for_columns(cls, columns: int) -> AnswerTooLarge:
        """Return the error for figures of columns, of which only the first `columns` fit."""
        maximum_bytes = settings.BUDGETS["ANSWER_MAX_BYTES"]
        return cls(
            f"An answer has at most {maximum_bytes:,} bytes, and not all columns fit. Ask for a "
            "few at a time, with `offset` and `limit`.",
            columns_that_fit=columns,
            maximum_bytes=maximum_bytes,
            setting="ANSWER_MAX_BYTES",
        )


class TookTooLong(DataToolsError):
    """This took too long and was stopped. Nothing was changed; ask for less at once."""

    code = "QUERY_TIMEOUT"


class TooMuchAtOnce(DataToolsError):
    """You have too much running at once. Nothing was changed; try again when some of it is done."""

    code = "TOO_MUCH_AT_ONCE"


class ServiceBusy(DataToolsError):
    """The service is busy with other work. Nothing was changed; try again in a moment."""

    code = "SERVICE_BUSY"


class FittingTookTooLong(TookTooLong):
    """Fitting the session to the new rows took too long and was stopped; nothing was changed. Stay
    on the original rows with `replay`, if they are kept, or use `start_new` and apply the recipe in
    parts."""

    user_message = (
        "Applying your work to the new file took too long and was stopped; nothing was changed."
        " Stay on the original rows, if they are offered, or start again and apply your steps as a"
        " recipe."
    )


class DeletingTookTooLong(TookTooLong):
    """Deleting all of it takes longer than a request may. What is deleted is gone for good; send
    the same request again to continue."""

    user_message = (
        "Deleting everything takes longer than we can do at once. What is deleted is gone for good;"
        " delete again to continue."
    )


class RowsNotReproduced(DataToolsError):
    """The rows that a step of this session kept cannot be reproduced. Undo that step."""

    code = "ROWS_NOT_REPRODUCED"


class InvalidUpload(DataToolsError):
    """The upload is not a form with a file in it. Send it as multipart/form-data."""

    code = "INVALID_UPLOAD"


class InvalidCredentials(DataToolsError):
    """The user name or the password is not right."""

    code = "INVALID_CREDENTIALS"


class TokenNotFound(DataToolsError):
    """You have no such token."""

    code = "TOKEN_NOT_FOUND"


class TokenRequired(DataToolsError):
    """This works only on the token that the request is sent with. Send it with a token."""

    code = "TOKEN_REQUIRED"


class TokenAlreadyRotated(DataToolsError):
    """This token was rotated, and the new one is in use. Use the new one."""

    code = "TOKEN_ALREADY_ROTATED"


class TooManyTokens(DataToolsError):
    """You have too many tokens with names. End one that you no longer need."""

    code = "TOO_MANY_TOKENS"


class NothingLoaded(SessionNotFound):
    """There is no session for this dataset. Initialize one."""

    user_message = "No hay datos cargados en la sesión actual"
