"""Answers as JSON.

Note [Integers as text]
    JavaScript reads every number of a JSON text as a double, which holds integers exactly up to
    2^53 only: of an id of 18 digits it shows another one. A client with the capability
    `exact-integers` therefore gets every integer beyond that as a text of its digits, wherever it
    stands in an answer. Other clients get numbers, as they always did. A float stays a number: the
    client gets the same double as is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from drf_orjson_renderer.renderers import ORJSONRenderer

from data_tools.columns import LARGEST_EXACT_INTEGER
from data_tools.http.capabilities import wants_exact_integers
from data_tools.rows.on_demand import Item, OnDemand
from session_events.spans import Step, span


class StudioJSONRenderer(ORJSONRenderer):
    """Writes JSON; for clients that ask, with large integers as text.

    Makes values on demand while it writes: see Note [Values on demand] in `rows.on_demand`.
    """

    @staticmethod
    def default(obj: Any) -> Any:
        match obj:
            case OnDemand():
                return obj.items
            case Item():
                return obj.value
        return ORJSONRenderer.default(obj)

    def render(
        self,
        data: Any,
        media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        with span(Step.ENCODE):
            return self._render(data, media_type, renderer_context)

    def _render(
        self, data: Any, media_type: str | None, renderer_context: Mapping[str, Any] | None
    ) -> bytes:
        request = (renderer_context or {}).get("request")
        if request is None or not wants_exact_integers(request):
            return super().render(data, media_type, renderer_context)
        usual = self.options
        self.options = usual | orjson.OPT_STRICT_INTEGER
        try:
            return super().render(data, media_type, renderer_context)
        except orjson.JSONEncodeError:  # most answers hold no integer that is too large
            self.options = usual
            context = {**(renderer_context or {}), "default_function": _default_with_text}
            return super().render(with_integers_as_text(data), media_type, context)


def _default_with_text(obj: Any) -> Any:
    return with_integers_as_text(StudioJSONRenderer.default(obj))


def with_integers_as_text(value: Any) -> Any:
    """Return `value` with texts for integers beyond 2^53, at every depth. Changes no key.

    Leaves values on demand as they are.
    """
    match value:
        case bool():
            return value
        case int() if abs(value) > LARGEST_EXACT_INTEGER:
            return str(value)
        case dict():
            return {name: with_integers_as_text(inner) for name, inner in value.items()}
        case list() | tuple():
            return [with_integers_as_text(inner) for inner in value]
    return value
