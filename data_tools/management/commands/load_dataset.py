"""`manage.py load_dataset FILE --owner NAME`: load a local file as a dataset."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from data_tools.ingest import load_file
from data_tools.ingest.options import ReadingOptions
from data_tools.ingest.written_options import InvalidOption, options_from_text, with_sheet
from data_tools.models import DataSource


class Command(BaseCommand):
    help = "Load a CSV, Excel, JSON or Parquet file as a user's dataset."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the file")
        parser.add_argument("--owner", required=True, help="the user name of the dataset's owner")
        parser.add_argument(
            "--sheet", default="", help="the sheet of a workbook (default: the first visible one)"
        )
        parser.add_argument(
            "--options", default="{}", help="how the file is read, as JSON (see docs/uploads.md)"
        )
        parser.add_argument("--name", help="the dataset's name (default: the file's name)")

    def handle(
        self, *, file: Path, owner: str, name: str | None, sheet: str, options: str, **_: Any
    ) -> None:
        users = get_user_model()
        try:
            user = users.objects.get_by_natural_key(owner)
        except users.DoesNotExist:
            raise CommandError(f"There is no user “{owner}”.") from None
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        reading = _reading_options(options, sheet)
        with tqdm(
            total=100,
            unit="%",
            desc=file.name,
            disable=None,
            file=sys.stderr,
            bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}",
        ) as bar:
            datasource = load_file(
                file,
                owner=user,
                name=name or file.stem,
                options=reading,
                on_progress=lambda percent: bar.update(percent - bar.n),
            )
        if datasource.status != DataSource.Status.READY:
            raise CommandError(f"{file.name} was not loaded: {datasource.error_reason}")
        self._print_essentials(datasource)

    def _print_essentials(self, datasource: DataSource) -> None:
        columns = datasource.ingest_report["columns"]
        self.stdout.write(
            f"{datasource.name}: {datasource.row_count:,} rows, {len(columns)} columns, "
            f"dataset {datasource.pk}"
        )
        for column in columns:
            self.stdout.write(f"  {column['name']}  {column['type']}{_remarks(column)}")


def _reading_options(text: str, sheet: str) -> ReadingOptions:
    try:
        return with_sheet(options_from_text(text), sheet)
    except InvalidOption as error:
        raise CommandError(str(error)) from error


def _remarks(column: dict[str, Any]) -> str:
    counts = {
        "missing": column["missing_count"],
        "NaN": column["nan_count"],
        "infinite": column["infinity_count"],
        "minus zero": column["negative_zero_count"],
        "rounded": column["rounded_values"],
    } | {f"“{spelling}” kept as text": n for spelling, n in column["kept_spellings"].items()}
    remarks = [f"{count:,} {what}" for what, count in counts.items() if count]
    return "".join(f"; {remark}" for remark in remarks + column["notes"])
