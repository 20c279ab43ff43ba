"""A database that has been in use: many datasets came, changed and went around those measured.

In a fresh database the rows of a dataset lie side by side. After some weeks of use they are put
wherever deleted and narrower rows left room, and that is what people work on. So others load,
replace and delete datasets of many widths, and the table is vacuumed now and then, in an order that
is the same in each run; the datasets to be measured are loaded in the middle of it.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from django.contrib.auth.models import User
from django.utils import timezone
from pyarrow import csv

from benchmarks.datasets import tables
from data_tools.ingest import load_file, load_file_again
from data_tools.models import DataSource
from data_tools.revisions import pruning
from data_tools.row_tables.names import SHARED
from data_tools.services import dataset_service

LOADED = 200
REPLACED = 60
DELETED = 120
VACUUMED = 20
_OTHERS = "others"
_SEED = 20_130_102
_WIDTHS = (2, 200)
_CELLS = (20_000, 400_000)
# Rows of a revision stay for as long as a session might need them, unless this long ago.
_LONG_AGO = dt.timedelta(days=60)


def has_been_lived_in() -> bool:
    """Tell whether others have done all that they do: what they left is theirs still."""
    return DataSource.objects.filter(owner__username=_OTHERS).count() >= LOADED - DELETED


def with_others(loads: Sequence[Callable[[], object]]) -> None:
    """Call each of `loads` in the middle of what others do.

    Each load of a measured dataset is followed by some steps of theirs, so that no two lie side by
    side.
    """
    print("others load, replace and delete datasets, once ...", file=sys.stderr, flush=True)
    others = _Others()
    steps = others.steps()
    middle = len(steps) // 2
    between = max(1, len(steps) // (4 * max(1, len(loads))))
    for step in steps[:middle]:
        step()
    for at, load in enumerate(loads):
        load()
        for step in steps[middle + at * between : middle + (at + 1) * between]:
            step()
    for step in steps[middle + len(loads) * between :]:
        step()


class _Others:
    """Other users of the service, with datasets of their own."""

    def __init__(self) -> None:
        self._owner, _ = User.objects.get_or_create(username=_OTHERS)
        self._choice = random.Random(_SEED)
        self._numbers = np.random.default_rng(_SEED)
        self._datasets = list(DataSource.objects.filter(owner=self._owner).order_by("created_at"))

    def steps(self) -> list[Callable[[], None]]:
        """Return all that they do, in a random order which is always the same."""
        steps = [
            *[self._load] * LOADED,
            *[self._replace] * REPLACED,
            *[self._delete] * DELETED,
            *[self._vacuum] * VACUUMED,
        ]
        self._choice.shuffle(steps)
        return steps

    def _load(self) -> None:
        with self._file() as file:
            name = f"of others {len(self._datasets)}"
            self._datasets.append(load_file(Path(file.name), owner=self._owner, name=name))

    def _replace(self) -> None:
        if not self._datasets:
            return
        replaced = self._choice.choice(self._datasets)
        with self._file() as file:
            load_file_again(Path(file.name), datasource_id=replaced.pk)
        DataSource.objects.filter(pk=replaced.pk).update(updated_at=timezone.now() - _LONG_AGO)
        pruning.prune(limit=pruning.ROWS_PER_RUN)

    def _delete(self) -> None:
        if not self._datasets:
            return
        place = self._choice.randrange(len(self._datasets))
        deleted = self._datasets.pop(place)
        dataset_service.delete(owner=self._owner, datasource_id=deleted.pk)

    def _vacuum(self) -> None:
        tables.vacuum(SHARED)

    def _file(self) -> tempfile._TemporaryFileWrapper[bytes]:
        """Return a CSV file of random width and length; both spread evenly over magnitudes."""
        width = self._between(*_WIDTHS)
        rows = max(10, self._between(*_CELLS) // width)
        columns = {
            f"column_{place}": pa.array(self._numbers.normal(size=rows).round(3))
            for place in range(width)
        }
        file = tempfile.NamedTemporaryFile(suffix=".csv")
        csv.write_csv(pa.table(columns), file)
        file.flush()
        return file

    def _between(self, least: int, most: int) -> int:
        return round(least * (most / least) ** self._choice.random())
