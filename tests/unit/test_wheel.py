"""A wheel holds the whole service."""

from __future__ import annotations

import zipfile
from email import message_from_bytes

import pytest

from tests.support.packages import build_wheel, files_of_the_packages
from tests.support.processes import PACKAGES


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return zipfile.ZipFile(build_wheel(tmp_path_factory.mktemp("wheel")))


def metadata(wheel: zipfile.ZipFile, name: str) -> bytes:
    [path] = [path for path in wheel.namelist() if path.endswith(f".dist-info/{name}")]
    return wheel.read(path)


def test_a_wheel_has_every_file_of_the_packages_and_no_other(wheel: zipfile.ZipFile) -> None:
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}

    assert packed == files_of_the_packages()


def test_a_wheel_asks_for_the_requirements_as_they_are_pinned(wheel: zipfile.ZipFile) -> None:
    lines = (PACKAGES / "requirements.txt").read_text().splitlines()
    pinned = [line.split("#")[0].strip() for line in lines if "==" in line]
    assert len(pinned) > 20

    assert message_from_bytes(metadata(wheel, "METADATA")).get_all("Requires-Dist") == pinned


def test_a_wheel_brings_the_command(wheel: zipfile.ZipFile) -> None:
    assert b"hydroml = hydroml.command_line:main" in metadata(wheel, "entry_points.txt")
