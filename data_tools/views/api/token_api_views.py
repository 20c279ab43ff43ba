"""`auth/token/`: where programs get their token."""

from __future__ import annotations

from django.contrib.auth import authenticate
from rest_framework import serializers
from rest_framework.authtoken.models import Token
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.exceptions import InvalidCredentials
from data_tools.views.api.api_view import ApiView, object_of, validated


class CredentialFields(serializers.Serializer[None]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096, trim_whitespace=False)


class TokenView(ApiView):
    """Answer the user's token for a user name and a password; create the token if there is none."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    rate_class = "sign-ins"

    def post(self, request: Request) -> Response:
        fields = validated(CredentialFields(data=object_of(request)))
        user = authenticate(request._request, **fields)
        if user is None:
            raise InvalidCredentials
        token, _ = Token.objects.get_or_create(user=user)
        return Response({"token": token.key})
