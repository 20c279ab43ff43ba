"""docs/uploads.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from data_tools.ingest.exceptions import IngestError
from data_tools.ingest.formats import json_file, opening
from data_tools.sandbox import bounded_stream, workbook_package
from hydroml import settings

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "uploads.md").read_text()
ENVIRONMENT = (ROOT / ".env.example").read_text()


def all_codes() -> set[str]:
    return {IngestError.code, *(error.code for error in IngestError.__subclasses__())}


def test_every_reason_to_refuse_a_file_is_documented_and_no_other() -> None:
    rows = re.findall(r"^\| `(INGEST_\w+)` \|", PAGE, re.MULTILINE)

    assert sorted(rows) == sorted(all_codes())


def test_the_limits_are_those_of_the_settings() -> None:
    rows = dict(re.findall(r"^\| `UPLOAD_(\w+)` \| (\d+) \|", PAGE, re.MULTILINE))

    assert {name: int(default) for name, default in rows.items()} == settings.UPLOADS


def test_every_limit_is_a_variable_of_the_environment() -> None:
    assert {f"UPLOAD_{name}=" for name in settings.UPLOADS} <= set(ENVIRONMENT.splitlines())
    for default in settings.UPLOADS.values():
        assert re.search(rf"\b{default}\b", ENVIRONMENT)


def test_the_numbers_in_its_sentences_are_those_of_the_code() -> None:
    assert f"at most {opening.RECORD_BYTES[-1] >> 20} MiB" in PAGE
    assert f"a workbook {bounded_stream.LONGEST_ROW_BYTES >> 20} MiB" in PAGE
    assert f"more than {workbook_package.LARGEST_RATIO} times the packed size" in PAGE
    assert f"more than {workbook_package.MOST_MEMBERS:,} members" in PAGE
    assert all(f"`{suffix}`" in PAGE for suffix in json_file.SUFFIXES)
