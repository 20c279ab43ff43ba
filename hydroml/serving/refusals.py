"""The errors that the server itself answers, for requests that do not reach the application."""

from __future__ import annotations

from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException

from data_tools.http.errors import ApiError


def refusal_of(exc: ParseException, *, most_headers: int, most_field_bytes: int) -> ApiError:
    """Return the error of a request that gunicorn's parser refused."""
    match exc:
        case LimitRequestLine():
            return ApiError(
                code="URI_TOO_LONG",
                message=f"The request line is longer than {exc.max_size} bytes.",
                details={"maximum_bytes": exc.max_size},
            )
        case LimitRequestHeaders():
            return ApiError(
                code="HEADERS_TOO_LARGE",
                message=f"There are more than {most_headers} headers, or one is over "
                f"{most_field_bytes} bytes, or they are too large together.",
                details={"maximum_headers": most_headers, "maximum_bytes": most_field_bytes},
            )
    return ApiError(code="INVALID_REQUEST", message=str(exc))


def too_slow(what: str, seconds: float) -> ApiError:
    return ApiError(
        code="REQUEST_TOO_SLOW",
        message=f"The request's {what} did not arrive in time.",
        details={"maximum_seconds": seconds},
    )


def broken_off(received_bytes: int, declared_bytes: int) -> ApiError:
    return ApiError(
        code="INVALID_REQUEST",
        message=f"The body broke off after {received_bytes} of {declared_bytes} bytes.",
    )


def body_too_large(maximum_bytes: int) -> ApiError:
    return ApiError(
        code="PAYLOAD_TOO_LARGE",
        message=f"The request's body is larger than {maximum_bytes} bytes.",
        details={"maximum_bytes": maximum_bytes},
    )


def no_room_for_bodies() -> ApiError:
    return ApiError(
        code="UPLOADS_BUSY",
        message="The server is receiving as many bytes as it has room for. Try again later.",
        headers={"Retry-After": "30"},
    )


def not_signed_in() -> ApiError:
    return ApiError(
        code="NOT_AUTHENTICATED",
        message="A body of this size is only read from somebody who has signed in.",
        headers={"WWW-Authenticate": "Token"},
    )
