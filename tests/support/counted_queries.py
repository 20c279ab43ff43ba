"""The SQL statements of a request, for tests that count them."""

from __future__ import annotations

from django.test.utils import CaptureQueriesContext


def statements(captured: CaptureQueriesContext) -> list[str]:
    """Return the captured statements, except for the lookup of feature flags.

    A process makes that once a second for all requests: see `features.is_on`.
    """
    texts = [query["sql"] for query in captured.captured_queries]
    return [text for text in texts if "data_tools_featureflag" not in text]
