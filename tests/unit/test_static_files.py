"""The modules and libraries that pages load."""

from __future__ import annotations

import hashlib
import json
import re
from graphlib import CycleError
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, Storage
from django.template import Context, Template

from data_tools.templatetags import modules
from data_tools.templatetags.modules import modules_of
from hydroml.static_files import StaticFilesStorage
from tests.support.processes import PACKAGES

FOLDER = PACKAGES / "data_tools" / "static" / "data_tools"
VENDORED = FOLDER / "vendored"
STUDIO = "data_tools/studio/main.js"
MOST_COMPRESSED_BYTES = 150_000
MOST_LINES = 250


def imports_of(text: str) -> list[str]:
    """Return what a module imports, as a reader who knows nothing of our patterns would find it."""
    without_comments = re.sub(r"/\*.*?\*/|^\s*//[^\n]*", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"""(?:from|import|import\()\s*["'](\.[^"']+)["']""", without_comments)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> set[Path]:
    """Our own modules as the storage names them, after two starts of a service."""
    folder = tmp_path_factory.mktemp("static")
    for _ in range(2):
        collect(folder)
    names = json.loads((folder / "staticfiles.json").read_text())["paths"]
    return {folder / hashed for name, hashed in names.items() if name.endswith(".js")}


def collect(folder: Path) -> None:
    """Do with our files what `collectstatic` does."""
    found = (each for finder in get_finders() for each in finder.list([]))
    publish({name: source for name, source in found if name.startswith("data_tools/")}, folder)


def publish(sources: dict[str, Storage], folder: Path) -> dict[str, Path]:
    """Publish these files, and return where each lies under its hashed name."""
    storage = StaticFilesStorage(location=folder, base_url="/static/")
    for name, source in sources.items():
        storage.delete(name)
        with source.open(name) as file:
            storage.save(name, file)
    paths = {name: (source, name) for name, source in sources.items()}
    for name, _, processed in storage.post_process(paths):
        assert not isinstance(processed, Exception), (name, processed)
    return {name: folder / storage.hashed_files[name] for name in sources}


def publish_texts(texts: dict[str, str], folder: Path) -> dict[str, Path]:
    """Publish files of these contents, as `publish` does."""
    source = InMemoryStorage()
    for name, text in texts.items():
        source.save(name, ContentFile(text))
    return publish(dict.fromkeys(texts, source), folder)


def test_each_module_imports_others_by_the_names_of_their_final_content(
    collected: set[Path],
) -> None:
    imported = {
        (path.parent / name).resolve()
        for path in collected
        for name in imports_of(path.read_text())
    }

    assert len(imported) > 30
    assert imported <= collected


def test_modules_are_published_without_comments_and_small(collected: set[Path]) -> None:
    texts = [path.read_text() for path in collected]
    sent = [shorter if (shorter := Path(f"{path}.br")).exists() else path for path in collected]

    assert len(texts) > 150
    assert [text for text in texts if "@param" in text] == []
    assert sum(path.stat().st_size for path in sent) < MOST_COMPRESSED_BYTES


def test_a_chain_of_imports_has_any_length(tmp_path: Path) -> None:
    names = [f"data_tools/{at:02}.js" for at in range(60)]
    texts = {
        name: f'import "./{Path(following).name}";'
        for name, following in zip(names, names[1:], strict=False)
    }

    lie = publish_texts({**texts, names[-1]: "ended = true;"}, tmp_path)

    for name, following in zip(names, names[1:], strict=False):
        assert imports_of(lie[name].read_text()) == [f"./{lie[following].name}"]


def test_modules_that_import_each_other_in_a_circle_are_refused(tmp_path: Path) -> None:
    texts = {"data_tools/a.js": 'import "./b.js";', "data_tools/b.js": 'import "./a.js";'}

    with pytest.raises(CycleError, match=r"data_tools/a\.js"):
        publish_texts(texts, tmp_path)


