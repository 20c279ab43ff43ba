"""The lines in the order in which they are measured, for whoever chooses among them.

W3 has W4 with it. WIDE measures several lines on a table of thousands of columns, LARGEST on the
largest dataset, each work once, FRESH in a database that nobody else has used.
"""

LINES = (
    *("W1", "W2", "W3", "W5", "W6", "W7", "W8", "W9", "W10", "W11"),
    *("W12", "W13", "WIDE", "LARGEST", "FRESH", "S"),
)


def measured_with(line: str) -> tuple[str, ...]:
    """Return the lines whose rows a line measures."""
    return ("W3", "W4") if line == "W3" else (line,)
