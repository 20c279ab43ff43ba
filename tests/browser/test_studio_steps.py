"""Steps in the studio: found in the palette, made with forms, told as sentences, undone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from jsonschema_rs import Draft202012Validator

from data_tools.operations.catalogue import OPERATIONS
from tests.support.chromium import Chromium
from tests.support.patience import eventually
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_client import Studio
from tests.support.studio_page import StudioPage, browser_context, signed_in_cookie
from tests.support.studios import open_studio

pytestmark = pytest.mark.django_db(transaction=True)

COLUMNS = (
    ("distance", "integer"),
    ("delay", "float"),
    ("route", "text"),
    ("carrier", "text"),
    ("cancelled", "boolean"),
    ("day", "date"),
    ("written", "text"),
)
ROWS: tuple[list[Any], ...] = (
    [1400, 2.5, "EWR-IAH", "UA", False, "2013-01-01", "31/01/2013"],
    [1416, None, "LGA-IAH", "UA", True, "2013-01-01", "01/02/2013"],
    [1089, 2.5, "JFK-MIA", "AA", False, None, "02/02/2013"],
    [1576, -1.0, "JFK-BQN", None, None, "2013-01-02", "03/02/2013"],
    [762, None, "LGA-ATL", "DL", False, "2013-01-02", "04/02/2013"],
    [719, 33.25, "EWR-ORD", "UA", False, "2013-01-03", "13/02/2013"],
)
SUITING = {"integer": "distance", "text": "route", "date": "day"}  # a column for each first type
# What is chosen where the first that suits would be refused, or to fill in more than is needed.
CHOSEN: dict[str, dict[str, Any]] = {
    "change_column_type": {"column_name": "written", "new_type": "date", "date_format": "%d/%m/%Y"},
    "fill_missing_values": {"columns": ["delay"], "strategy": "constant", "fill_value": "7"},
    "calculate_column": {"value": "2", "new_name": "double"},
    "bin_column": {"method": "edges", "edges": "0 1000 2000"},
    "find_and_replace": {"columns": ["route"], "find": "JFK", "replace_with": "NYC"},
    "drop_missing_rows": {"columns": ["delay"]},
    "missing_data_imputation_mode": {"columns": ["carrier"]},
    "feature_scaling_log": {"columns": ["distance"]},
    "feature_engineering_relative_pow": {"columns": ["delay"], "reference_columns": ["delay"]},
    "join_columns": {"columns": ["carrier", "route"], "new_name": "both"},
    "column_operation_rename": {"new_names": {"route": "way"}},
}
SENTENCES = "/static/data_tools/studio/steps/step_sentences.js"
STATE = "/static/data_tools/studio/state"


class Steps(StudioPage):
    """The studio's page, and what a person does there to add steps."""

    def find(self, query: str) -> Any:
        """Open the palette by its keys and type; return its options."""
        self.page.keyboard.press("Control+k")
        self.page.get_by_role("combobox", name="What do you want to do?").fill(query)
        return self.page.get_by_role("listbox").get_by_role("option")

    def begin_step(self, query: str) -> Any:
        """Choose the first that the palette finds; return the form."""
        self.find(query).first.wait_for()
        self.page.keyboard.press("Enter")
        form = self.page.locator(".step-form")
        form.wait_for()
        return form

    def field(self, name: str) -> Any:
        return self.page.locator(f"[data-field={name}]")

    def apply(self) -> dict[str, Any]:
        """Press Apply; return the request's body once it was answered."""
        with self.page.expect_response(re.compile("/operations/$")) as answered:
            self.page.get_by_role("button", name="Apply").click()
        assert answered.value.status == 200, answered.value.text()
        self.page.locator(".step-panel").wait_for(state="detached")
        return answered.value.request.post_data_json  # type: ignore[no-any-return]

    @property
    def outcome(self) -> Any:
        return self.page.locator(".outcome")

    def undo_last(self) -> None:
        count = len(self.state("session")["steps"])
        self.outcome.get_by_role("button", name="Undo").click()
        eventually(lambda: len(self.state("session")["steps"]) < count)

    def state(self, store: str) -> Any:
        """What a store of the page holds; maps as lists of pairs."""
        return self.page.evaluate(
            f"async (store) => {{ const all = await import(`{STATE}/${{store}}.js`);"
            " const { state } = all[store]; return { ...state,"
            " changed: state.changed && [...state.changed] } }",
            store,
        )

    def put(self, store: str, fields: dict[str, Any]) -> None:
        self.page.evaluate(
            f"async ([name, fields]) => (await import(`{STATE}/${{name}}.js`))[name].set(fields)",
            [store, fields],
        )


