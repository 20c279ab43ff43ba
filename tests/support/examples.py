"""How many examples a property test makes where each takes long, as with a database."""

from __future__ import annotations

import hypothesis


def examples(count: int) -> int:
    """Return `count` in `make explore`, and a third of it in `make test`, which makes the same ones
    each time: there, more of them find nothing new.
    """
    is_exploring = hypothesis.settings.get_current_profile_name() == "explore"
    return count if is_exploring else -(-count // 3)
