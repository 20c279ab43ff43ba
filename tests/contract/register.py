"""The register of addresses: who may use each of them, and what bounds its answer.

`tests/contract/test_register.py` walks everything that Django serves, and fails for an address that
is missing here, or has no access test, no class of work, or no bound on its answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from data_tools.under_way.requests import Work


class Access(StrEnum):
    """Who is let in, and what others are told."""

    ANYBODY = "anybody"
    OWN = "a user, who sees and changes what is their own alone"
    OWN_TOKEN = "the token's owner; to others it does not exist"
    OWNER = "the dataset's owner; to others, staff among them, it does not exist"
    PERSON = "a person who is signed in; others are sent to the sign-in page"
    MACHINE = "programs on the server's own machine, and whoever has METRICS_TOKEN"
    STAFF = "staff with the permission; others are sent to the admin's sign-in page"


class Bound(StrEnum):
    """What keeps an answer from growing without end."""

    ANSWER = "ANSWER_MAX_BYTES, counted while the answer is made"
    FILE = "a file, written ahead of its reader up to a bound, and never held in memory"
    FIXED = "nothing in it grows with what users have"
    QUOTA = "a line for each dataset, of which a user has QUOTA_DATASETS at most"
    PAGED = "the admin's pages, which show so many lines at a time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One address and method. `work` is for views outside of the API, whose own declare theirs."""

    access: Access
    bound: Bound
    work: Work | None = None


Call = tuple[str, str]  # the method, and the address as `test_register.name_of` writes it


def _calls(
    access: Access, bound: Bound, *lines: str, work: Work | None = None
) -> dict[Call, Entry]:
    """Return an entry for each method of each line, which are followed by their address."""
    entries = {}
    for line in lines:
        *methods, address = line.split(" ")
        for method in methods:
            entries[method, address] = Entry(access=access, bound=bound, work=work)
    return entries


DATASET = "{dataset}/"  # stands for each of the three mounts, and the dataset's id
REGISTER: dict[Call, Entry] = {
    **_calls(
        Access.OWNER,
        Bound.ANSWER,
        "POST {dataset}/session/initialize/",
        "GET {dataset}/session/status/",
        "POST {dataset}/session/undo/",
        "POST {dataset}/session/redo/",
        "POST {dataset}/session/reset/",
        "POST {dataset}/session/pause/",
        "POST {dataset}/session/resume/",
        "POST {dataset}/session/clear/",
        "POST {dataset}/session/save/",
        "GET {dataset}/session/validate/",
        "POST {dataset}/session/recover/",
        "POST {dataset}/session/fork/",
        "GET {dataset}/session/recipe/",
        "POST {dataset}/session/apply-recipe/",
        "GET {dataset}/session/changes/",
        "POST {dataset}/session/rename-column/",
        "POST {dataset}/session/change-column-type/",
        "POST {dataset}/session/fill-missing-values/",
        "POST {dataset}/transform/columns/",
        "POST {dataset}/transform/imputation/",
        "POST {dataset}/transform/encoding/",
        "POST {dataset}/transform/scaling/",
        "POST {dataset}/transform/outliers/",
        "POST {dataset}/transform/engineering/",
        "GET POST {dataset}/operations/",
        "GET {dataset}/session/events/",
        "POST {dataset}/session/activity/",
        "GET {dataset}/session/column-statistics/",
        "GET {dataset}/nan/analysis/",
        "GET {dataset}/columns/",
        "GET {dataset}/columns/values/",
        "GET {dataset}/columns/{column}/values/",
        "GET {dataset}/columns/histogram/",
        "GET {dataset}/columns/{column}/histogram/",
        "POST {dataset}/nan/quick-clean/",
        "GET {dataset}/data/",
        "GET {dataset}/data/cell/",
        "GET tools/api/get_data/{datasource_id}/",
        "GET PATCH DELETE api/datasources/{datasource_id}/",
        "POST api/datasources/{datasource_id}/file/",
        "DELETE api/datasources/{datasource_id}/sessions/",
    ),
    **_calls(Access.OWNER, Bound.FILE, "GET {dataset}/export/"),
    **_calls(
        Access.OWN,
        Bound.ANSWER,
        "GET POST api/datasources/",
        "POST api/datasources/preview/",
        "GET api/account/usage/",
        "GET api/sessions/",
        "GET DELETE api/auth/token/",
        "POST api/auth/token/rotate/",
    ),
    **_calls(Access.OWN_TOKEN, Bound.ANSWER, "DELETE api/auth/token/{token_id}/"),
    **_calls(Access.ANYBODY, Bound.FIXED, "POST api/auth/token/"),
    **_calls(
        Access.ANYBODY,
        Bound.FIXED,
        "GET api/schema/",
        "GET api/docs/",
        "GET healthz",
        "GET readyz",
        "GET POST accounts/login/",
        "POST accounts/logout/",
        work=Work.LIGHT,
    ),
    **_calls(Access.MACHINE, Bound.FIXED, "GET metrics", work=Work.LIGHT),
    **_calls(Access.PERSON, Bound.QUOTA, "GET ", work=Work.LIGHT),
    **_calls(Access.PERSON, Bound.FIXED, "GET studio/{datasource_id}/", work=Work.LIGHT),
    **_calls(Access.STAFF, Bound.PAGED, "GET POST admin/", work=Work.LIGHT),
}
