"""docs/uploads.md says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

from data_tools.ingest.exceptions import IngestError
from data_tools.ingest.formats import json_file, opening
from data_tools.ingest.option_descriptions import (
    LONGEST_NAME,
    MEANING,
    MEANING_OF_COLUMN,
    MOST_FOOTER_LINES,
    MOST_LINES,
    POSSIBLE,
    POSSIBLE_OF_COLUMN,
)
from data_tools.ingest.written_options import (
    WrittenColumnOptions,
    WrittenOptions,
    options_schemas,
)
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


def test_every_reading_option_is_documented_and_no_other() -> None:
    section = PAGE.partition("## Reading options")[2].partition("\n## ")[0]

    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(
        WrittenOptions.__struct_fields__
    )
    for option in WrittenColumnOptions.__struct_fields__:
        assert f'"{option}": ' in section


def test_every_reading_option_has_words_for_refusals_and_for_the_description() -> None:
    for words in (MEANING, POSSIBLE):
        assert list(words) == list(WrittenOptions.__struct_fields__)
    for words in (MEANING_OF_COLUMN, POSSIBLE_OF_COLUMN):
        assert list(words) == list(WrittenColumnOptions.__struct_fields__)


def test_the_numbers_in_the_words_are_those_that_are_held() -> None:
    text = json.dumps(options_schemas(), ensure_ascii=False)

    for number in (MOST_LINES, MOST_FOOTER_LINES, LONGEST_NAME):
        assert f": {number}" in text
        assert f"{number:,}" in text


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
