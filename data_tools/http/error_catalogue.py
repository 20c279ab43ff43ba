"""The catalogue of errors: for each code its status, what to tell people, and the next steps.

Every error's status is set here; `answers.error_answers` says where clients without the capability
get 200 in its place. `errors` finds the entry of an exception.

Note [Said to people]
    `user_message` is read by somebody who has never seen the API: it names no parameter, address or
    code word, says whether anything was changed where that is in doubt, and what to do next. An
    error that knows more, such as which column is missing, says so in words of its own; see
    `speaks_for_itself`.
"""

from __future__ import annotations

from http import HTTPStatus

from data_tools.http.error_kinds import ErrorKind

_BAD = HTTPStatus.BAD_REQUEST
_CONFLICT = HTTPStatus.CONFLICT

_IN_THE_REQUEST: dict[str, ErrorKind] = {
    "NOT_AUTHENTICATED": ErrorKind(
        HTTPStatus.UNAUTHORIZED, "Sign in to go on; nothing is lost.", ("sign_in",)
    ),
    "INVALID_CREDENTIALS": ErrorKind(
        _BAD, "The user name or the password is not right.", ("sign_in",)
    ),
    "TOKEN_EXPIRED": ErrorKind(
        HTTPStatus.UNAUTHORIZED,
        "The sign-in of this program has expired. Sign in again; nothing is lost.",
        ("sign_in",),
    ),
    "TOKEN_NOT_FOUND": ErrorKind(
        HTTPStatus.NOT_FOUND,
        "There is no such token. It may have expired or been ended.",
        ("read_documentation",),
    ),
    "TOKEN_REQUIRED": ErrorKind(
        _BAD,
        "Only a program that signed in with a token can do this. Nothing was changed.",
        ("read_documentation",),
    ),
    "TOKEN_ALREADY_ROTATED": ErrorKind(
        _CONFLICT,
        "This program already has a newer token, which is in use. Nothing was changed.",
        ("sign_in", "read_documentation"),
    ),
    "TOO_MANY_TOKENS": ErrorKind(
        _CONFLICT,
        "You have as many named tokens as one user can have. End one that you no longer need.",
        ("read_documentation",),
    ),
    "CSRF_FAILED": ErrorKind(
        HTTPStatus.FORBIDDEN,
        "This request did not come from our page. Reload the page and try again.",
        ("reload", "sign_in"),
    ),
    "NOT_FOUND": ErrorKind(
        HTTPStatus.NOT_FOUND, "There is no such address.", ("list_datasets", "read_documentation")
    ),
    "METHOD_NOT_ALLOWED": ErrorKind(
        HTTPStatus.METHOD_NOT_ALLOWED,
        "This cannot be done at this address. Nothing was changed.",
        ("read_documentation",),
    ),
    "NOT_ACCEPTABLE": ErrorKind(
        HTTPStatus.NOT_ACCEPTABLE, "We can only answer in JSON.", ("read_documentation",)
    ),
    "UNSUPPORTED_MEDIA_TYPE": ErrorKind(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "We cannot read that kind of content here. Nothing was changed.",
        ("read_documentation",),
    ),
    "LENGTH_REQUIRED": ErrorKind(
        HTTPStatus.LENGTH_REQUIRED,
        "The request did not say how long it is, so it was not read. Nothing was changed.",
        ("read_documentation",),
    ),
    "PAYLOAD_TOO_LARGE": ErrorKind(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "This is larger than we accept. Nothing was changed. Send less at once.",
        ("list_datasets",),
        speaks_for_itself=True,
    ),
    "REQUEST_TOO_SLOW": ErrorKind(
        HTTPStatus.REQUEST_TIMEOUT,
        "The connection is too slow: the request did not arrive in time. Nothing was changed. "
        "Send it again.",
        ("list_datasets",),
        retryable=True,
    ),
    "UPLOADS_BUSY": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Many large files are arriving at the moment. Nothing was changed. Send yours again in a "
        "minute.",
        ("list_datasets",),
        retryable=True,
    ),
    "URI_TOO_LONG": ErrorKind(
        HTTPStatus.REQUEST_URI_TOO_LONG,
        "The address is too long. Use a shorter filter.",
        ("list_datasets",),
    ),
    "HEADERS_TOO_LARGE": ErrorKind(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "Your browser sent too much with the request. Delete the cookies of this site and try "
        "again.",
        ("list_datasets",),
    ),
    "INVALID_REQUEST": ErrorKind(
        _BAD,
        "The request could not be read. Nothing was changed. Reload the page and try again.",
        ("list_datasets",),
    ),
    "INVALID_JSON": ErrorKind(
        _BAD,
        "The request could not be read, because it is not valid JSON. Nothing was changed.",
        ("read_documentation",),
    ),
    "INVALID_BODY": ErrorKind(
        _BAD,
        "The request does not have the form that we expect. Nothing was changed.",
        ("read_documentation",),
    ),
    "INVALID_PARAMETER": ErrorKind(
        _BAD,
        "Something that this needs is missing, or has a value that is not possible here. "
        "Nothing was changed.",
        ("show_operations", "read_documentation"),
    ),
    "INVALID_PAGINATION": ErrorKind(
        _BAD,
        "There is no such page. Pages are counted from 1 and have at most 1,000 rows.",
        ("reload", "read_documentation"),
    ),
    "INVALID_SORT": ErrorKind(
        _BAD,
        "The rows cannot be sorted like that. Choose a few columns, each of them once.",
        ("show_columns", "read_documentation"),
    ),
    "INVALID_FILTER": ErrorKind(
        _BAD,
        "The filter does not suit the columns. Change it, or remove it.",
        ("show_columns", "read_documentation"),
    ),
    "INVALID_UPLOAD": ErrorKind(
        _BAD,
        "There is no file in this upload. Choose a file and send it again.",
        ("list_datasets",),
        speaks_for_itself=True,
    ),
    "INVALID_RECIPE": ErrorKind(
        _BAD,
        "This is not a recipe that we can read. Nothing was changed. Use one that was downloaded "
        "here, without changes.",
        ("reload", "read_documentation"),
    ),
    "CLIENT_OPERATION_ID_REUSED": ErrorKind(
        _CONFLICT,
        "This looks like a step that was sent before, but it is another one. Nothing was changed. "
        "Reload the page and try again.",
        ("reload",),
    ),
    "THROTTLED": ErrorKind(
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many requests; wait a moment.",
        ("reload",),
        retryable=True,
    ),
    "TOO_MUCH_AT_ONCE": ErrorKind(
        HTTPStatus.TOO_MANY_REQUESTS,
        "You have too much running at once. Nothing was changed. Wait until some of it is "
        "done, then try again.",
        ("reload",),
        retryable=True,
    ),
}

