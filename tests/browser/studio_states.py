"""Every page, panel, dialog and notice of the front end, and how a person comes to see it.

`STATES` is what the tests of accessibility walk through and what the screenshots show. A state is
reached in a tab of its own from flights without a step; what the service has to be asked to do on
the way is asked of the service. Only what cannot be had in a test, such as a damaged log or an hour
that has passed, is told to the page by a changed answer.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Condition = dict[str, Any]

LATE_TO_BOSTON: list[Condition] = [
    {"column": "dest", "op": "eq", "value": "BOS"},
    {"column": "arr_delay", "op": "gt", "value": 60},
]
OF_NO_MATTER = ["year", "dep_time", "sched_dep_time", "arr_time", "sched_arr_time", "flight"]
ORDERS = "Kunde;Bestellt;Betrag\n" + "".join(
    f"Müller;{day:02}/{day % 12 + 1:02}/2024;1.{day:03},50\n" for day in range(1, 13)
)
RAGGED = "id,name\n1,Ada\n2\n3,Alan\n"
PEOPLE = "id,name,born\n1,Ada,1815-12-10\n2,Alan,1912-06-23\n3,Grace,1906-12-09\n"
DONE = ("READY", "ERROR")
FAILURE = {
    "success": False,
    "error": {
        "code": "INTERNAL_ERROR",
        "user_message": "Something went wrong on our side. Your saved work is safe.",
        "retryable": False,
        "recovery_actions": [],
        "details": {},
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    },
}


@dataclass(kw_only=True, slots=True)
class Scene:
    """A tab in which the user of the flights is signed in."""

    page: Any
    origin: str
    dataset_id: str
    made: list[str] = field(default_factory=list)  # datasets that go when the scene is over

    def goto(self, path: str) -> None:
        self.page.goto(self.origin + path)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request to the API as another tab does; return the answer's body."""
        if not self.page.url.startswith(self.origin):
            self.goto("/healthz")
        return self.page.evaluate(
            """async ([method, path, body]) => {
                const headers = { "Content-Type": "application/json" };
                const answer = await fetch(path, { method, headers, body });
                return answer.status === 204 ? null : answer.json();
            }""",
            [method, path, None if body is None else _json(body)],
        )

    def of_studio(self, method: str, path: str, body: Any = None) -> Any:
        return self.ask(method, f"/api/studio/{self.dataset_id}/{path}", body)

    def perform(self, operation: str, **parameters: Any) -> None:
        """Apply a step as another tab does."""
        body = {"operation": operation, "parameters": parameters}
        answer = self.of_studio("POST", "operations/", body)
        assert answer["success"], answer

    def upload(self, name: str, content: str, dataset_id: str | None = None) -> str:
        """Send a file as a new dataset, or for one; return its id once it is loaded or refused."""
        path = "/api/datasources/" + (f"{dataset_id}/file/" if dataset_id else "")
        if not self.page.url.startswith(self.origin):
            self.goto("/healthz")
        answer = self.page.evaluate(
            """async ([path, name, content]) => {
                const body = new FormData();
                body.append("file", new File([content], name));
                return (await fetch(path, { method: "POST", body })).json();
            }""",
            [path, name, content],
        )
        made = dataset_id or answer["datasource"]["id"]
        if made not in self.made:
            self.made.append(made)
        while self.ask("GET", f"/api/datasources/{made}/")["datasource"]["status"] not in DONE:
            self.page.wait_for_timeout(50)
        return str(made)

    def begin(self) -> None:
        """Put the session on the flights away, and begin one without steps; forget the rest."""
        self.goto("/healthz")
        self.page.evaluate(
            """async () => {
                localStorage.clear();
                sessionStorage.clear();
                for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name);
            }"""
        )
        self.of_studio("POST", "session/clear/", {})
        self.of_studio("POST", "session/initialize/", {})

    def open_studio(self, *, has_rows: bool = True) -> None:
        self.goto(f"/studio/{self.dataset_id}/")
        if has_rows:
            self.wait_for_rows()

    def wait_for_rows(self) -> None:
        self.page.locator("table[aria-busy=false] tbody tr").first.wait_for()

    def command(self, name: str, *given: Any) -> None:
        """Give one of the page's own commands, as its buttons do."""
        self.page.evaluate(
            """async ([name, given]) => {
                const module = performance.getEntriesByType("resource")
                    .find((entry) => /studio\\/commands(\\.[0-9a-f]+)?\\.js$/.test(entry.name));
                return (await import(module.name))[name](...given) && null;
            }""",
            [name, list(given)],
        )

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def choose(self, menu: str, command: str) -> None:
        self.press(menu)
        self.page.get_by_role("menuitem", name=command).click()

    def find_command(self, query: str) -> None:
        """Open the palette and type."""
        self.page.keyboard.press("Control+k")
        self.page.get_by_role("combobox", name="What do you want to do?").fill(query)
        self.page.get_by_role("listbox").get_by_role("option").first.wait_for()

    def begin_step(self, query: str) -> None:
        self.find_command(query)
        self.page.keyboard.press("Enter")
        self.page.locator(".step-form").wait_for()

    def step_field(self, name: str) -> Any:
        return self.page.locator(f"[data-field={name}]")

    def filter_by(self, column: str, by: str | None = None) -> None:
        """Open the panel of a new filter."""
        self.press("Add filter")
        self.page.get_by_role("searchbox", name="Find a column").fill(column)
        self.page.keyboard.press("Enter")
        if by is not None:
            self.page.get_by_role("radio", name=by, exact=True).check()
        self.page.locator(".live-count").filter(has_text="rows").wait_for()

    def take_steps(self) -> None:
        """Three steps in another tab, before the studio is opened."""
        self.perform("rename_column", old_name="tailnum", new_name="tail number")
        self.perform("fill_missing_values", columns=["dep_delay"], strategy="median")
        self.perform("column_operation_drop", columns=["year"])

    def end(self) -> None:
        """Leave the datasets as they were."""
        self.page.context.set_offline(False)
        self.goto("/healthz")  # ends what is still on its way
        self.page.unroute_all(behavior="ignoreErrors")
        for dataset_id in self.made:
            self.ask("DELETE", f"/api/datasources/{dataset_id}/")
        self.page.close()


