"""What the service keeps to answer the same again, and forgets here, so that it computes anew."""

from __future__ import annotations

import uuid

from data_tools.models import KeptProfile, RowList, StoredColumn
from data_tools.rows.lists.keeping import KEEPER

_LONGEST_STORING_SECONDS = 600.0


def forget_lists() -> None:
    """Forget every list of rows that a filter, an order or a removal of rows made."""
    await_lists()
    RowList.objects.all().delete()


def await_lists() -> None:
    """Wait until the lists of rows that were found are stored."""
    KEEPER.finish(_LONGEST_STORING_SECONDS)


def forget_figures(dataset_id: uuid.UUID) -> None:
    """Forget what is kept of columns that operations made; what was made while loading stays."""
    KeptProfile.objects.filter(dataset_id=dataset_id, is_base=False).delete()
    StoredColumn.objects.filter(dataset_id=dataset_id, used_at__isnull=False).delete()
