"""Answers about tokens: given, listed, ended. Only the answer that gives a token has its text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import cast
from uuid import UUID

from typing_extensions import TypedDict

from data_tools.answers.shared_values import Success
from data_tools.models import ApiToken


class NewToken(TypedDict):
    """`token` is to be sent as ``Authorization: Token …``; it cannot be asked for again."""

    token: str
    id: UUID
    name: str
    expires_at: dt.datetime


class ListedToken(TypedDict):
    """`prefix` is how the token begins; `last_used_at` is exact to five minutes."""

    id: UUID
    name: str
    prefix: str
    created_at: dt.datetime
    last_used_at: dt.datetime | None
    expires_at: dt.datetime
    is_current: bool


class TokenList(TypedDict):
    success: Success
    tokens: list[ListedToken]


class TokenEnded(TypedDict):
    success: Success
    message: str


def new_token(token: ApiToken, text: str) -> NewToken:
    return {
        "token": text,
        "id": token.public_id,
        "name": token.name,
        "expires_at": cast(dt.datetime, token.expiry),
    }


def token_list(tokens: Iterable[ApiToken], *, current: ApiToken | None) -> TokenList:
    return {
        "success": True,
        "tokens": [
            {
                "id": token.public_id,
                "name": token.name,
                "prefix": token.token_key,
                "created_at": token.created,
                "last_used_at": token.last_used_at,
                "expires_at": cast(dt.datetime, token.expiry),
                "is_current": current is not None and token.digest == current.digest,
            }
            for token in tokens
        ],
    }


def token_ended() -> TokenEnded:
    return {"success": True, "message": "Token ended"}
