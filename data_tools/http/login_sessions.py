"""Django's login sessions in the database, which versions of this service share.

A login session names the backend that let its user in, and a version that does not have that
backend signs the user out. So each session is stored with the name of Django's own backend, which
the first version used, whichever class does the work now. People then stay signed in while an
upgrade goes on, and when they are answered by servers of both versions.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.sessions.backends import db

_STORED = "django.contrib.auth.backends.ModelBackend"
_OURS = "data_tools.http.sign_in.SignInBackend"


class SessionStore(db.SessionStore):
    def encode(self, session_dict: dict[str, Any]) -> str:
        return super().encode(_renamed(session_dict, _OURS, _STORED))

    def decode(self, session_data: str) -> dict[str, Any]:
        return _renamed(super().decode(session_data), _STORED, _OURS)


def _renamed(session: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    is_old = session.get(BACKEND_SESSION_KEY) == old
    return session | {BACKEND_SESSION_KEY: new} if is_old else session
