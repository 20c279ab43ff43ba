"""Attacks by the number of requests, and by requests that are cheap to send and costly to read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from tests.attacks.attack import RequestAttack
from tests.attacks.clients import DATASETS, Client, Reply
from tests.attacks.files import gzip_bomb, names_of_numbers

DEEP = b"[" * 100_000
GZIP = {"Content-Encoding": "gzip"}


@dataclass(kw_only=True, eq=False)
class LightRequests(RequestAttack):
    """Four accounts ask for what is cheap, as fast as they are answered."""

    title: ClassVar[str] = "a flood of light requests"
    accounts: ClassVar[int] = 4
    at_once: int = 32

    clients: list[Client] = field(default_factory=list)

    def prepare(self) -> None:
        file = names_of_numbers(1_000)
        self.clients = [self.service.with_dataset(client, file) for client in self.attackers]

    def step(self, number: int, turn: int) -> Reply:
        client = self.clients[number % len(self.clients)]
        path = ("session/status/", "data/?page_size=100", "session/validate/", DATASETS)[turn % 4]
        return self.send(number, client, "GET", path)


@dataclass(kw_only=True, eq=False)
class AnonymousRequests(RequestAttack):
    """Nobody in particular asks for pages that need a sign-in."""

    title: ClassVar[str] = "a flood of requests without a token"
    accounts: ClassVar[int] = 0
    at_once: int = 32

    def step(self, number: int, turn: int) -> Reply:
        path = (DATASETS, "/api/schema/", "/accounts/login/", "/nothing/")[turn % 4]
        return self.send(number, self.service.stranger(), "GET", path)


@dataclass(kw_only=True, eq=False)
class OddRequests(LightRequests):
    """Deep JSON, compressed bodies that unpack to 200 MB, pages far behind the end."""

    title: ClassVar[str] = "deep JSON, gzip bombs, huge numbers"
    accounts: ClassVar[int] = 2
    at_once: int = 8
    megabytes: int = 200

    def prepare(self) -> None:
        super().prepare()
        gzip_bomb(self.megabytes)

    def step(self, number: int, turn: int) -> Reply:
        client = self.clients[number % len(self.clients)]
        match turn % 5:
            case 0:
                return self.send(number, client, "POST", "operations/", content=DEEP)
            case 1:
                content = gzip_bomb(self.megabytes)
                return self.send(
                    number, client, "POST", "operations/", content=content, headers=GZIP
                )
            case 2:
                path = f"data/?page_size=1000&page_number={10**12}"
                return self.send(number, client, "GET", path)
            case 3:
                filter_ = "[" * 3_000
                return self.send(number, client, "GET", f"data/?filter={filter_}")
        content = b'{"columns": [' + b",".join([b"1e308"] * 200_000) + b"]}"
        return self.send(number, client, "POST", "transform/columns/", content=content)
