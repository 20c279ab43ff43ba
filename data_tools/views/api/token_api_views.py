"""`auth/token/`: programs get a token, exchange it for another one, and end it."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.contrib.auth import authenticate
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.token_answers import new_token, token_ended, token_list
from data_tools.exceptions import InvalidCredentials, TokenRequired
from data_tools.models import ApiToken
from data_tools.services import token_service
from data_tools.under_way.requests import Work
from data_tools.views.api.api_view import ApiView, object_of, validated
from data_tools.views.api.text_field import TextField

SHORTEST_LIFETIME_SECONDS = 60


class TokenFields(serializers.Serializer[None]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096, trim_whitespace=False)
    name = TextField(
        max_length=100,
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text="What the token is for. A token with a name is kept until it expires.",
    )
    expires_in = serializers.IntegerField(
        min_value=SHORTEST_LIFETIME_SECONDS,
        required=False,
        allow_null=True,
        help_text="For how many seconds the token is valid, at most as long as the service allows.",
    )

    def validate_expires_in(self, seconds: int | None) -> int | None:
        longest = int(token_service.longest_lifetime().total_seconds())
        if seconds is not None and seconds > longest:
            raise serializers.ValidationError(
                f"Ensure this value is less than or equal to {longest}."
            )
        return seconds


class TokenView(ApiView):
    """Give a token for a user name and password (POST), list tokens (GET), or end one (DELETE).

    Ends the token that the request is sent with.
    """

    work = Work.LIGHT
    rate_class_of_changes = "sign-ins"

    def get_authenticators(self) -> list[BaseAuthentication]:
        return super().get_authenticators() if self._needs_sign_in() else []

    def get_permissions(self) -> list[BasePermission]:
        return super().get_permissions() if self._needs_sign_in() else [AllowAny()]

    def post(self, request: Request) -> Response:
        fields = validated(TokenFields(data=object_of(request)))
        user = authenticate(
            request._request, username=fields["username"], password=fields["password"]
        )
        if user is None:
            raise InvalidCredentials
        seconds = fields["expires_in"]
        lifetime = None if seconds is None else timedelta(seconds=seconds)
        token, text = token_service.issue(user, name=fields["name"] or "", lifetime=lifetime)
        return Response(new_token(token, text))

    def get(self, request: Request) -> Response:
        tokens = token_service.of_user(request.user)
        return Response(token_list(tokens, current=_token_sent(request)))

    def delete(self, request: Request) -> Response:
        token_service.end(request.user, _required_token(request).public_id)
        return Response(token_ended())

    def _needs_sign_in(self) -> bool:
        # There is no request while the OpenAPI document is made.
        return self.request is None or self.request.method in ("GET", "HEAD", "DELETE")


class RotateTokenView(ApiView):
    """Exchange the token that the request is sent with for another one."""

    work = Work.LIGHT

    def post(self, request: Request) -> Response:
        object_of(request)
        token, text = token_service.rotate(_required_token(request))
        return Response(new_token(token, text))


class OneTokenView(ApiView):
    """End one of the user's tokens."""

    work = Work.LIGHT

    def delete(self, request: Request, token_id: uuid.UUID) -> Response:
        token_service.end(request.user, token_id)
        return Response(token_ended())


def _token_sent(request: Request) -> ApiToken | None:
    return request.auth if isinstance(request.auth, ApiToken) else None


def _required_token(request: Request) -> ApiToken:
    """Return the token that the request was sent with.

    Raises:
        TokenRequired: it was sent with a login session.
    """
    token = _token_sent(request)
    if token is None:
        raise TokenRequired
    return token
