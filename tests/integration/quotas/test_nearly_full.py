"""Users who will soon be refused are counted, by quota."""

from __future__ import annotations

import math

import pytest
from django.contrib.auth.models import User

from data_tools.models import DataSource, StoredRevision
from data_tools.quotas.crowded import nearly_full
from data_tools.quotas.limits import Quota
from data_tools.quotas.usage import usage_of
from tests.integration.quotas.conftest import Limit
from tests.support.studio_client import Studio
from tests.support.studios import rename

pytestmark = pytest.mark.django_db

COUNTED = (Quota.ROWS_BYTES, Quota.FILES_BYTES, Quota.EVENTS, Quota.DATASETS)


@pytest.mark.parametrize("quota", COUNTED)
def test_a_user_who_keeps_four_fifths_is_nearly_full(
    opened: Studio, user: User, limit: Limit, quota: Quota
) -> None:
    opened.take(rename("id", "key"))
    DataSource.objects.update(file="flights.csv", file_bytes=1_000)
    StoredRevision.objects.create(dataset_id=opened.datasource_id, revision=1, row_bytes=1_000)
    used = usage_of(user.pk)[quota].used
    assert used > 0

    limit(**{quota: 2 * used})
    assert nearly_full() == dict.fromkeys(COUNTED, 0)

    limit(**{quota: math.floor(used / 0.8)})
    assert nearly_full() == dict.fromkeys(COUNTED, 0) | {quota: 1}
