"""Limits how often signing in to one account may fail.

Note [Nobody is locked out by others]
    Somebody who guesses passwords must be slowed down, but must not be able to lock the account's
    owner out. So failures are counted by account and by the place that an attempt comes from:

    - From a *known place* somebody has signed in to this account before: it is a browser with our
      cookie (`known_browsers`), or the address block of an earlier sign-in, by form or for a token.
      Only its own failures count against it.
    - An attempt from any other place also counts against a far higher limit for the account, which
      all such places share. Otherwise many addresses would mean many guesses.

    So while an account is attacked from many addresses, its owner has to wait only in places that
    are new to them. A success clears the failures of its place.

    Unknown names are counted like all others, so the limits do not reveal which names exist. The
    counters' keys are keyed hashes, so no name is in Redis. Attempts whose passwords are checked at
    the same time do not see each other's failures; `PASSWORD_CHECKS_PER_PROCESS` bounds how many.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from limits import RateLimitItem, RateLimitItemPerDay, parse_many

from data_tools.http import throttling
from data_tools.http.address_blocks import block_of_caller
from data_tools.http.known_browsers import known_browser

_KNOWN_FOR = RateLimitItemPerDay(1, 30, namespace="KNOWN")  # a block, after its last success


def account_of(username: str) -> str:
    """Return the key for the account of a name, whether or not it exists."""
    name = unicodedata.normalize("NFKC", username).casefold().strip()
    return salted_hmac("data_tools.account", name, algorithm="sha256").hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInAttempt:
    """One attempt to sign in. See Note [Nobody is locked out by others]."""

    account: str
    block: str
    browser: str | None

    @classmethod
    def of(cls, request: HttpRequest, username: str) -> SignInAttempt:
        account = account_of(username)
        return cls(
            account=account,
            block=block_of_caller(request),
            browser=known_browser(request, account),
        )

    def require_allowed(self) -> None:
        """Raise if too many attempts have failed. Call it before the password is hashed.

        Raises:
            RateLimitExceeded: too many have failed. Carries the limit with the longest wait.
        """
        exhausted = [each for each in self._counted() if not throttling.has_room(*each)]
        if exhausted:
            standings = [throttling.standing(*each) for each in exhausted]
            raise throttling.RateLimitExceeded(max(standings, key=lambda each: each.reset_at))

    def failed(self) -> None:
        """Count the attempt, whose password was wrong."""
        for limit, key in self._counted():
            throttling.hit(limit, key)

    def succeeded(self) -> None:
        """Clear the failures of this place, and remember it as known."""
        for limit in _limits("FROM_ONE_PLACE"):
            throttling.clear(limit, self._place())
        if settings.SIGN_IN_FAILURES:
            throttling.clear(_KNOWN_FOR, self._known_block())  # restarts its days
            throttling.hit(_KNOWN_FOR, self._known_block())

    def _counted(self) -> list[tuple[RateLimitItem, tuple[str, str]]]:
        counted = [(limit, self._place()) for limit in _limits("FROM_ONE_PLACE")]
        if self.browser is None and not self._is_from_known_block():
            counted += [
                (limit, (throttling.FAILED_SIGN_INS, f"account:{self.account}"))
                for limit in _limits("FROM_NEW_PLACES")
            ]
        return counted

    def _place(self) -> tuple[str, str]:
        place = f"browser:{self.browser}" if self.browser else f"block:{self.block}"
        return throttling.FAILED_SIGN_INS, f"account:{self.account}:{place}"

    def _known_block(self) -> tuple[str, str]:
        return "known-blocks", f"account:{self.account}:block:{self.block}"

    def _is_from_known_block(self) -> bool:
        return not throttling.has_room(_KNOWN_FOR, self._known_block())


def _limits(which: str) -> list[RateLimitItem]:
    text = settings.SIGN_IN_FAILURES.get(which, "off")
    return [] if text == "off" else parse_many(text)
