"""Where processes count, and that they go on where nothing can be written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytest_django import Settings

from hydroml import metric_files, monitoring

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@pytest.fixture
def directory(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, "as it was")
    settings.METRICS_DIR = str(tmp_path / "metrics")
    return tmp_path / "metrics"


def test_the_folder_is_in_memory_and_of_this_account(tmp_path: Path) -> None:
    directory = monitoring.metrics_directory(memory=tmp_path)

    assert directory.parent == tmp_path
    assert directory.name.startswith(f"hydroml-{os.geteuid()}-")


def test_without_memory_it_is_of_this_boot(tmp_path: Path) -> None:
    directory = monitoring.metrics_directory(memory=tmp_path / "none")

    boot = Path("/proc/sys/kernel/random/boot_id").read_text()
    assert directory.name.rpartition("-")[2] == boot.partition("-")[0]


def test_nobody_else_may_enter_the_folder_and_it_is_made_again(directory: Path) -> None:
    metric_files.share()
    directory.rmdir()
    metric_files.make_again()

    assert directory.stat().st_mode & 0o777 == 0o700
    assert os.environ[VARIABLE] == str(directory)


def test_processes_count_apart_where_no_folder_can_be(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    directory.write_text("no folder")

    metric_files.share()

    assert VARIABLE not in os.environ
    assert "Processes count apart, as METRICS_DIR is of no use: File exists" in caplog.text


def test_processes_count_apart_where_there_is_no_room(
    directory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(metric_files, "_LEAST_FREE_BYTES", 1 << 62)

    metric_files.share()

    assert VARIABLE not in os.environ
    assert "it has no room" in caplog.text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_the_folder_of_another_account_is_not_used(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    directory.mkdir()
    os.chown(directory, 12345, 12345)

    metric_files.share()

    assert VARIABLE not in os.environ
    assert "it belongs to another account" in caplog.text


def test_a_file_that_cannot_be_removed_ends_nobody(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(directory))
    (directory / "gauge_liveall_1234567.db").mkdir(parents=True)

    metric_files.forget(1234567)
