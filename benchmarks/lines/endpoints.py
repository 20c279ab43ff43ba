"""S: how long every call takes, the first time and again, at 100 thousand rows."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import Q
from django.test import Client as Browser
from django.test.client import ClientHandler
from django.utils import timezone

from benchmarks.client import Client, NotAnswered
from benchmarks.datasets import tables
from benchmarks.datasets.files import synthetic_csv
from benchmarks.derived import forget_figures, forget_lists
from benchmarks.lines.endpoint_calls import (
    CALLS,
    DATASET,
    RENAME,
    UNIQUE,
    Call,
    On,
    Sent,
    Step,
)
from benchmarks.measuring import Effort, median_of_answered
from benchmarks.results import NO_ANSWER, EndpointTimes, Finding
from data_tools.jobs.background import OWN_THREADS
from data_tools.models import ApiToken, DataSource
from session_events import loading

LINE = "S"
ROW_COUNT = 100_000
_NAME = "every endpoint"
_COPY_NAME = "every endpoint, a copy"
_COLUMNS = {"values": "few_3", "histogram": "float_2"}
_LOOKS_EVERY_SECONDS = 0.02
_ENDS_WITHIN_SECONDS = 120.0
_MULTIPART = "multipart/form-data; boundary=x"


def prepare() -> None:
    """Make the copies that calls are about, and the file that some of them send."""
    for name in (_NAME, _COPY_NAME):
        _copy(name)
    synthetic_csv(ROW_COUNT)


def _copy(name: str) -> DataSource:
    return tables.repeated(tables.synthetic(ROW_COUNT), name, row_count=ROW_COUNT)


def run(client: Client, effort: Effort) -> Iterator[Finding]:
    """Call every address of the URLconf."""
    call_command("collectstatic", interactive=False, verbosity=0)
    caller = _Caller(client)
    share = effort.share(len(CALLS))
    for call in CALLS:
        yield caller.times(call, share)


class _Caller:
    """Calls addresses as somebody who owns the measured dataset, and cleans up after each call."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._measured = _copy(_NAME)
        self._kept = [self._measured.pk]
        self._begun_at = timezone.now()
        self._user = tables.owner()
        self._handler = ClientHandler(enforce_csrf_checks=False)
        self._handler.load_middleware()  # once, as a server does, and not for each browser
        self._staff, _ = User.objects.get_or_create(
            username="staff", is_staff=True, is_superuser=True
        )
        head, name = b'--x\r\nContent-Disposition: form-data; name="file"; filename=', b'"a.csv"'
        rows = synthetic_csv(ROW_COUNT).read_bytes()
        self._form = b"".join([head, name, b"\r\n\r\n", rows, b"\r\n--x--\r\n"])
        self._open_anew()

    def times(self, call: Call, effort: Effort) -> EndpointTimes:
        """Return the medians of the first calls, and of those right after them."""
        first: list[float] = []
        repeated: list[float] = []
        if call.reached_by:
            self._open_anew(call.reached_by)
        ends_at = time.monotonic() + effort.seconds
        for _ in range(effort.rounds):
            first.append(self._time(call, is_first=True))
            repeated.append(self._time(call, is_first=False))
            if time.monotonic() > ends_at:
                break
        if call.reached_by:
            self._open_anew()
        return EndpointTimes(
            call=shown(call),
            first_ms=median_of_answered(first),
            repeated_ms=median_of_answered(repeated),
        )

    def _time(self, call: Call, *, is_first: bool) -> float:
        dataset = self._measured if call.on is On.MEASURED else _copy(_COPY_NAME)
        try:
            for step in call.before:
                self._take(step)
            send = self._request(call, dataset)
            if is_first:
                forget_lists()
                forget_figures(dataset.pk)
                loading.forget_all()
            begun = time.perf_counter()
            send()
            ms = (time.perf_counter() - begun) * 1000
            for step in call.after:
                self._take(step)
        except NotAnswered as error:
            print(f"{LINE}: {error}", file=sys.stderr)
            self._open_anew(call.reached_by or (RENAME,))
            return NO_ANSWER
        else:
            return ms
        finally:
            self._clean_up()

    def _open_anew(self, steps: tuple[Step, ...] = (RENAME,)) -> None:
        """Open the session that a call finds, with other steps if it is another state."""
        self._client.open_anew(self._measured.pk)
        for step in steps:
            self._take(step)

    def _take(self, step: Step) -> None:
        self._client.post(self._measured.pk, step.endpoint, dict(step.body))

    def _request(self, call: Call, dataset: DataSource) -> Callable[[], object]:
        """Return a function that sends the call, with all it needs prepared."""
        address = self._address(call, dataset)
        match call.sent:
            case Sent.AS_FILE:
                return lambda: self._client.request(
                    "POST", address, body=self._form, content_type=_MULTIPART
                )
            case Sent.BY_BROWSER | Sent.BY_STAFF | Sent.BY_VISITOR:
                return self._by_browser(call, address)
        client = self._client
        if call.sent is Sent.WITH_THROWAWAY_TOKEN:
            client = Client(ApiToken.objects.create(user=self._user)[1])
        given = self._given(call)
        if call.method == "GET":
            return lambda: client.request("GET", address, query=given)
        return lambda: client.request(call.method, address, body=orjson.dumps(given))

    def _by_browser(self, call: Call, address: str) -> Callable[[], object]:
        browser = Browser(SERVER_NAME="127.0.0.1")
        browser.handler = self._handler
        if call.sent is not Sent.BY_VISITOR:
            browser.force_login(self._staff if call.sent is Sent.BY_STAFF else self._user)
        form = {}
        if call.address == "accounts/login/":
            form = {"username": self._user.username, "password": tables.PASSWORD}

        def send() -> None:
            method = browser.get if call.method == "GET" else browser.post
            answer = method(address, form)
            if answer.status_code >= 400:
                raise NotAnswered(f"{call.name}: {answer.status_code}")
            if answer.streaming:
                for _ in answer:
                    pass

        return send

    def _address(self, call: Call, dataset: DataSource) -> str:
        address = call.address.replace(DATASET, f"api/studio/{dataset.pk}/")
        for kind, column in _COLUMNS.items():
            if address.endswith(f"{{column}}/{kind}/"):
                address = address.replace("{column}", column)
        if "{token_id}" in address:
            token, _ = ApiToken.objects.create(user=self._user)
            address = address.replace("{token_id}", str(token.public_id))
        return "/" + address.replace("{datasource_id}", str(dataset.pk))

    def _given(self, call: Call) -> Mapping[str, Any]:
        if (call.method, call.address) == ("POST", "api/auth/token/"):
            return {"username": self._user.username, "password": tables.PASSWORD}
        if not call.given.get("items"):
            return call.given
        items = [
            {**item, "client_operation_id": str(uuid.uuid4())}
            for item in call.given["items"]
            if item["client_operation_id"] == UNIQUE
        ]
        return {**call.given, "items": items}

    def _clean_up(self) -> None:
        """Wait for what a call left to be done in the background, and remove what it made."""
        until = time.monotonic() + _ENDS_WITHIN_SECONDS
        while OWN_THREADS.names:
            if time.monotonic() > until:
                raise TimeoutError(f"{OWN_THREADS.names} did not end")
            time.sleep(_LOOKS_EVERY_SECONDS)
        made = DataSource.objects.filter(owner=self._user, created_at__gt=self._begun_at)
        for dataset in made.filter(~Q(pk__in=self._kept), ~Q(name=_COPY_NAME)):
            tables.remove(dataset)


def shown(call: Call) -> str:
    """Return the call as it is shown: with its query, if the address has several rows."""
    address = f"/{call.address}".replace(f"/{DATASET}", "…/")
    others = [other for other in CALLS if other.name == call.name and not other.state]
    if call.state or len(others) == 1:
        return f"{call.method} {address}{', ' if call.state else ''}{call.state}"
    told = {name: value for name, value in call.given.items() if name in ("sort", "filter")}
    query = "&".join(f"{name}={value}" for name, value in told.items())
    return f"{call.method} {address}{'?' if query else ''}{query}"
