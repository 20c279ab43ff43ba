"""Removes expired login sessions, and tokens that expired long ago."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone

from data_tools.models import ApiToken

# An expired token is recognised for this long, so that its program is told that it expired.
EXPIRED_TOKENS_KEPT = timedelta(days=30)


def remove_expired_tokens(user: User | None = None) -> int:
    """Delete tokens, a user's or everybody's, that expired long ago; return how many."""
    gone = ApiToken.objects.filter(expiry__lt=timezone.now() - EXPIRED_TOKENS_KEPT)
    deleted, _ = (gone if user is None else gone.filter(user=user)).delete()
    return deleted


def remove_expired_sessions() -> int:
    """Delete the login sessions that have expired; return how many."""
    deleted, _ = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return deleted
