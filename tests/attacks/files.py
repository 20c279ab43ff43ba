"""Files that attackers and honest users upload, generated from a fixed seed."""

from __future__ import annotations

import functools
import gzip
import io
import random
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq

SEED = 20_261_129


@functools.cache
def many_rows(rows: int) -> bytes:
    """Return a CSV file of an id, three numbers from 0 to 1, and one of six words."""
    choice = random.Random(SEED)
    words = ("north", "east", "south", "west", "up", "down")
    lines = [
        f"{number},{choice.random():.9f},{choice.random():.6f},{choice.random():.3f},"
        f"{choice.choice(words)}\n"
        for number in range(rows)
    ]
    return ("id,first,second,third,word\n" + "".join(lines)).encode()


@functools.cache
def long_texts(rows: int, characters: int) -> bytes:
    """Return a CSV file of an id and a text of `characters` times `a`."""
    text = "a" * characters
    return ("id,text\n" + "".join(f"{number},{text}\n" for number in range(rows))).encode()


@functools.cache
def slow_texts(rows: int = 400) -> bytes:
    """Return a CSV file of an id and a text that makes regular expressions with groups slow."""
    text = "a" * 101 + "b"
    return ("id,text\n" + "".join(f"{number},{text}\n" for number in range(rows))).encode()


@functools.cache
def names_of_numbers(rows: int) -> bytes:
    """Return a CSV file of a number, and of three texts that spell others."""
    choice = random.Random(SEED)
    lines = [
        f"{number},w{choice.randrange(10**9)},t{choice.randrange(10**9)},{choice.randrange(100)}x\n"
        for number in range(rows)
    ]
    return ("number,word,text,other\n" + "".join(lines)).encode()


@functools.cache
def parquet_bomb(rows: int = 250_000, characters: int = 1_000) -> bytes:
    """Return a Parquet file of some kilobytes whose rows take `rows` times `characters` bytes."""
    table = pa.table({"text": pa.array(["x" * characters] * rows).dictionary_encode()})
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()


@functools.cache
def workbook_bomb(megabytes: int = 900) -> bytes:
    """Return an .xlsx file whose only sheet unpacks to this many megabytes."""
    file = io.BytesIO()
    kinds = (
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.xml", b'<workbook><sheets><sheet name="a" sheetId="1"/></sheets></workbook>'),
    )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in kinds:
            archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(megabytes):
                sheet.write(b" " * (1 << 20))
    return file.getvalue()


@functools.cache
def gzip_bomb(megabytes: int = 200) -> bytes:
    """Return a gzip file that unpacks to this many megabytes of zeros."""
    return gzip.compress(b"0" * (megabytes << 20), compresslevel=6)
