"""Files become datasets: CSV, Excel, JSON and Parquet to typed, numbered rows, all or nothing.

A file is read twice. The first reading settles each column's type and refuses what cannot be
kept; the second writes the rows with COPY, in the transaction that publishes them. Nothing is
cleaned, filled, trimmed or dropped; what is stored otherwise than written is counted in the
ingest report. Neither reading holds the file in memory. What may unfold to any size, a workbook
or Parquet, another process (`data_tools.sandbox`) reads to a temporary file, which is read twice.
"""

from data_tools.ingest.exceptions import IngestError
from data_tools.ingest.interrupted import fail_interrupted, take_waiting
from data_tools.ingest.publishing import ingest, load_file, load_file_again

__all__ = [
    "IngestError",
    "fail_interrupted",
    "ingest",
    "load_file",
    "load_file_again",
    "take_waiting",
]
