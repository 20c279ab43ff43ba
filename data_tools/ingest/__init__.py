"""Files become datasets: CSV, Excel, JSON and Parquet to typed, numbered rows, all or nothing.

| step | where |
| --- | --- |
| what the owner says about the reading | `options`, `written_options`, `option_descriptions` |
| bytes to text: which encoding | `encoding` |
| which format a file is in, and what reads it | `formats.detection`, `formats.opening` |
| a file as a table: names and batches of rows | `formats`, one module or more per format |
| the type of each column, and its values as JSON | `typed_columns` |
| the first pass as a whole, without a database | `typed_table` |
| rows into the database | `stored_rows` |
| a dataset on its way to READY or ERROR | `loading` |
| a file shown before it is loaded | `preview`, with `remedies` and `loading_warnings` |

A file is read twice. The first pass settles each column's type and refuses what cannot be stored;
the second writes the rows with COPY, in the transaction that publishes them. Unless the options ask
for it, nothing is cleaned, filled, trimmed or dropped; whatever is stored differently than it was
written is counted in the ingest report, which also says of each `guess` how sure it is, and why.
Neither pass holds the file in memory. Workbooks and Parquet, which can expand to
any size, are read by another process (`data_tools.sandbox`) into a temporary file, and both passes
read that.
"""

from data_tools.ingest.exceptions import IngestError
from data_tools.ingest.loading.interrupted import fail_interrupted, take_interrupted
from data_tools.ingest.loading.job import ingest, load_file, load_file_again

__all__ = [
    "IngestError",
    "fail_interrupted",
    "ingest",
    "load_file",
    "load_file_again",
    "take_interrupted",
]