_IN_THE_DATA: dict[str, ErrorKind] = {
    "DATASOURCE_NOT_FOUND": ErrorKind(
        HTTPStatus.NOT_FOUND,
        "There is no such dataset.",
        ("list_datasets",),
        speaks_for_itself=True,
    ),
    "DATASOURCE_NOT_READY": ErrorKind(
        _CONFLICT,
        "The dataset is still being loaded. Try again when it is ready.",
        ("show_dataset",),
        retryable=True,
    ),
    "DATASOURCE_FAILED": ErrorKind(
        _CONFLICT,
        "The file of this dataset could not be loaded. Upload another file.",
        ("show_dataset", "list_datasets"),
        speaks_for_itself=True,
    ),
    "COLUMN_NOT_FOUND": ErrorKind(
        _BAD,
        "There is no such column any more. Look at the columns that there are.",
        ("show_columns", "reload"),
        speaks_for_itself=True,
    ),
    "COLUMN_EXISTS": ErrorKind(
        _BAD,
        "There is a column of that name already. Choose another name.",
        ("show_columns",),
        speaks_for_itself=True,
    ),
    "OPERATION_UNKNOWN": ErrorKind(
        _BAD, "We do not know this kind of step. Nothing was changed.", ("show_operations",)
    ),
    "VALUES_DO_NOT_FIT": ErrorKind(
        _BAD,
        "Some values do not fit. Correct them first, or let them become missing.",
        ("show_columns",),
        speaks_for_itself=True,
    ),
    "NOTHING_TO_FIT": ErrorKind(
        _BAD,
        "There is no value to learn from. Fill the gaps with a value of your own instead.",
        ("show_columns",),
        speaks_for_itself=True,
    ),
    "EXPORT_DOES_NOT_FIT": ErrorKind(
        _BAD,
        "The rows do not fit into a file of that kind. Choose another format.",
        ("show_columns",),
        speaks_for_itself=True,
    ),
    "TOO_MANY_COLUMNS": ErrorKind(
        _BAD,
        "The table would have more columns than one session can hold. Nothing was changed. Choose "
        "fewer columns, or drop some first.",
        ("show_columns", "undo"),
        speaks_for_itself=True,
    ),
    "CELL_TOO_LARGE": ErrorKind(
        _BAD,
        "A text would become larger than we can store. Nothing was changed. Replace it by less.",
        ("show_columns",),
        speaks_for_itself=True,
    ),
    "TABLE_TOO_LARGE": ErrorKind(
        _BAD,
        "The table would become many times as large as it is. Nothing was changed. Put less into "
        "its cells, or drop columns first.",
        ("show_columns", "undo"),
        speaks_for_itself=True,
    ),
    "ANSWER_TOO_LARGE": ErrorKind(
        _BAD,
        "This is more than we can send at once. Ask for fewer rows, or drop columns.",
        ("show_columns", "undo"),
        speaks_for_itself=True,
    ),
    "SESSION_TOO_COMPLEX": ErrorKind(
        _BAD,
        "There are too many steps to read the rows at once. Save the result as a new dataset and "
        "go on there.",
        ("save", "undo"),
        speaks_for_itself=True,
    ),
    "QUOTA_EXCEEDED": ErrorKind(
        _CONFLICT,
        "There is no room for this, and nothing was changed. Delete what you no longer need.",
        ("show_usage", "list_datasets"),
        speaks_for_itself=True,
    ),
    "TOO_MANY_OPERATIONS": ErrorKind(
        _BAD,
        "There are as many steps as one session can hold. Save the result as a new dataset and go "
        "on there.",
        ("save", "undo"),
    ),
}