@pytest.fixture
def studio(user: User) -> Studio:
    return open_studio(user, publish(user, COLUMNS, ROWS))


@pytest.fixture
def opened(chromium: Chromium, server: Server, user: User, studio: Studio) -> Iterator[Steps]:
    """The page with its rows; nothing may have gone wrong in it when the test ends."""
    with opened_page(chromium, server, user, studio) as steps:
        yield steps
        assert steps.problems == []


@contextmanager
def opened_page(chromium: Chromium, server: Server, user: User, studio: Studio) -> Iterator[Steps]:
    with browser_context(chromium, signed_in_cookie(user, server)) as context:
        steps = Steps(context, server, studio)
        steps.open()
        yield steps


def fill(steps: Steps, operation: str) -> None:
    """Fill in what is required, and what `CHOSEN` says, as a person does."""
    schema = OPERATIONS[operation].json_schema()
    chosen = CHOSEN.get(operation, {})
    for name, parameter in schema["properties"].items():
        if name in chosen or name in schema["required"]:
            fill_field(steps, name, parameter, chosen.get(name))


def fill_field(steps: Steps, name: str, schema: dict[str, Any], value: Any) -> None:
    field = steps.field(name)
    suiting = SUITING[schema.get("x-suits", ["text"])[0]]
    match schema["x-kind"]:
        case "columns":
            for column in value or [suiting]:
                field.get_by_role("checkbox", name=column, exact=True).check()
        case "column":
            field.locator("select").select_option(value or suiting)
        case "new_names":
            for old, new in value.items():
                field.get_by_role("checkbox", name=old, exact=True).check()
                field.get_by_label(f"New name of {old}").fill(new)
        case "choice":
            choice = value or next(filter(None, schema["enum"]))
            if field.locator("select").count():
                field.locator("select").select_option(choice)
            else:
                field.get_by_role("radio").nth(schema["enum"].index(choice)).check()
        case "choices":
            field.get_by_role("checkbox").first.check()
        case "filter":
            steps.put("view", {"filter": [{"column": "distance", "op": "gt", "value": 1000}]})
        case _:
            field.locator("input").fill(value or "-")


def test_every_operation_is_found_made_told_and_undone(opened: Steps) -> None:
    wrong: list[str] = []

    for name, declaration in OPERATIONS.items():
        opened.begin_step(declaration.title)
        fill(opened, name)
        sentence = opened.page.locator(".step-sentence").inner_text()
        asked = opened.apply()
        Draft202012Validator(declaration.json_schema()).validate(asked["parameters"])
        step = opened.state("session")["steps"][-1]
        told = opened.page.evaluate(
            f"async (step) => (await import('{SENTENCES}')).sentenceOf(step)", step
        )
        shown = opened.outcome.inner_text()
        is_whole = sentence.endswith(".") and not re.search("…|undefined|null", sentence + told)
        if asked["operation"] != name or not is_whole or "_" in told.partition(" ")[0]:
            wrong.append(f"{name}: {asked['operation']}: {sentence} | {told} | {shown}")
        opened.undo_last()
        opened.put("view", {"filter": []})

    assert wrong == []
    assert opened.state("session")["steps"] == []


