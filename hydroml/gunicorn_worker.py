"""A gunicorn worker that answers in JSON the requests that gunicorn itself refuses.

Such a request never reaches the service. Nothing about it is certain, not even its path or what it
accepts, so every client gets the error object. gunicorn has no setting for the body of these
answers: it writes an HTML page in `Worker.handle_error`, which is why that method is replaced.
"""

from __future__ import annotations

import contextlib
from socket import socket
from typing import TYPE_CHECKING

import orjson
from gunicorn import util
from gunicorn.http.errors import (
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)
from gunicorn.workers.gthread import ThreadWorker

from data_tools.http.observability import TRACE_HEADER, begin_trace

if TYPE_CHECKING:  # importing it needs Django set up, which gunicorn's master never does
    from data_tools.http.errors import ApiError

# The parser raises these too, but for headers of an answer: the fault is the service's own.
_OWN_FAULTS = (InvalidResponseHeader, InvalidResponseHeaderName)


class StudioWorker(ThreadWorker):
    def handle_error(
        self, req: object, client: socket, addr: tuple[str, int], exc: Exception
    ) -> None:
        """Log the error; unless the request was answered already, answer it and close."""
        from data_tools.answers.error_answers import error_object
        from data_tools.http.errors import error_from

        trace_id = begin_trace()
        if isinstance(exc, ParseException) and not isinstance(exc, _OWN_FAULTS):
            self.log.warning("refused a request from %s: %s trace_id=%s", addr, exc, trace_id)
            if req is not None:  # the request was answered, and only the rest of its body is wrong
                return
            error = self._refusal(exc)
        else:
            self.log.error("unexpected error trace_id=%s", trace_id, exc_info=exc)
            error = error_from(exc)
        body = orjson.dumps({"success": False, "error": error_object(error)})
        headers = {
            "Connection": "close",
            "Content-Type": "application/json",
            "Content-Length": len(body),
            TRACE_HEADER: trace_id,
            **error.headers,
        }
        lines = [f"HTTP/1.1 {error.kind.status} {error.kind.status.phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, "", ""]).encode()
        with contextlib.suppress(OSError):  # the client is gone
            util.write_nonblock(client, head + body)

    def _refusal(self, exc: ParseException) -> ApiError:
        from data_tools.http.errors import ApiError

        match exc:
            case LimitRequestLine():
                maximum = self.cfg.limit_request_line
                return ApiError(
                    code="URI_TOO_LONG",
                    message=f"The request line is longer than {maximum} bytes.",
                    details={"maximum_bytes": maximum},
                )
            case LimitRequestHeaders():
                most, size = self.cfg.limit_request_fields, self.cfg.limit_request_field_size
                return ApiError(
                    code="HEADERS_TOO_LARGE",
                    message=f"There are more than {most} headers, or one is over {size} bytes.",
                    details={"maximum_headers": most, "maximum_bytes": size},
                )
        return ApiError(code="INVALID_REQUEST", message=str(exc))
