"""The endpoints about what a user keeps."""

from __future__ import annotations

from data_tools.answers.usage_answers import SessionsDeleted, UsageBody
from data_tools.openapi.answer_schema import schema_of
from data_tools.openapi.description import Described

USAGE: dict[tuple[str, str], Described] = {
    ("GET", "/api/account/usage/"): Described(
        summary="What the user keeps and may keep, and what takes up the most room",
        text="`free_with` is the request that makes room.",
        tag="Account",
        answer=schema_of(UsageBody),
    ),
    ("DELETE", "/api/datasources/{datasource_id}/sessions/"): Described(
        summary="Delete the ended sessions of a dataset for good",
        text="They can no longer be recovered. An open session stays. The dataset may already have "
        "been deleted.",
        tag="Account",
        answer=schema_of(SessionsDeleted),
    ),
}