def _json(body: Any) -> str:
    import json

    return json.dumps(body)


def csv(name: str, content: str, encoding: str = "utf-8") -> dict[str, Any]:
    return {"name": name, "mimeType": "text/csv", "buffer": content.encode(encoding)}


@dataclass(frozen=True, slots=True)
class State:
    name: str
    reach: Callable[[Scene], None]
    is_signed_in: bool = True


STATES: list[State] = []


def state(name: str, *, is_signed_in: bool = True) -> Callable[[Any], Any]:
    """Add the function to `STATES`, under a name that a file can have."""

    def add(reach: Callable[[Scene], None]) -> Callable[[Scene], None]:
        STATES.append(State(name, reach, is_signed_in))
        return reach

    return add


# Pages around the studio


@state("sign-in", is_signed_in=False)
def _(scene: Scene) -> None:
    scene.goto("/")
    scene.page.get_by_label("User name").wait_for()


@state("sign-in-refused", is_signed_in=False)
def _(scene: Scene) -> None:
    scene.goto("/")
    scene.page.get_by_label("User name").fill("somebody")
    scene.page.get_by_label("Password").fill("wrong")
    scene.press("Sign in")
    scene.page.get_by_role("alert").wait_for()


@state("no-such-page")
def _(scene: Scene) -> None:
    scene.goto("/nothing")


@state("datasets")
def _(scene: Scene) -> None:
    scene.begin()
    scene.take_steps()
    scene.upload("people.csv", PEOPLE)
    scene.upload("broken.csv", RAGGED)
    scene.goto("/")
    scene.page.get_by_role("region", name="Pick up where you left off").wait_for()


