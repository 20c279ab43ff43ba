"""Requests and their answers: sent again while that is safe and may help."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from hydroml_client.errors import NoAnswer, StudioError

CAPABILITIES = "structured-errors, row-numbers"
FIRST_PAUSE_SECONDS = 0.3
LONGEST_PAUSE_SECONDS = 8.0
# Who is told to wait for longer is told so at once.
LONGEST_WAIT_SECONDS = 15.0
_MAY_BE_BETTER_LATER = {408, 429}


class Sender:
    def __init__(self, address: str, token: str, *, tries: int, timeout_seconds: float) -> None:
        self._tries = tries
        self._client = httpx.Client(
            base_url=address,
            timeout=timeout_seconds,
            headers={"Authorization": f"Token {token}", "X-Studio-Capabilities": CAPABILITIES},
        )

    def close(self) -> None:
        self._client.close()

    def call(
        self, method: str, path: str, *, body: Mapping[str, Any] | None = None, **more: Any
    ) -> Any:
        """Send a request and return its answer's JSON. `more` is what httpx takes.

        Raises:
            StudioError, NoAnswer
        """
        is_safe = method == "GET" or (body is not None and "client_operation_id" in body)
        tries = self._tries if is_safe else 1
        for number in range(1, tries + 1):
            try:
                return self._once(method, path, body, more)
            except (StudioError, NoAnswer) as error:
                pause = error.retry_after_seconds or 0.0
                may_help = isinstance(error, NoAnswer) or error.retryable
                if number == tries or not may_help or pause > LONGEST_WAIT_SECONDS:
                    raise
                time.sleep(pause + _pause_after(number))
        raise AssertionError("tries is at least 1")

    @contextmanager
    def streamed(self, path: str, query: Mapping[str, Any]) -> Iterator[httpx.Response]:
        """Send a request whose answer is a file; read it inside the block.

        Raises:
            StudioError, NoAnswer
        """
        try:
            with self._client.stream("GET", path, params=query) as response:
                if response.is_error:
                    response.read()
                    raise error_of(response)
                yield response
        except httpx.HTTPError as error:
            raise NoAnswer(str(error)) from error

    def _once(
        self, method: str, path: str, body: Mapping[str, Any] | None, more: Mapping[str, Any]
    ) -> Any:
        try:
            response = self._client.request(method, path, json=body, **more)
        except httpx.HTTPError as error:
            raise NoAnswer(str(error) or type(error).__name__) from error
        if response.is_error:
            raise error_of(response)
        try:
            return response.json()
        except ValueError as error:
            raise NoAnswer("something else answered in its place") from error


def error_of(response: httpx.Response) -> StudioError | NoAnswer:
    """Return the error that an answer with an error's status is."""
    seconds = _seconds(response.headers.get("Retry-After", ""))
    try:
        error = response.json()["error"]
        return StudioError(error, response.status_code, seconds)
    except (ValueError, KeyError, TypeError):
        status = response.status_code
    # A gateway that does not reach the service, or is asked too often, may reach it later.
    if status >= 500 or status in _MAY_BE_BETTER_LATER:
        return NoAnswer(f"status {status}", seconds)
    sentence = f"Something between here and the service refused the request ({status})."
    return StudioError({"code": "REFUSED_ON_THE_WAY", "user_message": sentence}, status)


def _seconds(retry_after: str) -> float | None:
    return float(retry_after) if retry_after.isdecimal() else None


def _pause_after(tries: int) -> float:
    """Return a pause that grows, half of it by chance: many clients do not come back at once."""
    longest = min(FIRST_PAUSE_SECONDS * 2.0 ** (tries - 1), LONGEST_PAUSE_SECONDS)
    return longest * (0.5 + random.random() / 2)
