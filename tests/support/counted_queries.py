"""The statements of a request, without what is looked up once a second for all requests."""

from __future__ import annotations

from django.test.utils import CaptureQueriesContext


def statements(captured: CaptureQueriesContext) -> list[str]:
    """Leaves out the look at the feature flags, see `features.is_on`."""
    texts = [query["sql"] for query in captured.captured_queries]
    return [text for text in texts if "data_tools_featureflag" not in text]