def test_only_what_is_not_compressed_yet_is_compressed(tmp_path: Path) -> None:
    texts = {f"data_tools/{name}.css": f".{name} {{ color: red }}" * 50 for name in "abc"}
    first = publish_texts(texts, tmp_path)
    compressed = {name: tmp_path / f"{path}.br" for name, path in first.items()}
    whole = compressed["data_tools/a.css"].read_bytes()
    compressed["data_tools/a.css"].write_bytes(whole[:-2])  # a start that was killed
    written = compressed["data_tools/b.css"].stat().st_ctime_ns
    stale = tmp_path / "data_tools" / "c.css.br"
    stale.write_bytes(whole)  # what an earlier version compressed

    assert publish_texts(texts, tmp_path) == first

    assert compressed["data_tools/a.css"].read_bytes() == whole
    assert compressed["data_tools/b.css"].stat().st_ctime_ns == written
    assert not stale.exists()


def test_a_module_has_no_more_lines_than_one_reads_at_once() -> None:
    lines = {
        str(path.relative_to(FOLDER)): len(path.read_text().splitlines())
        for path in FOLDER.rglob("*.js")
        if path.name != "messages.js"  # a list of texts
    }

    assert len(lines) > 150
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_a_page_is_shown_where_no_files_were_collected(tmp_path: Path) -> None:
    storage = StaticFilesStorage(location=tmp_path, base_url="/static/")

    assert storage.url("data_tools/look/page.css") == "/static/data_tools/look/page.css"


class TestPreloads:
    def test_are_all_modules_that_a_page_needs_each_once(self) -> None:
        found = modules_of(STUDIO)
        needed = {
            (FOLDER.parent / module).parent.joinpath(name).resolve()
            for module in found
            for name in imports_of((FOLDER.parent / module).read_text())
        }

        assert found[0] == STUDIO
        assert len(set(found)) == len(found) > 20
        assert needed <= {FOLDER.parent / module for module in found}

    def test_are_named_as_the_storage_names_them(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(modules, "modules_of", lambda name: (name, "a.js"))
        monkeypatch.setattr(staticfiles_storage, "url", lambda name: f"/static/{name}?1&2")

        rendered = Template("{% load modules %}{% module_preloads 'b.js' %}").render(Context())

        assert rendered == (
            '<link rel="modulepreload" href="/static/b.js?1&amp;2">\n'
            '<link rel="modulepreload" href="/static/a.js?1&amp;2">'
        )

    def test_a_module_that_is_not_there_is_an_error(self) -> None:
        with pytest.raises(FileNotFoundError, match="nowhere"):
            modules_of("data_tools/nowhere.js")


class TestVendored:
    LIST = json.loads((VENDORED / "list.json").read_text())

    @pytest.mark.parametrize("name", LIST["files"])
    def test_a_file_is_as_it_is_listed(self, name: str) -> None:
        listed = self.LIST["files"][name]["sha256"]

        assert hashlib.sha256((VENDORED / name).read_bytes()).hexdigest() == listed

    def test_every_file_is_listed(self) -> None:
        there = {path.name for path in VENDORED.iterdir() if path.suffix == ".js"}

        assert there == set(self.LIST["files"])

    @pytest.mark.parametrize("name", LIST["packages"])
    def test_a_package_is_the_one_that_npm_is_held_to_and_brings_its_licence(
        self, name: str
    ) -> None:
        locked = json.loads((PACKAGES / "package-lock.json").read_text())["packages"]
        package = locked[f"node_modules/{name}"]

        assert self.LIST["packages"][name] == {
            "version": package["version"],
            "licence": package["license"],
            "integrity": package["integrity"],
        }
        assert "Copyright" in (VENDORED / "licences" / f"{name}.txt").read_text()

    def test_every_icon_that_is_shown_is_there(self) -> None:
        sources = [path.read_text() for path in FOLDER.rglob("*.js")]
        pattern = r"<\$\{Icon\}\s+name=\"([\w-]+)\""
        shown = {name for text in sources for name in re.findall(pattern, text)}

        assert shown
        assert sorted(shown - set(self.LIST["icons"])) == []


def test_the_lock_of_npm_names_no_registry() -> None:
    text = (PACKAGES / "package-lock.json").read_text()

    assert '"resolved"' not in text
    assert "registry" not in text
