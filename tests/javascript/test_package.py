"""The published package: what is in it, and that others can use it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.support.processes import PACKAGES

SOURCE = PACKAGES / "data_tools" / "static" / "data_tools"
NAME = "hydroml-session-client"


def run(*command: str | Path, folder: Path) -> str:
    tools = PACKAGES / "node_modules" / ".bin"
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
    ended = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def installed(node_tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that has nothing but the package, as npm installs it."""
    folder = tmp_path_factory.mktemp("package")
    # Declarations are written beside the modules, where others would see them come and go.
    source = shutil.copytree(SOURCE, folder / "source")
    run("npm", "pack", "--silent", "--pack-destination", folder, folder=source)
    [packed] = folder.glob("*.tgz")
    home = folder / "home"
    home.mkdir()
    (home / "package.json").write_text('{"type": "module"}')
    run("npm", "install", "--offline", "--silent", packed, folder=home)
    return home


def files_of(installed: Path) -> set[str]:
    package = installed / "node_modules" / NAME
    return {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()}


def test_it_has_the_client_and_all_that_it_imports_and_nothing_else(installed: Path) -> None:
    files = files_of(installed)
    modules = {name for name in files if name.endswith(".js")}
    package = installed / "node_modules" / NAME
    imported = {
        str((package / name).parent.joinpath(path).resolve().relative_to(package))
        for name in modules
        for path in re.findall(r'from "(\.[^"]+)"', (package / name).read_text())
    }

    assert {"session_client.js", "offline_queue.js", "recovery.js"} <= modules
    assert imported <= modules
    assert {name.split("/")[0] for name in files if "/" in name} == {"client", "types"}
    assert files - modules - {name for name in files if name.endswith(".d.ts")} == {
        "package.json",
        "README.md",
    }


def test_node_imports_every_module_of_it(installed: Path) -> None:
    script = (
        f'import {{ StudioClient, StudioError, NoAnswer }} from "{NAME}";'
        f'import {{ OfflineQueue }} from "{NAME}/offline_queue.js";'
        f'import {{ openSession }} from "{NAME}/recovery.js";'
        "console.log([StudioClient, StudioError, NoAnswer, OfflineQueue, openSession]"
        ".map((one) => typeof one).join());"
    )
    (installed / "script.js").write_text(script)

    printed = run("node", "script.js", folder=installed)

    assert printed.strip() == "function,function,function,function,function"


def test_typescript_knows_its_types(installed: Path) -> None:
    shutil.copy(Path(__file__).parent / "consumer.ts", installed)
    (installed / "tsconfig.json").write_text(
        json.dumps(
            {
                "compilerOptions": {
                    "strict": True,
                    "noEmit": True,
                    "target": "ES2022",
                    "module": "NodeNext",
                    "lib": ["ES2023", "DOM"],
                    "types": [],
                },
                "files": ["consumer.ts"],
            }
        )
    )

    run("tsc", folder=installed)


def test_it_has_the_version_of_the_service() -> None:
    service = tomllib.loads((PACKAGES / "pyproject.toml").read_text())["project"]

    assert json.loads((SOURCE / "package.json").read_text())["version"] == service["version"]
