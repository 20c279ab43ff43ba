"""The schemas that several answers share, by the name they have in the document."""

from __future__ import annotations

from typing import Any

from data_tools.answers.dataset_answers import Datasource
from data_tools.answers.error_answers import (
    ErrorAnswer,
    ErrorObject,
    ProblemMembers,
    SentenceAnswer,
)
from data_tools.answers.history_answers import Recipe
from data_tools.answers.operation_answers import AppliedOperation, Cleaned, Effect, Transformed
from data_tools.answers.recovery_answers import RecoveredSession, Verdict
from data_tools.answers.row_answers import (
    ColumnNameAndType,
    PageBody,
    Pagination,
    Past,
    PreviewRow,
    Row,
)
from data_tools.answers.session_answers import SessionBody, SessionInfo
from data_tools.openapi.answer_schema import AnswerSchemas
from data_tools.openapi.json_schema import Schema, with_optional

_TYPES: dict[str, Any] = {
    "Row": Row,
    "PreviewRow": PreviewRow,
    "Column": ColumnNameAndType,
    "Pagination": Pagination,
    "SessionInfo": SessionInfo,
    "AppliedOperation": AppliedOperation,
    "Session": SessionBody,
    "Page": PageBody,
    "Transformed": Transformed,
    "Cleaned": Cleaned,
    "Verdict": Verdict,
    "Recovered": RecoveredSession,
    "Recipe": Recipe,
    "Datasource": Datasource,
    "Error": ErrorObject,
    "ErrorAnswer": ErrorAnswer,
    "SentenceAnswer": SentenceAnswer,
    "Problem": ProblemMembers,
}
_SCHEMAS = AnswerSchemas({kind: name for name, kind in _TYPES.items()})

schema_of = _SCHEMAS.schema_of
picked = _SCHEMAS.picked

COMPONENTS: dict[str, Schema] = {name: _SCHEMAS.spelled_out(kind) for name, kind in _TYPES.items()}


def _may_also_have(name: str, *kinds: Any) -> None:
    """Add the keys that answers of that name have besides in some cases."""
    for kind in kinds:
        COMPONENTS[name] = with_optional(
            COMPONENTS[name], **_SCHEMAS.spelled_out(kind)["properties"]
        )


_may_also_have("Session", Past, Effect)  # looking back, and after an operation
_may_also_have("Page", Past)
_may_also_have("Problem", ErrorObject)
del COMPONENTS["Problem"]["properties"]["message"]  # it is the problem's `detail`