_IN_THE_SESSION: dict[str, ErrorKind] = {
    "SESSION_NOT_FOUND": ErrorKind(_BAD, "No active session found", ("initialize", "validate")),
    "SESSION_PAUSED": ErrorKind(
        _CONFLICT, "The session is paused. Resume it to go on.", ("resume",)
    ),
    "SESSION_EXPIRED": ErrorKind(
        _CONFLICT,
        "The session ended after a time without activity. Recover it to go on; nothing is lost.",
        ("recover", "validate"),
    ),
    "SESSION_CONFLICT": ErrorKind(
        _CONFLICT, "This session was changed in another tab.", ("reload",)
    ),
    "SESSION_DAMAGED": ErrorKind(
        _CONFLICT,
        "A part of this session cannot be read any more. The work before that part can be "
        "recovered.",
        ("validate", "recover"),
    ),
    "SESSION_UNREADABLE": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "This session needs a newer version of the service. Nothing is lost; try again later.",
        ("validate",),
        retryable=True,
    ),
    "ROWS_NOT_REPRODUCED": ErrorKind(
        _CONFLICT,
        "We cannot find the same rows again that a step of this session kept. Take that step back.",
        ("undo", "validate"),
    ),
    "ROWS_GONE": ErrorKind(
        _CONFLICT,
        "The rows that this needs are no longer kept.",
        ("validate", "recover"),
    ),
    "NOTHING_TO_UNDO": ErrorKind(_BAD, "No operations to undo or undo failed", ("reload",)),
    "NOTHING_TO_REDO": ErrorKind(_BAD, "No operations to redo or redo failed", ("reload",)),
    "RECOVERY_IMPOSSIBLE": ErrorKind(
        _CONFLICT,
        "This session cannot be recovered in that way. Nothing was changed.",
        ("validate", "initialize"),
        speaks_for_itself=True,
    ),
    "INVALID_RECOVERY": ErrorKind(
        _BAD,
        "The session cannot be recovered like that. Nothing was changed. Choose one of the ways "
        "that are offered.",
        ("validate",),
    ),
    "INVALID_VERSION": ErrorKind(
        _BAD, "This session has no such version. Load the latest one.", ("reload",)
    ),
}

_IN_THE_SERVICE: dict[str, ErrorKind] = {
    "SERVICE_BUSY": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The service is busy at the moment. Nothing was changed; try again in a moment.",
        ("reload",),
        retryable=True,
    ),
    "QUERY_TIMEOUT": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "This took too long and was stopped; nothing was changed.",
        ("reload",),
        retryable=True,
    ),
    "OUTCOME_UNKNOWN": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The database did not answer in time, so we cannot tell whether this took effect. Look at "
        "the session before you do it again.",
        ("validate", "reload"),
        retryable=True,
    ),
    "DATABASE_UNAVAILABLE": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The service cannot reach its database. Nothing is lost; try again soon.",
        ("validate",),
        retryable=True,
    ),
    "DATABASE_READ_ONLY": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The database takes no changes at the moment. Nothing was changed, and nothing is lost; "
        "try again soon.",
        ("validate",),
        retryable=True,
    ),
    "DATABASE_FULL": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The database has no room left for this. Nothing was changed, and what you have is safe. "
        "Try again when room has been made.",
        ("validate", "list_datasets"),
        retryable=True,
    ),
    "DATABASE_OVERLOADED": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The database has more to do than it can hold. Nothing was changed. Try again in a moment, "
        "or ask for less at once.",
        ("reload",),
        retryable=True,
    ),
    "DATABASE_BUSY": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Other work in the database was in the way. Nothing was changed; try again.",
        ("reload",),
        retryable=True,
    ),
    "INTERNAL_ERROR": ErrorKind(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong on our side. Your saved work is safe.",
        ("reload", "list_datasets"),
        retryable=True,
    ),
}

CATALOGUE: dict[str, ErrorKind] = _IN_THE_REQUEST | _IN_THE_DATA | _IN_THE_SESSION | _IN_THE_SERVICE