def test_the_palette_is_worked_by_keys_and_knows_plain_words(opened: Steps) -> None:
    from playwright.sync_api import expect

    page = opened.page
    button = page.get_by_role("button", name="Add step")
    button.focus()

    options = opened.find("dedupe")
    expect(options.first).to_contain_text("Remove duplicate rows")
    page.keyboard.press("Escape")
    expect(button).to_be_focused()

    opened.find("drop")
    field = page.get_by_role("combobox", name="What do you want to do?")
    page.keyboard.press("ArrowDown")
    active = page.locator("[role=option][aria-selected=true]")
    expect(active).to_have_id(field.get_attribute("aria-activedescendant"))
    expect(active).to_have_text(options.nth(1).inner_text())
    field.fill("xyzzy")
    expect(page.get_by_role("status").filter(has_text="Nothing found for “xyzzy”")).to_be_visible()
    field.fill("go to carrier")
    expect(options).to_have_text([re.compile("^Go to a column"), re.compile("^Go to carrier")])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert opened.state("selection")["column"] == 3

    opened.begin_step("rename route")
    opened.field("new_name").locator("input").fill("way")
    page.keyboard.press("Enter")
    expect(opened.outcome).to_contain_text("Renamed route to way")
    opened.find("")
    expect(options.first).to_have_text("Rename a column")  # used last
    opened.find("undo")
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="route")).to_be_visible()


def test_the_sentence_follows_the_fields_and_errors_stand_where_they_belong(
    opened: Steps,
) -> None:
    from playwright.sync_api import expect

    sentence = opened.page.locator(".step-sentence")
    opened.begin_step("rename")
    expect(opened.field("old_name").locator("select")).to_be_focused()
    expect(sentence).to_have_text("Renames … to …")

    opened.page.keyboard.press("Enter")
    expect(opened.field("old_name").locator(".field-error")).to_have_text("Choose a column.")
    expect(opened.field("new_name").locator(".field-error")).to_have_text("Fill this in.")

    opened.field("old_name").locator("select").select_option("route")
    opened.field("new_name").locator("input").fill("carrier")
    expect(sentence).to_have_text("Renames route to carrier.")
    opened.page.keyboard.press("Enter")
    refusal = opened.field("new_name").locator(".field-error")
    expect(refusal).to_contain_text("already exists")  # the service's words; the form stays
    expect(opened.field("new_name").locator("input")).to_be_focused()

    opened.field("new_name").locator("input").fill("way")
    expect(refusal).to_have_count(0)
    opened.apply()
    expect(opened.outcome).to_contain_text("Renamed route to way")


def test_a_refused_type_offers_formats_and_to_make_the_rest_missing(opened: Steps) -> None:
    from playwright.sync_api import expect

    opened.begin_step("change type written")
    opened.field("new_type").locator("select").select_option("date")
    opened.page.keyboard.press("Enter")
    refusal = opened.page.locator(".step-refusal")
    expect(refusal).to_contain_text(
        "6 values of written do not fit, the first is “31/01/2013” in row 1."
    )
    opened.page.get_by_role("button", name="31/01/2013 · day first").click()
    expect(opened.field("date_format").locator("input")).to_have_value("%d/%m/%Y")
    opened.apply()
    expect(opened.outcome).to_contain_text("Changed the type of written to date")

    opened.begin_step("change type delay")
    opened.field("new_type").locator("select").select_option("integer")
    opened.page.keyboard.press("Enter")
    opened.page.get_by_role("button", name="Make them missing and apply").click()
    expect(opened.outcome).to_contain_text("or missing where it did not fit")


