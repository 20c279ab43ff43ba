"""Parameters that are numbers. See `operations.parameters`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from data_tools.columns import large_integer
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.parameters import ParameterKind

MOST_NUMBERS = 1_001  # in one list: the edges of a thousand bins
LARGEST_NUMBER = 1e300

_FINITE = {"type": "number", "minimum": -LARGEST_NUMBER, "maximum": LARGEST_NUMBER}


@dataclass(frozen=True, kw_only=True)
class Number(ParameterKind):
    """A finite number, not below `minimum` and not above `maximum` where these are given.

    An integer beyond 64 bits becomes a float. One that no double holds may be the text of its
    digits, the form in which some clients are sent it.
    """

    name = "number"
    types: ClassVar[tuple[type[int | float], ...]] = (int, float)
    noun = "a finite number"
    minimum: float | None = None
    maximum: float | None = None

    def check(self, value: Any, path: str) -> int | float:
        minimum, maximum = self.minimum, self.maximum
        if isinstance(value, str) and (integer := large_integer(value)) is not None:
            value = integer
        if (
            isinstance(value, bool)
            or not isinstance(value, self.types)
            or not abs(value) <= LARGEST_NUMBER
            or (minimum is not None and value < minimum)
            or (maximum is not None and value > maximum)
        ):
            bounds = [
                f" {word} {bound:g}"
                for word, bound in (("from", minimum), ("to", maximum))
                if bound is not None
            ]
            raise InvalidParameter(path, f"must be {self.noun}{''.join(bounds)}")
        return value if isinstance(value, float) or -(2**63) <= value < 2**63 else float(value)

    def json_schema(self) -> dict[str, Any]:
        bounds = {"minimum": self.minimum, "maximum": self.maximum}
        narrower = {name: bound for name, bound in bounds.items() if bound is not None}
        return {**_FINITE, **narrower, "type": self.name}


class Integer(Number):
    """A whole number from `minimum` to `maximum`."""

    name = "integer"
    types: ClassVar[tuple[type[int | float], ...]] = (int,)
    noun = "a whole number"


class AscendingNumbers(ParameterKind):
    """A list of at least two finite numbers, each greater than the one before."""

    name = "numbers"
    schema = {"type": "array", "items": _FINITE, "minItems": 2, "maxItems": MOST_NUMBERS}

    def check(self, value: Any, path: str) -> list[float | int]:
        """Return the numbers as floats, but for integers that no float holds."""
        if not isinstance(value, list | tuple) or not 2 <= len(value) <= MOST_NUMBERS:
            raise InvalidParameter(path, f"must be a list of 2 to {MOST_NUMBERS:,} numbers")
        checked = [Number().check(each, f"{path}[{i}]") for i, each in enumerate(value)]
        numbers = [each if float(each) != each else float(each) for each in checked]
        for index in range(1, len(numbers)):
            if numbers[index] <= numbers[index - 1]:
                raise InvalidParameter(f"{path}[{index}]", "must be greater than the one before")
        return numbers
