"""Attacks on sign-in: guessing, and making the service hash passwords."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import orjson

from tests.attacks.attack import RequestAttack
from tests.attacks.clients import Client, Reply

TOKEN = "/api/auth/token/"


@dataclass(kw_only=True, eq=False)
class Guessing(RequestAttack):
    """One address guesses, under many names, and forges another address in each request."""

    title: ClassVar[str] = "guessing of passwords with forged addresses"
    accounts: ClassVar[int] = 0
    at_once: int = 16
    attacker_address: ClassVar[str] = "203.0.113.66"

    def step(self, number: int, turn: int) -> Reply:
        body = {"username": self.name(number, turn), "password": f"guess {number} {turn}"}
        client = Client(
            port=self.service.web.port,
            name=body["username"],
            address=self.address(number, turn),
        )
        return self.send(number, client, "POST", TOKEN, content=orjson.dumps(body))

    def name(self, number: int, turn: int) -> str:
        return f"name {turn % 50}"

    def address(self, number: int, turn: int) -> str:
        """Return `X-Forwarded-For` as the proxy sends it on, with the caller's address appended."""
        return f"192.0.2.{(number * 16 + turn) % 250}, {self.attacker_address}"


@dataclass(kw_only=True, eq=False)
class GuessingFromManyAddresses(Guessing):
    """Addresses of one IPv6 /64, as every household has one, against the honest user's account."""

    title: ClassVar[str] = "guessing of one password from a whole IPv6 /64"

    def name(self, number: int, turn: int) -> str:
        return "honest"

    def address(self, number: int, turn: int) -> str:
        return f"2001:db8:1:1::{number:x}:{turn % 65_536:x}"


@dataclass(kw_only=True, eq=False)
class PasswordHashes(Guessing):
    """A botnet: each request from another network, so that nothing but hashing limits it."""

    title: ClassVar[str] = "a flood of sign-ins from 60,000 networks"
    at_once: int = 32

    def name(self, number: int, turn: int) -> str:
        return f"name {number} {turn}"

    def address(self, number: int, turn: int) -> str:
        return f"10.{number}.{turn // 250 % 250}.{turn % 250 + 1}"