def test_what_a_step_did_is_told_and_tinted_until_the_next_click(opened: Steps) -> None:
    from playwright.sync_api import expect

    opened.begin_step("fill delay")
    opened.field("strategy").locator("select").select_option("median")
    opened.apply()

    expect(opened.outcome).to_contain_text("Filled 2 missing cells of delay with the median, 2.5")
    missing = {"value": None, "type": "float"}
    assert opened.state("rows")["changed"] == [["2 delay", missing], ["5 delay", missing]]
    opened.page.get_by_role("heading", level=1).click()
    assert opened.state("rows")["changed"] == []
    expect(opened.outcome).to_be_visible()

    opened.begin_step("remove rows missing carrier")
    opened.apply()
    expect(opened.outcome).to_contain_text(" · 1 row removed · 5 rows left")
    opened.begin_step("extract parts")
    opened.field("column").locator("select").select_option("day")
    opened.field("parts").get_by_role("checkbox", name="Weekday").check()
    opened.apply()
    expect(opened.outcome).to_contain_text("new: day_weekday")
    new = opened.page.get_by_role("columnheader", name="day_weekday")
    expect(new).to_be_in_viewport(ratio=1)
    opened.begin_step("trim route")
    opened.apply()
    expect(opened.outcome).to_contain_text("nothing to change")
    # It is about the rows of now, and says nothing over those of an earlier version.
    opened.page.locator(".history-step").last.click()
    expect(opened.outcome).to_have_count(0)
    opened.press("Back to now")
    opened.undo_last()
    assert len(opened.state("session")["steps"]) == 3


def test_steps_are_known_when_the_network_has_gone_before_the_first_one(opened: Steps) -> None:
    has_read_them = (
        "() => performance.getEntriesByType('resource')"
        ".some((one) => one.name.endsWith('/operations/'))"
    )
    eventually(lambda: opened.page.evaluate(has_read_them))
    opened.page.context.set_offline(True)

    opened.page.get_by_role("button", name="Add step").click()
    opened.page.keyboard.type("fill gaps")

    assert opened.page.locator("dialog input").input_value() == "fill gaps"
    opened.page.get_by_role("option", name="Fill missing values").wait_for()


def test_columns_chosen_in_the_grid_are_those_of_the_form_and_back(opened: Steps) -> None:
    from playwright.sync_api import expect

    opened.put("selection", {"columns": ["route", "delay"]})
    opened.begin_step("round")  # only numbers suit
    chosen = opened.field("columns").locator(".picker-chosen li")
    expect(chosen).to_have_text(["delay"])

    opened.put("selection", {"columns": ["delay", "distance"]})
    expect(chosen).to_have_text(["delay", "distance"])
    opened.page.get_by_role("button", name="Take delay out").click()
    assert opened.state("selection")["columns"] == ["distance"]

    opened.page.keyboard.press("Escape")
    expect(opened.page.locator(".step-form")).to_have_count(0)
    assert opened.state("selection")["columns"] == ["route", "delay"]  # as before the form


def test_escape_that_is_meant_for_something_nearer_leaves_the_form_as_it_is(opened: Steps) -> None:
    from playwright.sync_api import expect

    page = opened.page
    opened.begin_step("rename route")
    new_name = opened.field("new_name").locator("input")
    new_name.fill("way")

    page.get_by_role("columnheader", name="delay").click(button="right")
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    page_number = page.locator(".page-field input")
    page_number.fill("7")
    page.keyboard.press("Escape")
    expect(page_number).to_have_value("1")
    search = page.get_by_role("searchbox", name="Find a column")
    search.fill("del")
    page.keyboard.press("Escape")
    expect(search).to_have_value("")
    page.get_by_role("button", name="Add filter").click()
    page.keyboard.type("delay")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Least value")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Least value")).to_have_count(0)
    page.locator(".column-open", has_text="delay").click()
    expect(page.get_by_role("heading", name="delay")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="delay")).to_have_count(0)

    expect(new_name).to_have_value("way")
    new_name.press("Escape")
    expect(new_name).to_have_count(0)


