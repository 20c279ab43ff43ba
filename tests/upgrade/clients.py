"""Clients that a rolling upgrade must not disturb, beside those of the crash campaign."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import ClassVar
from urllib.parse import urlencode

import orjson

from tests.crash.clients import Client
from tests.support.studio_client import Answer, Studio, Transport

LIST = "/api/datasources/"
FORM = "/accounts/login/"


@dataclass(frozen=True, slots=True)
class InTurn:
    """Sends each request to the next of several servers, as a load balancer does."""

    transports: tuple[Transport, ...]
    _number: count[int] = field(default_factory=count)

    def send(self, method: str, path: str, *, content: bytes, headers: Mapping[str, str]) -> Answer:
        transport = self.transports[next(self._number) % len(self.transports)]
        return transport.send(method, path, content=content, headers=headers)


@dataclass(kw_only=True)
class SigningIn(Client):
    """Signs in as a program and as a browser, again and again; both are let in afterwards."""

    username: str
    password: str
    tokens: list[str] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)

    think_seconds: ClassVar[float] = 2.0

    def step(self) -> None:
        credentials = {"username": self.username, "password": self.password}
        answer = self.answer_to("POST", "/api/auth/token/", content=orjson.dumps(credentials))
        token = answer.body.get("token", "") if answer.status < 300 else ""
        self._require_let_in(f"Token {token}", answer)
        self.tokens.append(token)
        cookie, answer = browser_session(self.studio, **credentials)
        let_in = self.studio.request("GET", LIST, headers={"Cookie": cookie})
        if let_in.status != 200:
            self.ledger.fault(f"{self.name}: after {answer!r} a browser got {let_in!r}")
        self.cookies.append(cookie)

    def _require_let_in(self, authorization: str, answer: Answer) -> None:
        let_in = self.answer_to("GET", LIST, headers={"Authorization": authorization})
        if let_in.status != 200:
            self.ledger.fault(f"{self.name}: after {answer!r} a program got {let_in!r}")


def browser_session(studio: Studio, *, username: str, password: str) -> tuple[str, Answer]:
    """Sign in by the form; return the cookie of the login session and the answer."""
    page = studio.request("GET", FORM)
    form_token = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page.content)
    assert form_token is not None, page
    fields = {"csrfmiddlewaretoken": form_token[1].decode(), "username": username}
    answer = studio.request(
        "POST",
        FORM,
        content=urlencode(fields | {"password": password, "next": "/healthz"}).encode(),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": _cookie(page, "csrftoken"),
        },
    )
    return _cookie(answer, "sessionid"), answer


def _cookie(answer: Answer, name: str) -> str:
    set_cookies = answer.headers.get("Set-Cookie", "")
    found = re.search(rf"\b{name}=[^;]+", set_cookies)
    return found[0] if found else ""
