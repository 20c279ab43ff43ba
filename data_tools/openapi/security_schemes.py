"""The two ways of signing in, as the document names them. drf-spectacular finds them by import."""

from __future__ import annotations

from typing import Any

from drf_spectacular.authentication import SessionScheme, TokenScheme


class StudioTokenScheme(TokenScheme):
    target_class = "data_tools.http.authentication.StudioTokenAuthentication"
    name = "token"


class StudioSessionScheme(SessionScheme):
    target_class = "data_tools.http.authentication.StudioSessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return super().get_security_definition(auto_schema) | {
            "description": "The login session of `/accounts/login/`. A change needs a CSRF token, "
            "or comes from our own page."
        }
