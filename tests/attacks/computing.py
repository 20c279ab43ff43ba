"""Attacks by work that takes long, and keeps others waiting."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any, ClassVar

import orjson

from tests.attacks.attack import RequestAttack
from tests.attacks.clients import Client, Reply
from tests.attacks.files import many_rows, names_of_numbers, slow_texts

# PostgreSQL tries all ways to share an odd number of letters out among three groups that must come
# again, and finds none: some 0.3 s for each of these texts.
SLOW_PATTERN = r"^(a+)(a+)(a+)\1\2\3b$"


def slow_replacement(column: str = "text") -> dict[str, Any]:
    """Return an operation that takes some 20 s, and is then refused."""
    return {
        "operation": "regex_replace",
        "parameters": {"columns": [column], "pattern": SLOW_PATTERN, "replacement": "c"},
    }


@dataclass(kw_only=True, eq=False)
class LongComputations(RequestAttack):
    """One user asks for 12 computations at once, each of some 20 s, again and again."""

    title: ClassVar[str] = "12 long computations of one user"
    at_once: int = 12

    client: Client = field(init=False)

    def prepare(self) -> None:
        self.client = self.service.with_dataset(self.attackers[0], slow_texts())

    def step(self, number: int, turn: int) -> Reply:
        content = orjson.dumps(slow_replacement())
        return self.send(number, self.client, "POST", "operations/", content=content)


@dataclass(kw_only=True, eq=False)
class ImpatientClients(LongComputations):
    """The same, but nobody waits: a client leaves after half a second and asks again."""

    title: ClassVar[str] = "16 clients that go away after half a second and ask again"
    at_once: int = 16

    def prepare(self) -> None:
        super().prepare()
        self.client = self.client.impatient(0.5)


@dataclass(kw_only=True, eq=False)
class PendingOperations(LongComputations):
    """`recover` with 100 pending operations, each of which computes for long."""

    title: ClassVar[str] = "recover with 100 pending operations that compute"
    at_once: int = 8

    def step(self, number: int, turn: int) -> Reply:
        pending = [
            {"client_operation_id": str(uuid.uuid4()), **slow_replacement()} for _ in range(100)
        ]
        content = orjson.dumps(
            {"pending_operations": pending, "client_operation_id": str(uuid.uuid4())}
        )
        return self.send(number, self.client, "POST", "session/recover/", content=content)


@dataclass(kw_only=True, eq=False)
class UnseenOrders(RequestAttack):
    """16 readers, each of a filter and an order that nobody has asked for before."""

    title: ClassVar[str] = "16 readers of orders never seen before"
    accounts: ClassVar[int] = 2
    rows: int = 200_000

    clients: list[Client] = field(default_factory=list)

    def prepare(self) -> None:
        file = many_rows(self.rows)
        self.clients = [self.service.with_dataset(client, file) for client in self.attackers]

    def step(self, number: int, turn: int) -> Reply:
        bound = -(number * 1_000_003 + turn) / 1_000_000_000
        filter_ = f'[{{"column":"first","op":"gt","value":{bound:.9f}}}]'.replace('"', "%22")
        client = self.clients[number % len(self.clients)]
        path = f"data/?page_size=50&filter={filter_}&sort=-word,first,-second,third"
        return self.send(number, client, "GET", path)


@dataclass(kw_only=True, eq=False)
class WholeTableReaders(UnseenOrders):
    """Statistics, suggestions and missing values of columns that change all the time."""

    title: ClassVar[str] = "16 readers of statistics of columns that just changed"

    def step(self, number: int, turn: int) -> Reply:
        client = self.clients[number % len(self.clients)]
        if number < len(self.clients):
            body = {"old_name": ("word", "text")[turn % 2], "new_name": ("text", "word")[turn % 2]}
            content = orjson.dumps(body)
            return self.send(number, client, "POST", "session/rename-column/", content=content)
        path = ("session/column-statistics/", "columns/", "nan/analysis/")[turn % 3]
        return self.send(number, client, "GET", path)


@dataclass(kw_only=True, eq=False)
class PatternFilters(LongComputations):
    """Huge filters: as many conditions as an address has room for, over every row."""

    title: ClassVar[str] = "huge filters and orders of many columns"
    at_once: int = 8

    def prepare(self) -> None:
        self.client = self.service.with_dataset(self.attackers[0], names_of_numbers(20_000))

    def step(self, number: int, turn: int) -> Reply:
        words = [f"{number * 1_000_003 + turn * 101 + each}" for each in range(40)]
        conditions = ",".join(
            f'{{"column":"word","op":"contains","value":"{word}"}}' for word in words
        )
        filter_ = f'{{"any":[{conditions}]}}'.replace('"', "%22")
        path = f"data/?page_size=50&filter={filter_}&sort=word,number,-text,other"
        return self.send(number, self.client, "GET", path)
