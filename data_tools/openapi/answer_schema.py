"""JSON Schema derived from the types of answers, and those that have a name in the document.

See Note [Answers said once] in `answers`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

from typing_extensions import get_original_bases, is_typeddict

from data_tools.answers.dataset_answers import Datasource
from data_tools.answers.error_answers import (
    ErrorAnswer,
    ErrorObject,
    ProblemMembers,
    SentenceAnswer,
)
from data_tools.answers.history_answers import Recipe
from data_tools.answers.operation_answers import AppliedOperation, Cleaned, Effect, Transformed
from data_tools.answers.preview_answers import FilePreview
from data_tools.answers.recovery_answers import RecoveredSession, Verdict
from data_tools.answers.session_answers import (
    ColumnNameAndType,
    PageBody,
    Pagination,
    Past,
    PreviewRow,
    Row,
    SessionBody,
    SessionInfo,
)
from data_tools.answers.shared_values import OptionsObject
from data_tools.ingest.written_options import options_schemas
from data_tools.openapi.json_schema import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    TEXT,
    TIME,
    UUID,
    Schema,
    many,
    nullable,
    one_of,
    record,
    ref,
    with_optional,
)

_SIMPLE: dict[Any, Schema] = {
    **{str: TEXT, int: INTEGER, float: NUMBER, bool: BOOLEAN, Any: {}},
    **{uuid.UUID: UUID, dt.datetime: TIME},
}


class AnswerSchemas:
    """Derives schemas from types. Types in `names` are referred to by their name."""

    def __init__(self, names: dict[Any, str]) -> None:
        self._names = names

    def schema_of(self, kind: Any) -> Schema:
        """Return a reference to a named type; the schema of any other type."""
        return ref(self._names[kind]) if kind in self._names else self.spelled_out(kind)

    def spelled_out(self, kind: Any) -> Schema:
        """Return the schema of the type itself, whether it has a name or not.

        Raises:
            TypeError: answers cannot hold such a type.
        """
        if is_typeddict(kind):
            return self._record(kind)
        if kind in _SIMPLE:
            return _SIMPLE[kind]
        if isinstance(kind, type) and issubclass(kind, Enum):
            return one_of(*(member.value for member in kind))
        form, inner = get_origin(kind), get_args(kind)
        if form in (list, Sequence):
            return many(self.schema_of(inner[0]))
        if form is dict:
            values = {} if inner[1] is Any else {"additionalProperties": self.schema_of(inner[1])}
            return {"type": "object", **values}
        if form is Literal:
            return {"const": inner[0]} if len(inner) == 1 else one_of(*inner)
        if form is Annotated:
            schema, meta = self.schema_of(inner[0]), inner[1]
            words = {"description": meta.description} if meta.description else {}
            return {"type": schema["type"], **words, **schema, **(meta.extra_json_schema or {})}
        if form in (Union, UnionType):
            return self._union(inner)
        raise TypeError(f"answers cannot hold {kind}")

    def picked(self, kind: Any, *names: str) -> Schema:
        """Return a record of some keys of a `TypedDict`, in the order given; all are required."""
        properties = self._record(kind)["properties"]
        return record(**{name: properties[name] for name in names})

    def _record(self, kind: Any) -> Schema:
        """Return a `TypedDict` as a record: own keys before inherited ones, optional ones last."""
        hints = get_type_hints(kind, include_extras=True)
        required: dict[str, Schema] = {}
        optional: dict[str, Schema] = {}
        for name in _own_first(kind):
            hint, properties = hints[name], required
            if get_origin(hint) is NotRequired:
                hint, properties = get_args(hint)[0], optional
            properties[name] = self.schema_of(hint)
        return with_optional(record(**required), **optional)

    def _union(self, members: Iterable[Any]) -> Schema:
        schemas = [self.schema_of(member) for member in members if member is not NoneType]
        schema: Schema = schemas[0]
        if len(schemas) > 1:
            if all(set(each) == {"type"} for each in schemas):
                schema = {"type": [each["type"] for each in schemas]}
            else:
                schema = {"oneOf": schemas}
        return nullable(schema) if NoneType in members else schema


def _own_first(kind: Any) -> dict[str, Any]:
    """Return the keys of a `TypedDict`: its own, then those of its bases."""
    inherited: dict[str, Any] = {}
    for base in get_original_bases(kind):
        if is_typeddict(base):
            inherited |= _own_first(base)
    own = {name: hint for name, hint in kind.__annotations__.items() if name not in inherited}
    return own | inherited


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
    "FilePreview": FilePreview,
    "ReadingOptions": OptionsObject,  # whose schema follows
    "Error": ErrorObject,
    "ErrorAnswer": ErrorAnswer,
    "SentenceAnswer": SentenceAnswer,
    "Problem": ProblemMembers,
}
_SCHEMAS = AnswerSchemas({kind: name for name, kind in _TYPES.items()})

schema_of = _SCHEMAS.schema_of
picked = _SCHEMAS.picked

COMPONENTS: dict[str, Schema] = {name: _SCHEMAS.spelled_out(kind) for name, kind in _TYPES.items()}
COMPONENTS |= options_schemas()


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
