"""The documents say what the code does."""

from __future__ import annotations

import functools
import itertools
import pkgutil
import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth import get_permission_codename

from data_tools.features import Feature
from data_tools.http.error_catalogue import CATALOGUE
from tests.support.documents import (
    DOCUMENTS,
    DRAWN,
    NOT_RUN,
    ROOT,
    RUN_EVERYWHERE,
    RUN_IN,
    blocks_of,
    examples_of,
)

DOCS = ROOT / "docs"
DECISIONS = sorted(DOCS.glob("decisions/0*.md"))
EVERY_PAGE = [*DOCUMENTS, ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("decisions/*.md"))]
PACKAGES = ("hydroml", "data_tools", "session_events", "tests", "benchmarks")
FILE_NAMES = {path.name for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
FILE_NAMES |= {path.name for path in ROOT.glob("*.py")}


def rows_of(document: str) -> dict[str, list[str]]:
    """Return the cells of a document's table rows, by the name in backticks in their first cell."""
    lines = (DOCS / document).read_text().splitlines()
    tables = [line.strip("|").split("|") for line in lines if line.startswith("| `")]
    return {cells[0].strip(" `"): [cell.strip() for cell in cells[1:]] for cells in tables}


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_error_is_documented_as_it_is(code: str) -> None:
    kind = CATALOGUE[code]

    status, retryable, actions, when = rows_of("errors.md")[code]

    assert status == str(int(kind.status))
    assert retryable == ("yes" if kind.retryable else "no")
    assert actions == (", ".join(f"`{name}`" for name in kind.recovery_actions) or "—")
    assert len(when) > 20


def test_no_unknown_error_is_documented() -> None:
    documented = {name for name in rows_of("errors.md") if name.isupper()}

    assert documented == set(CATALOGUE)


def test_every_feature_is_documented() -> None:
    assert set(rows_of("features.md")) == {feature.value for feature in Feature}


@pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text()

    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, heading = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), f"{page.name} links to {link}"
        assert not heading or heading in anchors_of(target.read_text()), f"{page.name}: {link}"


def test_every_room_of_the_architecture_is_there() -> None:
    text = (DOCS / "architecture.md").read_text()

    rooms = re.findall(r"`((?:session_events|data_tools|hydroml)/[\w/.]*)`", text)

    assert len(rooms) > 10
    assert [room for room in rooms if not (ROOT / room).exists()] == []


def test_the_architecture_has_the_layers_that_import_linter_holds() -> None:
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    [layers] = [
        contract["layers"]
        for contract in configured["contracts"]
        if contract.get("containers") == ["data_tools"]
    ]
    text = (DOCS / "architecture.md").read_text()
    table = text.partition("| layer | what it does |")[2].partition("\n\n")[0]

    first_cells = [line.split("|")[1] for line in table.splitlines() if "`" in line]
    drawn = [set(re.findall(r"data_tools/(\w+)", cell)) for cell in first_cells]

    assert drawn == [set(layer.split(" | ")) for layer in layers]


@pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda page: page.name)
def test_every_path_of_the_code_that_a_document_names_is_there(page: Path) -> None:
    text = page.read_text()
    named = re.findall(rf"(?<![\w/.-])(?:{'|'.join(PACKAGES)})/[\w./{{}},-]*", text)

    paths = [path for name in named for path in in_full(name.rstrip(".,"))]
    missing = [path for path in paths if not (ROOT / path).exists()]
    missing += [name for name in re.findall(r"`(\w+\.py)`", text) if name not in FILE_NAMES]

    assert missing == []


@pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda page: page.name)
def test_every_dotted_name_of_the_code_that_a_document_names_is_there(page: Path) -> None:
    quoted = " ".join(re.findall(r"`([^`\n]+)`", page.read_text()))

    names = re.findall(rf"(?<![\w/.])((?:{'|'.join(PACKAGES)})(?:\.\w+)+)(?![\w*/])", quoted)

    assert [name for name in names if not is_in_the_code(name)] == []


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name)
def test_every_decision_has_the_same_form_and_is_in_the_index(page: Path) -> None:
    title, date, *_ = page.read_text().replace("\n\n", "\n").splitlines()
    headings = re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE)

    assert title.startswith(f"# {int(page.name[:4])}. ")
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", date)
    assert headings == ["Question", "Considered", "Decision", "Consequences"]
    assert f"]({page.name})" in (page.parent / "README.md").read_text()


def test_every_document_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text()

    missing = [page.name for page in DOCS.glob("*.md") if f"({page.name})" not in index]

    assert missing == ["README.md"]


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_every_block_is_an_example_that_is_run_or_says_that_it_is_not(page: Path) -> None:
    text = page.read_text()
    examples_of(text)  # refuses a request without an answer, and an answer without a request

    for block in blocks_of(text):
        if block.language in DRAWN:
            continue
        runs = block.language in RUN_EVERYWHERE or RUN_IN.get(block.language) == page.name
        assert runs or not block.is_run, (
            f"{page.name}:{block.line}: nothing runs `{block.language}`. "
            f"Say so by ```{block.language} {NOT_RUN}"
        )


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_every_request_is_in_a_block_that_is_run(page: Path) -> None:
    """An operator types the lines of indented blocks on the machine; they call no endpoint."""
    unfenced = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)

    requests = [line for line in unfenced.splitlines() if re.match(r"\s{4}.*\bcurl\b", line)]

    assert requests == []


def anchors_of(text: str) -> set[str]:
    """Return the anchors that GitHub gives the headings of a Markdown text."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings
    }


def in_full(path: str) -> list[str]:
    """Return the paths that one with braces stands for: `a/{b,c}.py` is two."""
    pieces = [piece.split(",") for piece in re.split(r"[{}]", path)]
    return ["".join(chosen) for chosen in itertools.product(*pieces)]


@functools.cache
def loggers() -> set[str]:
    """Return the loggers that have a name of their own, rather than that of their module."""
    sources = [path.read_text() for each in PACKAGES for path in (ROOT / each).rglob("*.py")]
    return {name for text in sources for name in re.findall(r'getLogger\("([\w.]+)"\)', text)}


def is_in_the_code(name: str) -> bool:
    """Tell whether a dotted name is that of a module, of what a module holds, of a permission, of
    a system check or of a logger."""
    if name in loggers():
        return True
    package, _, rest = name.partition(".")
    if re.fullmatch(r"[EW]\d{3}", rest):
        return any(f'id="{name}"' in each.read_text() for each in (ROOT / package).glob("*.py"))
    if apps.is_installed(package):
        permissions = {
            get_permission_codename(action, model._meta)
            for model in apps.get_app_config(package).get_models()
            for action in model._meta.default_permissions
        }
        if rest in permissions:
            return True
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True
