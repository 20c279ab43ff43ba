"""Rate limits: how often one user may call each class of endpoint, exact under concurrency.

The library `limits` counts, in a moving window that a Lua script keeps in Redis for all processes:
of 400 calls at once, a limit of 20 lets exactly 20 through. Without Redis, or while it does not
answer, each process counts for itself: a limit protects the service, and must not stop anybody's
work because Redis is down.
"""

from __future__ import annotations

import functools
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from django.conf import settings
from django.core.signals import setting_changed
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from rest_framework.exceptions import Throttled
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from data_tools.http.address_blocks import block_of_caller
from data_tools.http.known_browsers import remember_browser
from data_tools.under_way.redis_outage import outage_of

if TYPE_CHECKING:  # its import reads the settings, which name this module
    from rest_framework.views import APIView

SIGN_INS = "sign-ins"
FAILED_SIGN_INS = "failed sign-ins"
Answer = TypeVar("Answer")


class RateLimitExceeded(Throttled):
    """More calls than the class of endpoint allows."""

    def __init__(self, standing: Standing) -> None:
        super().__init__(wait=standing.retry_after_seconds)
        self.standing = standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a user stands with a limit. `reset_at` is Unix time, in seconds."""

    rate_class: str
    limit: int
    remaining: int
    window_seconds: int
    reset_at: float
    now: float

    @property
    def retry_after_seconds(self) -> int:
        """Whole seconds after which another call is let through, at least 1."""
        return max(1, math.ceil(self.reset_at - self.now))

    @property
    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(math.ceil(self.reset_at)),
        }


class StudioThrottle(BaseThrottle):
    """Counts a request against its endpoint's `rate_class`, by user, or by address without one.

    An endpoint without a class counts as `reads` or, for requests that change something, `changes`.
    """

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Return True.

        Raises:
            RateLimitExceeded: the caller has used up the limit.
        """
        rate_class = _class_of(request, view)
        limit = _limits().get(rate_class)
        if limit is None:
            return True
        key = (rate_class, self._caller(request))
        _count(limit, key)
        if getattr(view, "tells_rate_limit", False):
            request.rate_limit_standing = standing(limit, key)
        return True

    def _caller(self, request: Request) -> str:
        user_id = request.user.pk if request.user else None
        return f"user:{user_id}" if user_id else f"address:{block_of_caller(request)}"


class SignInLimitMiddleware:
    """Counts sign-ins by form, the admin's too, by address, together with requests for a token.

    A form that `sign_in_limits` refuses is answered here as well. A browser that signed in by form
    is remembered; see `known_browsers`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or request.path_info not in _sign_in_forms():
            return self.get_response(request)
        limit = _limits().get(SIGN_INS)
        if limit:
            try:
                _count(limit, (SIGN_INS, f"address:{block_of_caller(request)}"))
            except RateLimitExceeded as exceeded:
                return _form_refused(exceeded)
        response = self.get_response(request)
        account = getattr(request, "signed_in_account", None)
        if account is not None:
            remember_browser(response, account)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refused request to a view of Django's; the API's views answer their own."""
        return _form_refused(exception) if isinstance(exception, RateLimitExceeded) else None


def _form_refused(exceeded: RateLimitExceeded) -> HttpResponse:
    seconds = exceeded.standing.retry_after_seconds
    page = render_to_string(
        "data_tools/message.html",
        {
            "title": "Too many attempts to sign in",
            "text": f"Try again in {seconds} seconds.",
        },
    )
    return HttpResponse(
        page,
        status=HTTPStatus.TOO_MANY_REQUESTS,
        headers={"Retry-After": str(seconds)},
    )


@functools.cache
def _sign_in_forms() -> frozenset[str]:
    return frozenset({reverse("login"), reverse("admin:login")})


def _class_of(request: Request, view: APIView) -> str:
    own = getattr(view, "rate_class", "")
    if request.method in SAFE_METHODS:
        return own or "reads"
    return getattr(view, "rate_class_of_changes", "") or own or "changes"


@functools.cache
def _limits() -> Mapping[str, RateLimitItem]:
    """Return the limits of the settings by class of endpoint, without those that are off."""
    return {name: parse(text) for name, text in settings.RATE_LIMITS.items() if text != "off"}


def _count(limit: RateLimitItem, key: tuple[str, str]) -> None:
    """Count a call; `key` is (rate class, caller).

    Raises:
        RateLimitExceeded: the limit is used up.
    """
    if not _counters().ask(lambda limiter: limiter.hit(limit, *key)):
        raise RateLimitExceeded(standing(limit, key))


def has_room(limit: RateLimitItem, key: tuple[str, str]) -> bool:
    """Tell whether a call would be let through. Counts nothing."""
    return _counters().ask(lambda limiter: limiter.test(limit, *key))


def hit(limit: RateLimitItem, key: tuple[str, str]) -> None:
    """Count a call, up to the limit."""
    _counters().ask(lambda limiter: limiter.hit(limit, *key))


def clear(limit: RateLimitItem, key: tuple[str, str]) -> None:
    """Forget the counted calls."""
    _counters().ask(lambda limiter: limiter.clear(limit, *key))


def standing(limit: RateLimitItem, key: tuple[str, str]) -> Standing:
    """Return how much of the limit the caller has used. Counts nothing."""
    stats = _counters().ask(lambda limiter: limiter.get_window_stats(limit, *key))
    return Standing(
        rate_class=key[0],
        limit=limit.amount,
        remaining=max(0, stats.remaining),
        window_seconds=limit.get_expiry(),
        reset_at=stats.reset_time,
        now=time.time(),
    )


class _Counters:
    """The counters in Redis, or this process's own while Redis does not answer."""

    def __init__(self, redis_url: str) -> None:
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._shared = (
            MovingWindowRateLimiter(
                RedisStorage(
                    redis_url,
                    key_prefix="hydroml:limits",
                    wrap_exceptions=True,
                    **settings.REDIS_TIMEOUTS,
                )
            )
            if redis_url
            else self._own
        )
        self._outage = outage_of(redis_url)

    def ask(self, question: Callable[[MovingWindowRateLimiter], Answer]) -> Answer:
        """Ask the counters in Redis, or this process's own while Redis does not answer."""
        if not self._outage.is_on:
            try:
                return question(self._shared)
            except StorageError as error:
                self._outage.begin(error)
        return question(self._own)


_building = threading.Lock()


def _counters() -> _Counters:
    """Return the one set of counters of this process, even if several threads ask at once."""
    with _building:
        return _built_counters()


@functools.cache
def _built_counters() -> _Counters:
    return _Counters(settings.REDIS_URL)


def _read_settings_again(*, setting: str, **_: object) -> None:
    if setting in ("RATE_LIMITS", "REDIS_URL"):
        _limits.cache_clear()
        _built_counters.cache_clear()


setting_changed.connect(_read_settings_again)  # sent by tests alone