@state("datasets-none")
def _(scene: Scene) -> None:
    pagination = {"page_number": 1, "page_size": 100, "total_rows": 0, "filtered_rows": 0}
    pagination |= {"total_pages": 0, "has_next": False, "has_previous": False}
    empty = {"success": True, "datasources": [], "sessions": [], "pagination": pagination}
    lists = re.compile(r"/api/(datasources|sessions)/(\?|$)")
    scene.page.route(lists, lambda route: route.fulfill(json=empty))
    scene.goto("/")
    scene.page.get_by_text("Add your first file").wait_for()


@state("datasets-menu")
def _(scene: Scene) -> None:
    scene.goto("/")
    scene.page.get_by_role("button", name="Actions for ").first.click()
    scene.page.get_by_role("menuitem").first.wait_for()


@state("datasets-new-file")
def _(scene: Scene) -> None:
    scene.goto(f"/?new_file={scene.dataset_id}")
    scene.page.get_by_role("dialog").wait_for()


@state("datasets-deleting")
def _(scene: Scene) -> None:
    scene.upload("people.csv", PEOPLE)
    scene.goto("/")
    scene.press("Actions for people")
    scene.page.get_by_role("menuitem", name="Delete").click()
    scene.page.get_by_text("“people” and its rows will be deleted").wait_for()


@state("datasets-renaming")
def _(scene: Scene) -> None:
    scene.upload("people.csv", PEOPLE)
    scene.goto("/")
    scene.press("Actions for people")
    scene.page.get_by_role("menuitem", name="Rename").click()
    scene.page.get_by_role("dialog", name="Another name for “people”").wait_for()


@state("part-missing")
def _(scene: Scene) -> None:
    scene.page.route(
        re.compile(r"/datasets/state(\.[0-9a-f]+)?\.js$"), lambda route: route.fulfill(status=404)
    )
    scene.goto("/")
    scene.page.get_by_text("A part of this page could not be loaded").wait_for()
    scene.page.get_by_role("heading", name="Datasets").wait_for()  # as the service wrote it


@state("datasets-uploading")
def _(scene: Scene) -> None:
    scene.goto("/")
    held = re.compile(r"/api/datasources/$")
    scene.page.route(
        held, lambda route: None if route.request.method == "POST" else route.continue_()
    )
    _choose_file(scene, csv("people.csv", PEOPLE))
    scene.press("Import")
    scene.page.get_by_role("list", name="Uploads").wait_for()


@state("import")
def _(scene: Scene) -> None:
    scene.goto("/")
    _choose_file(scene, csv("orders.csv", ORDERS, "cp1252"))
    if not scene.page.get_by_label("Decimal mark").is_visible():
        scene.page.get_by_text("How the file is read").click()
    scene.page.get_by_label("Decimal mark").select_option(label="Comma (,)")
    scene.page.get_by_label("Thousands mark").select_option(label="Point (.)")
    scene.page.get_by_text("12 cells have changed").wait_for()


@state("import-suggestion")
def _(scene: Scene) -> None:
    scene.goto("/")
    _choose_file(scene, csv("orders.csv", ORDERS))
    scene.page.get_by_text("looks like a column of numbers").wait_for()


@state("import-refused")
def _(scene: Scene) -> None:
    scene.goto("/")
    _choose_file(scene, csv("people.csv", RAGGED))
    scene.page.get_by_role("alert").wait_for()


@state("import-several")
def _(scene: Scene) -> None:
    scene.goto("/")
    _choose_file(scene, csv("people.csv", PEOPLE), csv("orders.csv", ORDERS), csv("b.csv", RAGGED))


def _choose_file(scene: Scene, *files: dict[str, Any]) -> None:
    scene.page.locator("main input[type=file]").set_input_files(list(files))
    scene.page.locator(".import-rows[aria-busy=false]").wait_for()


