"""What a single text looks like: a value, such as a number or a date, or rather a name.

Workbooks and CSV files are judged by this; the sandbox, where it lies, may import nothing of the
ingest.
"""

from __future__ import annotations

import re

# Typed values as people write them, not only as the ingest parses them: a file's layout is guessed
# from these, and no cell is changed by that.
_NUMBER = re.compile(
    r"[-+(]?\s?[$€£¥]?\s?(\d+([.,]\d*)?|[.,]\d+|\d{1,3}([.,’' \u00a0]\d{3})+([.,]\d+)?)"
    r"([eE][-+]?\d+)?\s?[%$€£¥)]?"
    r"|\d+(\.\d+){2,}"  # a version, or an address of the network
)
_MOMENT = re.compile(
    r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}([T ]\d{1,2}:\d{2}\S*( ?[AaPp][Mm])?)?"
    r"|\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AaPp][Mm])?"
)
_WORDS = frozenset(
    {"true", "false", "na", "n/a", "nan", "null", "none", "inf", "-inf", "infinity", "-infinity"}
)


def is_number_or_moment(text: str) -> bool:
    """Tell whether the text is a number in some usual notation, a date or a time."""
    return _NUMBER.fullmatch(text) is not None or _MOMENT.fullmatch(text) is not None


def is_value(text: str) -> bool:
    """Tell whether the text is a number, a date, a time, a truth value or a null token."""
    text = text.strip()
    return is_number_or_moment(text) or text.lower() in _WORDS
