"""Content negotiation: which form of answer a request's `Accept` header gets."""

from __future__ import annotations

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

from data_tools.answers.error_answers import PROBLEM_MEDIA_TYPE


class StudioContentNegotiation(DefaultContentNegotiation):
    """Takes a client that accepts problem details for one that accepts JSON.

    Only errors are answered as problem details.
    """

    def get_accept_list(self, request: Request) -> list[str]:
        return [
            media_type.lower().replace(PROBLEM_MEDIA_TYPE, "application/json")
            for media_type in super().get_accept_list(request)
        ]