@state("dataset-loading")
def _(scene: Scene) -> None:
    _not_loaded(scene, {"status": "PROCESSING", "progress": 40})
    scene.page.get_by_text("40% loaded").wait_for()


@state("dataset-failed")
def _(scene: Scene) -> None:
    _not_loaded(scene, None)
    scene.page.get_by_text("could not be loaded").wait_for()


def _not_loaded(scene: Scene, told: Any) -> None:
    made = scene.upload("broken.csv", RAGGED)
    if told is not None:
        this = {"id": made, "name": "broken", "revision": 0, **told}
        scene.page.route(
            f"**/api/datasources/{made}/", lambda route: route.fulfill(json={"datasource": this})
        )
    scene.goto(f"/studio/{made}/")


# The studio and what is in it


@state("studio")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()


@state("studio-filtered")
def _(scene: Scene) -> None:
    scene.begin()
    scene.perform("fill_missing_values", columns=["dep_delay"], strategy="median")
    scene.open_studio()
    _look_for_late_flights(scene)


def _look_for_late_flights(scene: Scene) -> None:
    scene.command("arrange", {"hidden": OF_NO_MATTER})
    scene.command("filterBy", LATE_TO_BOSTON)
    scene.command("sortBy", [{"column": "arr_delay", "descending": True}])
    scene.wait_for_rows()


@state("studio-no-rows")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()
    scene.command("filterBy", [{"column": "dest", "op": "eq", "value": "XYZ"}])
    scene.page.get_by_text("No row matches the filters.").wait_for()


@state("filter-column")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()
    scene.press("Add filter")
    scene.page.get_by_role("searchbox", name="Find a column").fill("dep")


@state("filter-text")
def _(scene: Scene) -> None:
    _begin_filter(scene, "dest", "Text")


@state("filter-values")
def _(scene: Scene) -> None:
    _begin_filter(scene, "dest")
    scene.page.get_by_test_id("value").filter(has_text="BOS").get_by_role("checkbox").check()
    _wait_for_fewer_rows(scene)


@state("filter-number")
def _(scene: Scene) -> None:
    _begin_filter(scene, "arr_delay")
    scene.page.get_by_role("slider", name="To").wait_for()
    scene.page.get_by_label("Least value").fill("60")
    _wait_for_fewer_rows(scene)


@state("filter-date")
def _(scene: Scene) -> None:
    _begin_filter(scene, "time_hour")
    scene.page.get_by_role("slider", name="To").wait_for()


def _wait_for_fewer_rows(scene: Scene) -> None:
    """Wait until the rows that the filter leaves are counted."""
    all_rows = re.compile(r"^([\d,]+) of \1 ")
    scene.page.locator(".live-count").filter(has_not_text=all_rows).wait_for()


def _begin_filter(scene: Scene, column: str, by: str | None = None) -> None:
    scene.begin()
    scene.open_studio()
    scene.filter_by(column, by)


@state("filter-group")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()
    scene.command("filterBy", [{"any": LATE_TO_BOSTON}])
    scene.wait_for_rows()
    scene.page.locator(".chip-text").click()
    scene.page.get_by_role("heading", name="Combined filters").wait_for()
    scene.page.locator(".live-count").filter(has_text="rows").wait_for()


@state("columns")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()
    _see_columns(scene)
    scene.page.get_by_role("searchbox", name="Find a column").fill("dep")


def _see_columns(scene: Scene) -> None:
    if not scene.page.get_by_role("complementary", name="Columns").is_visible():
        scene.press("Columns")


@state("column-numbers")
def _(scene: Scene) -> None:
    _see_figures(scene, "dep_delay")


@state("column-text")
def _(scene: Scene) -> None:
    _see_figures(scene, "dest")


def _see_figures(scene: Scene, column: str) -> None:
    scene.begin()
    scene.open_studio()
    _see_columns(scene)
    scene.page.locator(".column-open", has_text=column).first.click()
    scene.page.locator(".figure-table").last.wait_for()