def test_a_column_offers_its_steps_in_its_menu_and_its_panel(opened: Steps) -> None:
    from playwright.sync_api import expect

    page = opened.page
    page.get_by_role("columnheader", name="delay").click(button="right")
    page.get_by_role("menuitem", name="Rename …").click()
    new_name = opened.field("new_name").locator("input")
    expect(new_name).to_be_focused()
    expect(new_name).to_have_value("delay")
    new_name.fill("late")
    page.keyboard.press("Enter")
    expect(opened.outcome).to_contain_text("Renamed delay to late")

    page.get_by_role("columnheader", name="late").click(button="right")
    page.get_by_role("menuitem", name="All figures").click()
    steps = page.get_by_role("region", name="Steps on late")
    steps.get_by_role("button", name="Fill missing values …").click()
    expect(page.locator(".step-sentence")).to_have_text(
        "Fills the missing cells of late with the median."
    )
    page.keyboard.press("Escape")

    page.get_by_role("columnheader", name="late").click(button="right")
    page.get_by_role("menuitem", name="Remove column").click()
    expect(opened.outcome).to_contain_text("Removed late")
    expect(page.get_by_role("columnheader", name="late")).to_have_count(0)


def test_with_a_filter_the_sentence_says_that_all_rows_are_changed(opened: Steps) -> None:
    from playwright.sync_api import expect

    opened.put("view", {"filter": [{"column": "carrier", "op": "eq", "value": "AA"}]})
    opened.page.evaluate(
        "async () => (await import('/static/data_tools/studio/reading.js')).readRows()"
    )
    expect(opened.page.locator("tbody tr")).to_have_count(1)
    sentence = opened.page.locator(".step-sentence")

    opened.begin_step("fill delay")
    expect(sentence).to_contain_text(
        "It does so in all 6 rows, and not only in the one that the filter shows."
    )
    expect(opened.page.locator(".filters")).to_contain_text("Column figures are of all rows")
    opened.page.keyboard.press("Escape")

    opened.begin_step("keep filtered rows")  # it keeps what the filter shows
    expect(sentence).to_have_text("Keeps only the rows where carrier is AA.")
    opened.page.keyboard.press("Escape")

    opened.begin_step("rename route")
    expect(sentence).to_have_text("Renames route to …")


def test_the_column_of_a_step_comes_into_sight_where_the_filter_hides_what_changed(
    chromium: Chromium, server: Server, user: User
) -> None:
    from playwright.sync_api import expect

    names = [f"column {at}" for at in range(30)]
    rows = [[1] * 30, [2] * 29 + [None]]
    dataset = publish(user, [(name, "integer") for name in names], rows)
    studio = open_studio(user, dataset, transport=server.transport)
    with opened_page(chromium, server, user, studio) as steps:
        steps.page.evaluate(
            "async () => (await import('/static/data_tools/studio/commands.js'))"
            ".filterBy([{ column: 'column 0', op: 'eq', value: 1 }])"
        )
        header = steps.page.locator("th[data-name='column 29']")
        expect(header).not_to_be_in_viewport()

        steps.perform("fill_missing_values", columns=["column 29"], strategy="mean")

        expect(header).to_be_in_viewport(ratio=1)
        assert steps.problems == []


def test_columns_to_fill_say_how_many_values_they_lack(opened: Steps) -> None:
    from playwright.sync_api import expect

    lacking = opened.field("columns").locator(".picker-list li").filter(has_text="missing")
    opened.begin_step("fill missing values")
    opened.page.get_by_role("button", name="Show all columns").click()
    expect(lacking).to_have_text(
        [f"{name} missing" for name in ("delay 2", "carrier 1", "cancelled 1", "day 1")]
    )
    opened.page.keyboard.press("Escape")

    opened.begin_step("round")
    expect(opened.field("columns").locator(".picker-list li").first).to_be_visible()
    expect(lacking).to_have_count(0)


def test_every_digit_of_a_number_reaches_the_table(opened: Steps) -> None:
    opened.begin_step("calculate")
    opened.field("left_column").locator("select").select_option("distance")
    opened.field("operator").locator("select").select_option("add")
    opened.field("value").locator("input").fill("9007199254740993")
    opened.field("new_name").locator("input").fill("sum")
    opened.apply()

    assert opened.state("rows")["rows"][0]["sum"] == "9007199254742393"
