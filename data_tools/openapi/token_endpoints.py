"""The endpoints for signing in: tokens for programs."""

from __future__ import annotations

from data_tools.answers.token_answers import NewToken, TokenEnded, TokenList
from data_tools.openapi.answer_schema import schema_of
from data_tools.openapi.description import Described
from data_tools.openapi.json_schema import Schema, fields_of
from data_tools.views.api.token_api_views import TokenFields

_TAG = "Signing in"
_BODY_REFUSED = (
    "INVALID_JSON",
    "INVALID_BODY",
    "LENGTH_REQUIRED",
    "PAYLOAD_TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
)
_FIELDS = fields_of(TokenFields)
_CREDENTIALS: Schema = {
    "type": "object",  # with room for more, which earlier clients may send
    "properties": {name: schema for name, (schema, _) in _FIELDS.items()},
    "required": [name for name, (_, required) in _FIELDS.items() if required],
}

TOKENS: dict[tuple[str, str], Described] = {
    ("POST", "/api/auth/token/"): Described(
        summary="A token for programs, for a user name and a password",
        text="Each call gives another token, and only this answer has its text. After too many "
        "failed attempts the answer is 429, counted by account and by where they come from.",
        tag=_TAG,
        body=_CREDENTIALS,
        answer=schema_of(NewToken),
        example_body={"username": "ada", "password": "password"},
        refusals=("INVALID_CREDENTIALS", "TOO_MANY_TOKENS", *_BODY_REFUSED),
        needs_sign_in=False,
    ),
    ("GET", "/api/auth/token/"): Described(
        summary="The user's valid tokens, newest first",
        tag=_TAG,
        answer=schema_of(TokenList),
    ),
    ("DELETE", "/api/auth/token/"): Described(
        summary="End the token that the request is sent with",
        tag=_TAG,
        answer=schema_of(TokenEnded),
        refusals=("TOKEN_REQUIRED", "TOKEN_NOT_FOUND", *_BODY_REFUSED),
    ),
    ("POST", "/api/auth/token/rotate/"): Described(
        summary="Exchange the token that the request is sent with for another one",
        text="The new token has the old one's name and lifetime. The old one works for some more "
        "minutes: a program whose answer was lost can ask again with it, until the new token is "
        "used.",
        tag=_TAG,
        answer=schema_of(NewToken),
        refusals=("TOKEN_REQUIRED", "TOKEN_NOT_FOUND", "TOKEN_ALREADY_ROTATED", *_BODY_REFUSED),
    ),
    ("DELETE", "/api/auth/token/{token_id}/"): Described(
        summary="End one of the user's tokens",
        tag=_TAG,
        answer=schema_of(TokenEnded),
        refusals=("TOKEN_NOT_FOUND", *_BODY_REFUSED),
    ),
}