@state("column-menu")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()
    scene.page.locator("th[data-name='month']").click(button="right")
    scene.page.get_by_role("menuitem").first.wait_for()


@state("user-menu")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()
    scene.page.locator(".top-end .menu button").last.click()
    scene.page.get_by_role("menuitem", name="Sign out").wait_for()


@state("dataset-menu")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()
    scene.press("flights")
    scene.page.get_by_role("menuitem", name="About this dataset").wait_for()


@state("about-dataset")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()
    scene.choose("flights", "About this dataset")
    scene.page.get_by_role("dialog").wait_for()


@state("settings")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()
    scene.page.locator(".top-end .menu button").last.click()
    scene.page.get_by_role("menuitem", name="Settings").click()
    scene.page.get_by_role("dialog", name="Settings").wait_for()


@state("keyboard-help")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()
    scene.page.keyboard.press("?")
    scene.page.get_by_role("dialog", name="Keyboard").wait_for()


@state("tour")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()
    scene.choose("Help", "Take the tour")
    scene.press("Next")
    scene.page.locator(".tour").wait_for()


@state("whole-cell")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()
    scene.page.locator("tbody tr:nth-child(2) [aria-colindex='4']").click()
    scene.page.keyboard.press("Enter")
    scene.page.get_by_role("dialog").wait_for()


@state("go-to-column")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()
    scene.page.locator("tbody tr:nth-child(2) [aria-colindex='3']").click()
    scene.page.keyboard.press("Control+g")
    scene.page.get_by_role("dialog", name="Go to a column").wait_for()


# Steps and their history


@state("palette")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()
    scene.find_command("")


@state("palette-search")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()
    scene.find_command("fill")


@state("step-form")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()
    scene.begin_step("fill gaps")
    dep_delay = re.compile(r"^dep_delay\b")
    scene.step_field("columns").get_by_role("checkbox", name=dep_delay).check()
    scene.step_field("strategy").locator("select").select_option("median")


@state("step-form-errors")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()
    scene.begin_step("rename")
    scene.press("Apply")
    scene.page.locator(".field-error").first.wait_for()


@state("step-outcome")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()
    scene.command(
        "perform",
        "find_and_replace",
        {"columns": ["origin"], "find": "EWR", "replace_with": "Newark"},
    )
    scene.page.locator(".outcome").wait_for()


@state("history")
def _(scene: Scene) -> None:
    _open_with_steps(scene)


def _open_with_steps(scene: Scene) -> None:
    scene.begin()
    scene.take_steps()
    scene.open_studio()
    history = scene.page.get_by_role("complementary", name="History")
    if not history.is_visible():
        scene.press("History")
    scene.page.locator(".history-step").nth(3).wait_for()


@state("history-undone")
def _(scene: Scene) -> None:
    _open_with_steps(scene)
    scene.command("undo")
    scene.page.locator(".history-entry.undone").wait_for()


@state("history-menu")
def _(scene: Scene) -> None:
    _open_with_steps(scene)
    scene.page.locator(".history-menu > button").nth(1).click()
    scene.page.get_by_role("menuitem").first.wait_for()


@state("earlier-version")
def _(scene: Scene) -> None:
    _open_with_steps(scene)
    scene.page.locator(".history-step").nth(2).click()
    scene.page.locator(".version-banner").wait_for()
    scene.wait_for_rows()


@state("gone-back")
def _(scene: Scene) -> None:
    _open_with_steps(scene)
    scene.page.locator(".history-step").nth(2).click()
    scene.press("Go on from here")
    scene.page.locator(".notice").filter(has_text="set aside").wait_for()


@state("compare")
def _(scene: Scene) -> None:
    _open_with_steps(scene)
    scene.press("Compare versions")
    scene.page.locator(".compare-changes section").first.wait_for()


@state("recipe")
def _(scene: Scene) -> None:
    _open_with_steps(scene)
    scene.choose("More of the history", "Apply a recipe")
    scene.page.get_by_role("dialog", name="Apply a recipe").wait_for()


