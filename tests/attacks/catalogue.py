"""All attacks, by the names of their classes, in the order in which they run."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.computing import (
    ImpatientClients,
    LongComputations,
    PatternFilters,
    PendingOperations,
    UnseenOrders,
    WholeTableReaders,
)
from tests.attacks.floods import AnonymousRequests, LightRequests, OddRequests
from tests.attacks.large_answers import LongCells, ManyColumns
from tests.attacks.signing_in import Guessing, GuessingFromManyAddresses, PasswordHashes
from tests.attacks.slow_clients import (
    DrippingBodies,
    HalfBodies,
    HalfHeaders,
    IdleConnections,
    ManyHalfHeaders,
    UnreadExports,
)
from tests.attacks.stalled_parts import (
    EntriesThatAreNoJobs,
    FrozenPostgres,
    FrozenRedis,
    ReadOnlyDatabase,
)
from tests.attacks.storage import FloodOfActivity, FloodOfLists, FloodOfPreviews, ParquetBombs

ATTACKS: dict[str, type[Attack]] = {
    attack.__name__: attack
    for attack in (
        LongComputations,
        UnseenOrders,
        WholeTableReaders,
        PatternFilters,
        LightRequests,
        AnonymousRequests,
        FloodOfPreviews,
        ImpatientClients,
        PendingOperations,
        LongCells,
        ManyColumns,
        OddRequests,
        ParquetBombs,
        FloodOfActivity,
        FloodOfLists,
        UnreadExports,
        HalfHeaders,
        ManyHalfHeaders,
        HalfBodies,
        DrippingBodies,
        IdleConnections,
        FrozenPostgres,
        FrozenRedis,
        ReadOnlyDatabase,
        Guessing,
        GuessingFromManyAddresses,
        PasswordHashes,
        EntriesThatAreNoJobs,
    )
}
