"""The alerts, the dashboard and the runbook name metrics, labels and sections that there are."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from celery import current_app
from django.test import Client
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from data_tools.jobs import signs_of_life
from data_tools.observing import metrics
from data_tools.services import health_service
from session_events.models import SessionStream
from tests.crash.victims import OwnRedis
from tests.support.studio_client import Studio

ROOT = Path(__file__).parents[3]
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
DASHBOARD = ROOT / "deploy/grafana/hydroml.json"
RUNBOOK = (ROOT / "docs/runbook.md").read_text()
OF_PROMETHEUS = {"up": {"job", "instance"}}


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> list[str]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    shown = [target["expr"] for panel in panels for target in panel["targets"]]
    return [alert["expr"] for alert in alerts()] + shown


def selectors(expression: Any) -> Iterator[Any]:
    """Yield every selector of a metric in an expression."""
    if isinstance(expression, promql_parser.VectorSelector):
        yield expression
    for part in ("lhs", "rhs", "expr", "vector_selector"):
        if inner := getattr(expression, part, None):
            yield from selectors(inner)
    for argument in getattr(expression, "args", None) or ():
        yield from selectors(argument)


def declared() -> dict[str, set[str]]:
    """Return the labels of each sample that a process counts, whether or not it has any yet."""
    suffixes = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"]}
    return {
        metric._name + suffix: {*metric._labelnames, "le", "pid", "instance", "job"}
        for metric in vars(metrics).values()
        if isinstance(metric, MetricWrapperBase)
        for suffix in suffixes[metric._type]
    }


@pytest.fixture
def known(
    opened: Studio,
    own_redis: OwnRedis,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, set[str]]:
    """The labels of each sample of `/metrics`, after something of everything has happened."""
    SessionStream.objects.update(verified_at="2026-01-01T00:00:00Z")
    signs_of_life.note("beat")
    signs_of_life.note("worker")
    settings.BACKGROUND_JOBS_USE_BROKER = True
    monkeypatch.setattr(current_app.conf, "broker_read_url", own_redis.url)
    health_service._FIGURES.forget()
    content = Client().get("/metrics").content.decode()
    seen = {
        sample.name: {*sample.labels, "instance", "job"}
        for family in text_string_to_metric_families(content)
        for sample in family.samples
    }
    return OF_PROMETHEUS | seen | declared()


def test_every_metric_and_label_that_is_asked_for_exists(known: dict[str, set[str]]) -> None:
    asked = [each for text in expressions() for each in selectors(promql_parser.parse(text))]

    assert len(asked) > 40
    for selector in asked:
        assert selector.name in known, selector
        labels = {matcher.name for matcher in selector.matchers.matchers}
        assert labels <= known[selector.name], selector


def growths(expression: Any) -> Iterator[Any]:
    """Yield every selector whose growth an alert looks at."""
    if isinstance(expression, promql_parser.Call) and expression.func.name == "increase":
        yield from selectors(expression)
    for part in ("lhs", "rhs", "expr"):
        if inner := getattr(expression, part, None):
            yield from growths(inner)


FRESH = """
import django
django.setup()
from importlib import import_module
from prometheus_client import generate_latest
import_module("hydroml.urls")  # as for the first request
print(generate_latest().decode())
"""


def series_of_a_fresh_process() -> dict[str, list[dict[str, str]]]:
    done = subprocess.run(
        [sys.executable, "-c", FRESH],
        env=dict(os.environ) | {"DJANGO_SETTINGS_MODULE": "hydroml.settings_test"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, list[dict[str, str]]] = {}
    for family in text_string_to_metric_families(done.stdout):
        for sample in family.samples:
            if sample.value == 0:
                found.setdefault(sample.name, []).append(dict(sample.labels))
    return found


def test_a_series_whose_growth_is_an_alert_is_there_before_it_grows() -> None:
    """Of one that begins with its first failure, Prometheus sees no growth."""
    fresh = series_of_a_fresh_process()
    asked = [each for alert in alerts() for each in growths(promql_parser.parse(alert["expr"]))]

    assert len(asked) >= 4
    for selector in asked:
        wanted = {matcher.name: matcher.value for matcher in selector.matchers.matchers}
        series = [labels for labels in fresh[selector.name] if wanted.items() <= labels.items()]
        assert series, selector
    runs = fresh["hydroml_job_runs_total"]
    failed = {labels["task"] for labels in runs if labels["outcome"] == "failed"}
    assert failed == {name for name in current_app.tasks if not name.startswith("celery.")}
    assert len(failed) > 10


def test_every_alert_has_a_section_in_the_runbook_and_the_other_way_round() -> None:
    sections = re.findall(r"^### (\w+)$", RUNBOOK, re.MULTILINE)

    assert sections == [alert["alert"] for alert in alerts()]


def test_every_metric_that_the_runbook_names_exists(known: dict[str, set[str]]) -> None:
    named = set(re.findall(r"`(hydroml_\w+)", RUNBOOK))

    assert named
    assert named <= known.keys()