@state("recipe-dry-run")
def _(scene: Scene) -> None:
    _open_with_steps(scene)
    recipe = scene.of_studio("GET", "session/recipe/")
    recipe = recipe.get("recipe", recipe)
    scene.choose("More of the history", "Apply a recipe")
    scene.page.get_by_label("Paste a recipe").fill(_json(recipe))
    scene.press("See what fits")
    scene.page.get_by_text("steps fit.").wait_for()


@state("earlier-sessions")
def _(scene: Scene) -> None:
    _open_with_steps(scene)
    scene.of_studio("POST", "session/clear/", {})
    scene.of_studio("POST", "session/initialize/", {})
    scene.open_studio()
    if not scene.page.get_by_role("complementary", name="History").is_visible():
        scene.press("History")
    scene.choose("More of the history", "Earlier sessions")
    scene.page.get_by_role("dialog").get_by_role("button", name="Look").first.wait_for()


@state("log")
def _(scene: Scene) -> None:
    _open_with_steps(scene)
    scene.choose("More of the history", "Show the log")
    scene.page.get_by_role("dialog").locator("tbody tr").first.wait_for()


@state("save")
def _(scene: Scene) -> None:
    _open_with_steps(scene)
    _look_for_late_flights(scene)
    scene.press("Save as…")
    scene.page.get_by_role("dialog").wait_for()


@state("export")
def _(scene: Scene) -> None:
    _open_with_steps(scene)
    _look_for_late_flights(scene)
    scene.press("Export")
    scene.page.get_by_role("dialog").wait_for()


# What happens to the work


@state("work-is-back")
def _(scene: Scene) -> None:
    scene.begin()
    scene.take_steps()
    scene.open_studio()
    _look_for_late_flights(scene)
    scene.page.evaluate("sessionStorage.clear()")  # as in a tab that is opened later
    scene.open_studio()
    scene.page.locator(".notice").filter(has_text="is back").wait_for()


@state("recovery-damaged")
def _(scene: Scene) -> None:
    scene.begin()
    scene.take_steps()

    def damaged(route: Any) -> None:
        answer = route.fetch()
        body = answer.json()
        recover = f"/api/studio/{scene.dataset_id}/session/recover/"
        body.update(
            session_valid=False,
            suggested_action="recover_partial",
            reasons=[
                {
                    "code": "log_damaged",
                    "sentence": "What was recorded as number 4 can no longer be trusted,"
                    " so what follows it cannot be used.",
                }
            ],
            recovery_options=[
                {
                    "strategy": "partial",
                    "to_version": 3,
                    "operations_back": 2,
                    "comes_back": "2 operations",
                    "given_up": "1 operation",
                    "request": {"method": "POST", "href": recover, "body": {"strategy": "partial"}},
                },
                {
                    "strategy": "start_new",
                    "to_version": None,
                    "operations_back": 0,
                    "comes_back": "the dataset as it was loaded; the old session is put away"
                    " and stays recoverable",
                    "given_up": "3 operations",
                    "request": {
                        "method": "POST",
                        "href": recover,
                        "body": {"strategy": "start_new"},
                    },
                },
            ],
        )
        route.fulfill(response=answer, json=body)

    scene.page.route("**/session/validate/**", damaged)
    scene.open_studio(has_rows=False)
    scene.page.get_by_role("alertdialog").get_by_role("heading", name="Comes back").wait_for()


@state("recovery-new-file")
def _(scene: Scene) -> None:
    _give_new_file(scene)
    scene.open_studio(has_rows=False)
    scene.page.get_by_role("alertdialog").get_by_role("heading", name="Fits the new").wait_for()


