"""axe-core finds nothing in any state of the front end, and each works narrow and enlarged."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from data_tools.models import DataSource
from tests.browser.studio_states import STATES, Scene
from tests.support.chromium import Chromium
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_page import browser_context, signed_in_cookie

pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = ("carrier", "tailnum", "origin", "dest")
ROW_COUNT = 1_500
# Of a window of 1280x720, what is left at 200 %; and of a small phone.
NARROW = ({"width": 640, "height": 360}, {"width": 360, "height": 640})
# Rules that depend on colours, for the second theme.
OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}

# The rows of the grid are alike: the first ones stand for all.
RUN_AXE = """async (runOnly) => {
    const context = { exclude: [["tbody tr:nth-child(n + 8)"]] };
    const { violations } = await axe.run(context, {
        resultTypes: ["violations"],
        ...(runOnly && { runOnly }),
    });
    return violations.map(({ id, impact, help, nodes }) =>
        `${id} (${impact}): ${help}: ${nodes.slice(0, 3).map((node) =>
            `${node.target.join(" ")} ${node.any.concat(node.all, node.none)
                .map(({ message }) => message).join("; ")}`).join(" | ")}`);
}"""
SETTLED = """() => new Promise((settled) => {
    requestAnimationFrame(() => requestAnimationFrame(settled));
})"""
# Whether the page itself scrolls sideways; and what can be pressed or filled in in a dialog or a
# menu, and cannot be brought into sight.
FIND_OUT_OF_REACH = """() => {
    const found = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) found.push(`the page is ${scrollWidth} px wide`);
    const inside = (open) => [...open.querySelectorAll("button, input, select, textarea, a")];
    const open = [...document.querySelectorAll("dialog[open], .menu-list, .tour")];
    for (const each of open.flatMap(inside)) {
        if (!each.checkVisibility({ visibilityProperty: true }) || each.disabled) continue;
        each.scrollIntoView({ block: "nearest", inline: "nearest" });
        const { left, right, top, bottom, width } = each.getBoundingClientRect();
        const isInWidth = left >= -1 && right <= innerWidth + 1;
        const isInHeight = top >= -1 && bottom <= innerHeight + 1;
        if (width > 1 && !(isInWidth && isInHeight)) {
            const name = (each.ariaLabel ?? each.textContent ?? "").trim() || each.outerHTML;
            found.push(`${name.slice(0, 60)}: ${[left, top, right, bottom].map(Math.round)}`);
        }
    }
    return found;
}"""


def flights(path: Path) -> tuple[list[tuple[str, str]], list[list[Any]]]:
    """Return the columns and the first rows of the flights."""
    with path.open(newline="") as file:
        reader = csv.reader(file)
        names = next(reader)
        types = {name: "text" for name in TEXTS} | {"time_hour": "datetime"}
        columns = [(name, types.get(name, "integer")) for name in names]
        rows = [
            [_read(cell, data_type) for cell, (_, data_type) in zip(row, columns, strict=True)]
            for row in islice(reader, ROW_COUNT)
        ]
    return columns, rows


def _read(cell: str, data_type: str) -> Any:
    if cell == "NA":
        return None
    return int(cell) if data_type == "integer" else cell


@pytest.fixture
def dataset(user: User, flights_csv: Path) -> DataSource:
    return publish(user, *flights(flights_csv))


@pytest.fixture
def axe(node_tools: Path) -> str:
    return (node_tools / "axe-core" / "axe.min.js").read_text()


@contextmanager
def scenes(
    chromium: Chromium, server: Server, user: User, dataset: DataSource
) -> Iterator[tuple[Any, Any]]:
    """Yield two contexts: of the user, and of nobody."""
    cookie = signed_in_cookie(user, server)
    options = {"locale": "en-US", "color_scheme": "light", "reduced_motion": "reduce"}
    with (
        browser_context(chromium, cookie, **options) as signed_in,
        browser_context(chromium, None, is_new=True, **options) as nobody,
    ):
        yield signed_in, nobody


def test_every_state_is_accessible_in_both_themes_narrow_and_enlarged(
    chromium: Chromium, server: Server, user: User, dataset: DataSource, axe: str
) -> None:
    from playwright.sync_api import Error

    wrong: list[str] = []
    with scenes(chromium, server, user, dataset) as (signed_in, nobody):
        for state in STATES:
            page = (signed_in if state.is_signed_in else nobody).new_page()
            origin = f"http://127.0.0.1:{server.port}"
            scene = Scene(page=page, origin=origin, dataset_id=str(dataset.pk))
            try:
                state.reach(scene)
            except Error as error:
                wrong.append(f"{state.name} was not reached: {error}")
                scene.end()
                continue
            wrong += [f"{state.name}: {each}" for each in _violations(page, axe)]
            for size in NARROW:
                page.set_viewport_size(size)
                if state.name.endswith("menu"):  # it lies where it was opened
                    state.reach(scene)
                page.evaluate(SETTLED)  # what is placed by a module follows in the next frame
                found = page.evaluate(FIND_OUT_OF_REACH)
                wrong += [f"{state.name} at {size['width']}: {each}" for each in found]
            scene.end()

    assert wrong == [], "\n".join(wrong)


def _violations(page: Any, axe: str) -> list[str]:
    """Run every rule, and those of colours once more in the dark."""
    page.evaluate(axe)
    found = page.evaluate(RUN_AXE)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {each}" for each in page.evaluate(RUN_AXE, OF_COLOURS)]
    page.emulate_media(color_scheme="light")
    return list(found)
