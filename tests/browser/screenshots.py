"""Show every state of the front end as a picture, from the demo's flights.

    python -m tests.browser.screenshots <folder> [--only <part of a name>] [--address <of a demo>]

Each state is taken at 1280x800 and 360x740, light and dark: `<name>.<wide|phone>.<light|dark>.png`.
Starts a demo with data of its own on a free port, unless the address of a running one is given. The
datasets and the work of somebody who uses `make run` here are neither shown nor touched.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.browser.studio_states import STATES, Scene, State
from tests.support.chromium import Chromium
from tests.support.serving import free_port

SIZES: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
}
THEMES = ("light", "dark")
PATIENCE_MS = 30_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="states with this in their name")
    parser.add_argument("--size", choices=SIZES, help="only this one")
    parser.add_argument("--address", help="of a demo that is running")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    sizes = [options.size] if options.size else list(SIZES)
    states = [state for state in STATES if options.only in state.name]
    path = shutil.which("chromium")
    if path is None:
        sys.exit("There is no program `chromium`. On Debian: apt-get install chromium")

    failed: list[str] = []
    with demo(options.address) as origin, closing(Chromium(path)) as chromium:
        for size in sizes:
            for is_signed_in in (True, False):
                with chromium.context(locale="en-US", **SIZES[size]) as context:
                    context.set_default_timeout(PATIENCE_MS)
                    dataset_id = sign_in(context, origin) if is_signed_in else ""
                    for each in states:
                        if each.is_signed_in != is_signed_in:
                            continue
                        scene = Scene(page=context.new_page(), origin=origin, dataset_id=dataset_id)
                        take(each, scene, options.folder, size, failed)
    if failed:
        sys.exit("Not reached:\n" + "\n".join(failed))


def take(state: State, scene: Scene, folder: Path, size: str, failed: list[str]) -> None:
    """Reach the state and save its pictures; remember it if it cannot be reached."""
    from playwright.sync_api import Error

    try:
        state.reach(scene)
        for theme in THEMES:
            scene.page.emulate_media(color_scheme=theme)
            scene.page.wait_for_timeout(150)  # whatever comes into sight by itself
            scene.page.screenshot(path=folder / f"{state.name}.{size}.{theme}.png")
    except (Error, AssertionError) as error:
        failed.append(f"{state.name} ({size}): {str(error).splitlines()[0]}")
        scene.page.screenshot(path=folder / f"{state.name}.{size}.failed.png")
    finally:
        scene.end()


def sign_in(context: Any, origin: str) -> str:
    """Sign in as the demo's user; return the id of the flights."""
    page = context.new_page()
    page.goto(f"{origin}/")
    page.get_by_label("User name").fill("demo")
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Sign in").click()
    link = page.get_by_role("link", name="flights", exact=True).first
    found = re.search(r"/studio/([0-9a-f-]+)/", link.get_attribute("href"))
    assert found is not None
    page.close()
    return found[1]


@contextmanager
def demo(address: str | None) -> Iterator[str]:
    """Run a demo during the block, unless there is one at an address; yield its origin."""
    if address is not None:
        yield address.rstrip("/")
        return
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="screenshots-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's own account may enter
        environment = {
            "DJANGO_SETTINGS_MODULE": "hydroml.settings_demo",
            "PORT": str(port),
            "VAR_DIR": folder,
            "DATABASE_URL": "",  # a PostgreSQL in that folder
            "REDIS_URL": "",
        }
        # A file takes whatever the service has to say; a pipe that nobody reads would stop it.
        said = Path(folder, "said")
        with (
            said.open("wb") as output,
            subprocess.Popen(
                [sys.executable, "manage.py", "run_demo"],
                env=os.environ | environment,
                stdout=output,
            ) as process,
        ):
            try:
                while "\nready " not in f"\n{said.read_text()}":
                    if process.poll() is not None:
                        sys.exit("The demo did not start; why is said above.")
                    time.sleep(0.2)
                yield f"http://127.0.0.1:{port}"
            finally:
                process.terminate()


if __name__ == "__main__":
    main()
