"""Write the records that a scan chose as one text that Arrow's reader understands."""

from __future__ import annotations

import numpy as np

from data_tools.ingest.formats.csv_scan import Scan

# Arrow takes a bare empty field at the very end of a text for a quoted one.
_NEWLINE = b"\n"


def text_of_records(text: bytes, scan: Scan, width: int, delimiter: str) -> bytes:
    """Return the records of a scan as CSV for Arrow: each with `width` fields, and no escapes.

    `text` is what was scanned. The result ends with a line end.
    """
    is_unchanged = scan.widths == width
    for index in scan.canonical:
        is_unchanged[index] = False
    is_followed = np.append(scan.next_starts[:-1] == scan.starts[1:], False)
    has_line_end = bool(scan.next_starts[-1] > scan.ends[-1])
    if is_unchanged.all() and is_followed[:-1].all():
        return text[scan.starts[0] : scan.next_starts[-1]] + _NEWLINE[has_line_end:]
    pieces = []
    run_start: int | None = None
    for index, (start, end, next_start, fields) in enumerate(
        zip(
            scan.starts.tolist(),
            scan.ends.tolist(),
            scan.next_starts.tolist(),
            scan.widths.tolist(),
            strict=True,
        )
    ):
        if is_unchanged[index]:
            run_start = start if run_start is None else run_start
            if not is_followed[index] or not is_unchanged[index + 1]:
                pieces += [text[run_start:next_start]]
                if next_start == end:
                    pieces.append(_NEWLINE)
                run_start = None
        else:
            record = scan.canonical.get(index, text[start:end])
            pieces += [record, delimiter.encode() * (width - fields), _NEWLINE]
    return b"".join(pieces)
