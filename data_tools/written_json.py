"""JSON in a column that gives every number back as it was written.

Note [Numbers in jsonb]
    jsonb keeps a number as a decimal: 1e16 comes back as the integer 10000000000000000, and 1e30 as
    one that no 64 bits hold, which no answer can be written of. An operation fitted to a float
    would read back as one fitted to an integer. Text stays as it was written.
"""

from __future__ import annotations

import json
from typing import Any

from django.db import models

_INTEGERS_IN_JSON = range(-(2**63), 2**64)  # those that an answer can be written of


class _Decoder(json.JSONDecoder):
    """Reads an integer beyond 64 bits as a float: only a float that jsonb held is written so."""

    def __init__(self) -> None:
        super().__init__(parse_int=_integer)


def _integer(digits: str) -> int | float:
    number = int(digits)
    return number if number in _INTEGERS_IN_JSON else float(number)


class WrittenJSONField(models.JSONField):
    """A JSON value kept as text. See Note [Numbers in jsonb].

    It cannot be compared or searched in the database, except with null.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"decoder": _Decoder, **options})

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        del options["decoder"]
        return name, path, args, options

    def get_internal_type(self) -> str:
        return "TextField"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> str:
        return json.dumps(value, cls=self.encoder, allow_nan=False)
