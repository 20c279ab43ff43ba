"""Which folder is the service's."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from hydroml.home import find_home


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The working directory, which is no checkout."""
    monkeypatch.delenv("HYDROML_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_checkout_is_at_home_in_itself_wherever_it_is_called_from(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "manage.py").touch()

    assert find_home(packages=checkout) == checkout


def test_an_installed_package_is_at_home_where_it_is_called(elsewhere: Path) -> None:
    assert find_home(packages=elsewhere / "site-packages") == elsewhere


def test_a_named_home_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "manage.py").touch()
    (tmp_path / "named").mkdir()
    monkeypatch.setenv("HYDROML_HOME", "named")

    assert find_home(packages=tmp_path) == tmp_path / "named"


def test_a_named_home_has_to_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYDROML_HOME", "missing")

    with pytest.raises(ImproperlyConfigured, match="^HYDROML_HOME must be a folder"):
        find_home()
