"""Say how sure the delimiter and the header of a CSV file are, and why."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from data_tools.ingest.formats.csv_candidates import DELIMITERS, RARE_DELIMITERS, Sample, Trial
from data_tools.ingest.formats.csv_dialect import character_name
from data_tools.ingest.guess import CHOSEN, Certainty, Guess
from data_tools.ingest.options import Open, ReadingOptions
from data_tools.sandbox.cell_looks import is_value

_SIGNS = "".join(RARE_DELIMITERS) + ":/*&%@!+=#- "


def of_delimiter(trial: Trial, rivals: Sequence[Trial], sample: Sample) -> Guess[object]:
    """Return the delimiter as a guess."""
    delimiter = trial.dialect.delimiter
    name = character_name(delimiter)

    def guess(certainty: Certainty, why: str) -> Guess[object]:
        return Guess(value=delimiter, certainty=certainty, why=why)

    if sample.options.delimiter:
        return guess(Certainty.CERTAIN, CHOSEN)
    if sample.separator:
        if trial.width > 1:
            return guess(Certainty.CERTAIN, f"The file's first line says so: sep={delimiter}")
        return guess(
            Certainty.GUESS,
            f"The file's first line says so: sep={delimiter}, but the header contains no {name}.",
        )
    if trial.width == 1:
        return guess(*_of_one_column(trial, name))
    others = {rival.dialect.delimiter for rival in rivals} - {delimiter}
    if others:
        names = " or the ".join(sorted(character_name(other) for other in others))
        return guess(
            Certainty.GUESS,
            f"Every record has as many fields as the header with the {names} as well; with the "
            f"{name}, the fields look more like single values.",
        )
    if trial.agreement < 1:
        return guess(
            Certainty.GUESS,
            f"The header and {trial.agreement:.0%} of the records have {trial.width} fields with "
            f"the {name}; no delimiter fits all of them.",
        )
    records = len(trial.scan) - trial.header
    if records == 1:
        return guess(Certainty.GUESS, f"There is only one record, and it contains the {name}.")
    if delimiter in RARE_DELIMITERS:
        return guess(
            Certainty.GUESS,
            f"Every record has {trial.width} fields with the {name}, which is seldom a delimiter.",
        )
    if doubt := _doubt(trial, name):
        return guess(Certainty.GUESS, doubt)
    return guess(
        Certainty.LIKELY,
        f"Each of the {records:,} records at the beginning has {trial.width} fields with the "
        f"{name}, and no other delimiter does that.",
    )


def _doubt(trial: Trial, name: str) -> str:
    """Return why a delimiter that fits all records may still be text; "" if nothing says so."""
    rows = trial.rows[trial.header :]
    lines = ["".join(row) for row in rows]
    for sign in _regular_signs(lines, _SIGNS):
        if sign != " " or lines[0].count(sign) >= trial.width:
            return f"The {character_name(sign)} stands in every record equally often as well."
    later = [cell for row in rows for cell in row[1:]]
    if trial.dialect.delimiter in ",;" and all(cell.startswith(" ") for cell in later):
        return f"A blank follows every {name}, as in a sentence."
    if trial.dialect.delimiter == "," and all(
        len(row) == 2 and (row[0][-1:].isdigit() and row[1][:1].isdigit() or row[1].startswith(" "))
        for row in rows
    ):
        return "Every comma stands between two digits, as in a number with a decimal comma."
    if trial.width % 2 and all(not cell for row in rows for cell in row[1::2]):
        return f"Every second field is empty, as if the delimiter were two characters {name}."
    return ""


def _regular_signs(lines: Sequence[str], signs: str) -> list[str]:
    """Return the signs that could be delimiters, since each line has as many as the first."""
    return [
        sign
        for sign in signs
        if lines
        and sign in lines[0]
        and (
            len({line.count(sign) for line in lines}) == 1
            or (sign == " " and len({len(line.split()) for line in lines}) == 1)
        )
    ]


def _of_one_column(trial: Trial, name: str) -> tuple[Certainty, str]:
    if trial.agreement < 1:
        return (
            Certainty.GUESS,
            f"The header contains no delimiter, but some records contain a {name}.",
        )
    lines = ["".join(row) for row in trial.rows]
    signs = "".join(filter(_can_divide, dict.fromkeys(lines[0])))
    regular = _regular_signs(lines, signs)
    if regular and len(lines) > 1:
        return (
            Certainty.GUESS,
            "No usual delimiter occurs in the header, so there is one column; but each line has "
            f"the {character_name(regular[0])} equally often.",
        )
    inside = _regular_signs(lines[1:], "".join(DELIMITERS))
    if inside and not trial.quotes_by_habit:
        return (
            Certainty.GUESS,
            "No usual delimiter occurs in the header, so there is one column; but each other line "
            f"has the {character_name(inside[0])} equally often.",
        )
    if signs or len(lines) == 1:
        return Certainty.LIKELY, "No usual delimiter occurs in the header, so there is one column."
    return Certainty.CERTAIN, "No character of the header can be a delimiter."


def _can_divide(sign: str) -> bool:
    """Whether the sign can be a delimiter: it belongs to no word, and closes or opens nothing."""
    return unicodedata.category(sign)[0] not in "LMN" and sign not in "_.()[]\"'"


def of_header(trial: Trial, line: int, options: ReadingOptions, *, is_apart: bool) -> Guess[object]:
    """Return the number of the header's line as a guess; `is_apart` if a blank line follows it."""
    if not isinstance(options.header_row, Open):
        value = None if options.header_row is None else line
        return Guess(value=value, certainty=Certainty.CERTAIN, why=CHOSEN)
    names, *rows = trial.rows[trial.header :]
    certainty, why = _of_names(names, [row for row in rows if len(row) == len(names)])
    if trial.width == 1 and is_apart:
        certainty = Certainty.GUESS
        why = "An empty line follows, so it could be a title as well."
    if trial.header:
        certainty = min(certainty, Certainty.LIKELY, key=[*Certainty][::-1].index)
        why = f"The records before it fill at most one field, as a title does. {why}"
    return Guess(value=line, certainty=certainty, why=why)


def _of_names(names: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[Certainty, str]:
    for name in names:
        if name.strip() and is_value(name):
            return Certainty.GUESS, f"“{name[:40]}” in the header looks like data, not like a name."
    if names[0].startswith("#"):
        return Certainty.GUESS, "The line begins with #, as comments do."
    if any(not name.strip() for name in names[1:]) or len(set(names)) < len(names):
        return Certainty.GUESS, "Some names in the header are empty, or the same."
    for position, name in enumerate(names):
        cells = [row[position] for row in rows if row[position]]
        if name and cells and all(map(is_value, cells)):
            return (
                Certainty.LIKELY,
                f"Its fields are names, and below “{name[:40]}” stand numbers, dates or the like.",
            )
    if not rows:
        return Certainty.GUESS, "There are no other records to compare it with."
    return (
        Certainty.GUESS,
        "No column holds numbers, dates or the like alone, so the line could be a row as well.",
    )