def _give_new_file(scene: Scene) -> None:
    scene.dataset_id = scene.upload("people.csv", PEOPLE)
    scene.of_studio("POST", "session/initialize/", {})
    scene.perform("rename_column", old_name="name", new_name="first name")
    scene.perform("find_and_replace", columns=["first name"], find="Ada", replace_with="Augusta")
    scene.perform("extract_date_parts", column="born", parts=["year"])
    scene.upload("people.csv", "id,name\n1,Ada\n2,Alan\n", scene.dataset_id)


@state("recovery-later")
def _(scene: Scene) -> None:
    _give_new_file(scene)
    scene.open_studio(has_rows=False)
    scene.page.get_by_role("alertdialog").wait_for()
    scene.page.keyboard.press("Escape")
    scene.page.locator(".notice").filter(has_text="You work on the old rows").wait_for()
    scene.wait_for_rows()


@state("put-away")
def _(scene: Scene) -> None:
    scene.begin()
    scene.take_steps()
    scene.of_studio("POST", "session/clear/", {})
    scene.open_studio(has_rows=False)
    scene.page.get_by_role("alertdialog").wait_for()


@state("expiry")
def _(scene: Scene) -> None:
    scene.begin()

    def long_unused(route: Any) -> None:
        answer = route.fetch()
        body = answer.json()
        now = dt.datetime.now(dt.UTC)
        if "session_info" in body:
            body["session_info"]["last_accessed"] = (now - dt.timedelta(minutes=237)).isoformat()
            body["session_info"]["expires_at"] = (now + dt.timedelta(minutes=3)).isoformat()
        route.fulfill(response=answer, json=body)

    scene.page.route("**/session/recover/", long_unused)
    scene.page.route("**/session/status/**", long_unused)
    scene.open_studio()
    scene.page.locator(".notice").filter(has_text="Nothing is lost either way").wait_for()


@state("offline")
def _(scene: Scene) -> None:
    _open_with_steps(scene)
    scene.page.context.set_offline(True)
    scene.command("perform", "rename_column", {"old_name": "dest", "new_name": "destination"})
    scene.page.locator(".saving").filter(has_text="kept on this device").wait_for()


@state("changes-of-another-session")
def _(scene: Scene) -> None:
    """What was done offline belongs to a session that was put away elsewhere meanwhile."""
    scene.begin()
    scene.open_studio()
    scene.page.route("**/operations/", lambda route: route.abort())
    scene.command("perform", "rename_column", {"old_name": "dest", "new_name": "destination"})
    scene.page.locator(".saving").filter(has_text="kept on this device").wait_for()
    scene.goto("/healthz")
    scene.of_studio("POST", "session/clear/", {})
    scene.of_studio("POST", "session/initialize/", {})
    scene.page.unroute("**/operations/")
    scene.open_studio()
    scene.page.get_by_role("alertdialog").wait_for()


@state("refused-afterwards")
def _(scene: Scene) -> None:
    """What was done offline does not fit what was done elsewhere meanwhile."""
    _open_with_steps(scene)
    scene.page.route("**/operations/", lambda route: route.abort())
    scene.command("perform", "rename_column", {"old_name": "dest", "new_name": "destination"})
    scene.page.locator(".saving").filter(has_text="kept on this device").wait_for()
    scene.of_studio("POST", "transform/columns/", {"operation": "drop", "columns": ["dest"]})
    scene.page.unroute("**/operations/")
    scene.page.get_by_role("alertdialog").wait_for()


@state("other-tab")
def _(scene: Scene) -> None:
    _open_with_steps(scene)
    scene.perform("rename_column", old_name="dest", new_name="destination")
    scene.page.locator(".notice").filter(has_text="Changed in another tab").wait_for()


@state("failure")
def _(scene: Scene) -> None:
    scene.begin()
    scene.open_studio()
    scene.page.route("**/data/?*", lambda route: route.fulfill(status=500, json=FAILURE))
    scene.page.get_by_role("textbox", name="Page").fill("9")
    scene.page.keyboard.press("Enter")
    scene.page.get_by_role("alert").first.wait_for()
    scene.page.get_by_role("alert").get_by_text("Details").first.click()
