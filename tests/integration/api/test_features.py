"""Each enhancement can be switched off alone; clients then see the existing behaviour."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.db import InterfaceError, OperationalError
from django.test import Client

from data_tools import features
from data_tools.features import Feature, is_on
from data_tools.models import FeatureFlag, RowList
from tests.support.small_datasets import ROWS
from tests.support.studio_client import STRUCTURED, Answer, Studio

pytestmark = pytest.mark.django_db
SwitchOff = Callable[..., None]


@pytest.fixture
def studio(opened: Studio) -> Studio:
    return opened


@pytest.mark.parametrize("feature", Feature)
def test_each_feature_is_on_until_it_alone_is_switched_off(
    feature: Feature, switch_off: SwitchOff
) -> None:
    assert all(is_on(each) for each in Feature)

    switch_off(feature)

    assert [each for each in Feature if not is_on(each)] == [feature]


def test_without_pagination_parameters_they_are_ignored(
    studio: Studio, switch_off: SwitchOff
) -> None:
    switch_off(Feature.PAGINATION_PARAMETERS)

    status = studio.get("session/status/", {"page_number": 2, "page_size": 3}).body
    page = studio.get("data/", {"page_size": 3, "sort": "-id", "pageSize": 2}).body

    assert "pagination" not in status
    assert len(status["data_preview"]) == len(ROWS)
    assert [row["id"] for row in page["data"]] == [row[0] for row in ROWS[:2]]
    assert studio.get("session/status/", {"page_size": "nonsense"}).status == 200


def test_without_structured_errors_every_client_gets_the_sentence_alone(
    studio: Studio, switch_off: SwitchOff
) -> None:
    switch_off(Feature.STRUCTURED_ERRORS)
    headers = STRUCTURED | {"Accept": "application/problem+json"}

    refused = studio.post("session/undo/", headers=headers)
    transform = studio.post("transform/columns/", {"operation": "x"}, headers=headers)

    assert refused.status == 400
    assert refused.body == {"success": False, "error": refused.body["error"]}
    assert isinstance(refused.body["error"], str)
    assert (transform.status, transform.body["success"]) == (200, False)


def test_without_recovery_only_its_addresses_answer_404(
    studio: Studio, switch_off: SwitchOff
) -> None:
    switch_off(Feature.RECOVERY)

    assert studio.get("session/validate/").error["code"] == "NOT_FOUND"
    assert studio.post("session/recover/").error["code"] == "NOT_FOUND"
    assert studio.get("session/status/").status == 200


def test_without_recovery_no_error_refers_to_its_addresses(
    studio: Studio, switch_off: SwitchOff
) -> None:
    studio.post("session/clear/")
    assert actions(studio.post("session/undo/")) == ["initialize", "validate"]

    switch_off(Feature.RECOVERY)

    assert actions(studio.post("session/undo/")) == ["initialize"]


def actions(answer: Answer) -> list[str]:
    return [action["action"] for action in answer.error["recovery_actions"]]


@pytest.mark.parametrize("given", ['[{"column":"id","op":"eq","value":5}]', "nonsense"])
def test_without_filters_a_filter_is_ignored(
    studio: Studio, switch_off: SwitchOff, given: str
) -> None:
    switch_off(Feature.FILTERS)

    body = studio.get("data/", {"filter": given, "sort": "-delay"}).body

    assert body["pagination"]["filtered_rows"] == body["totalRows"] == len(ROWS)
    assert body["data"][0]["delay"] == 33.25


def test_a_recovery_shows_all_rows_without_filters_and_the_last_view_with_them(
    studio: Studio, switch_off: SwitchOff
) -> None:
    studio.get("data/", {"filter": '[{"column":"delay","op":"gt","value":0}]', "page_size": 2})
    studio.post("session/clear/")

    switch_off(Feature.FILTERS)
    without = studio.post("session/recover/").body
    features.switch(Feature.FILTERS, on=True)
    with_them = studio.post("session/recover/").body

    assert without["pagination"]["filtered_rows"] == len(ROWS)
    assert [row["id"] for row in without["data"]] == [row[0] for row in ROWS[:2]]
    assert with_them["pagination"]["filtered_rows"] == 3


def test_without_the_page_cache_no_list_of_rows_is_stored(
    studio: Studio, switch_off: SwitchOff
) -> None:
    query = {"filter": '[{"column":"delay","op":"gt","value":0}]', "sort": "-delay"}
    switch_off(Feature.PAGE_CACHE)

    without = studio.get("data/", query).body["data"]

    assert not RowList.objects.exists()
    features.switch(Feature.PAGE_CACHE, on=True)
    assert studio.get("data/", query).body["data"] == without
    assert RowList.objects.exists()


def test_without_performance_headers_only_the_original_header_is_sent(
    studio: Studio, switch_off: SwitchOff
) -> None:
    with_them = studio.get("session/status/").headers

    switch_off(Feature.PERFORMANCE_HEADERS)
    without = studio.get("session/status/").headers
    initialized = studio.post("session/initialize/").headers

    assert with_them["Server-Timing"].startswith("total;dur=")
    assert 'desc="' in with_them["Server-Timing"]
    assert with_them["X-Response-Time"].endswith("s")
    assert "Server-Timing" not in without
    assert "X-Response-Time" not in without
    assert initialized["X-Response-Time"].endswith("s")
    assert "Server-Timing" not in initialized


def test_a_switch_reaches_a_process_that_remembered_the_old_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(features._Remembered, "until", float("-inf"))
    assert is_on(Feature.RECOVERY)
    FeatureFlag.objects.create(name="recovery", is_on=False)  # as another process does

    monkeypatch.setattr(features._Remembered, "until", 0.0)  # a second later

    assert not is_on(Feature.RECOVERY)


def test_flags_cost_no_query_while_they_are_remembered(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Callable[..., object]
) -> None:
    monkeypatch.setattr(features._Remembered, "until", float("-inf"))

    with django_assert_num_queries(1):
        assert all(is_on(feature) for feature in Feature)


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_the_last_known_state_holds_while_the_database_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, switch_off: SwitchOff, error: type[Exception]
) -> None:
    """A connection that broke earlier in the request raises `InterfaceError`."""
    switch_off(Feature.RECOVERY)
    assert not is_on(Feature.RECOVERY)

    def fails(*args: object, **more: object) -> None:
        raise error

    monkeypatch.setattr(FeatureFlag.objects, "filter", fails)
    monkeypatch.setattr(features._Remembered, "until", float("-inf"))

    assert not is_on(Feature.RECOVERY)
    assert is_on(Feature.FILTERS)


def test_the_command_shows_and_switches(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("feature", "filters", "off")
    call_command("feature")

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("filters is off")
    assert [line.split() for line in lines[1:]] == [
        [feature.value, "off" if feature is Feature.FILTERS else "on"] for feature in Feature
    ]
    with pytest.raises(CommandError, match="on or off"):
        call_command("feature", "filters")


def test_an_administrator_switches_a_feature_in_the_admin(admin_client: Client) -> None:
    answer = admin_client.post(
        "/admin/data_tools/featureflag/add/", {"name": "page_cache"}, follow=True
    )

    assert answer.status_code == 200
    assert FeatureFlag.objects.get().name == "page_cache"
    assert not FeatureFlag.objects.get().is_on
