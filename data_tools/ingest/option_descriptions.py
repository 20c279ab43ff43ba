"""What each reading option is for and what it may be, in words for people.

Refusals and the API's description use the same words.
"""

from __future__ import annotations

from data_tools.columns import ColumnType

MOST_LINES = 1_000_000
MOST_FOOTER_LINES = 10_000
LONGEST_NAME = 255

POSSIBLE = {
    "encoding": "the name of a character encoding, or null to detect it",
    "delimiter": "one character, or null to detect it",
    "quote": "one character, “” for none, or null to detect it",
    "escape": "one character, “” if marks are doubled, or null to detect it",
    "comment": "at most 20 characters",
    "header_row": f"a whole number from 1 to {MOST_LINES:,}, or null if there is no header",
    "skip_rows": f"a whole number from 0 to {MOST_LINES:,}",
    "skip_footer": f"a whole number from 0 to {MOST_FOOTER_LINES:,}",
    "ragged": "“refuse” or “pad”",
    "bad_bytes": "“refuse” or “replace”",
    "null_values": "a list of at most 1,000 texts of at most 1,000 characters",
    "decimal": "“.” or “,”",
    "thousands": "“,”, “.”, an apostrophe, a space, “_”, or “” for none",
    "trim": "true or false",
    "sheet": f"the name of a sheet, of at most {LONGEST_NAME} characters",
    "columns": "an object with an object for each column, by its name",
}
POSSIBLE_OF_COLUMN = {
    "type": f"one of {', '.join(ColumnType)}",
    "date_format": "the format of a date, such as “%d.%m.%Y”",
    "name": f"a name of 1 to {LONGEST_NAME} characters",
}
MEANING = {
    "encoding": "The character encoding of a text file",
    "delimiter": "What separates the fields of a CSV file",
    "quote": "The mark around fields that contain delimiters or line ends",
    "escape": "What stands before a mark that belongs to a field",
    "comment": "Lines that begin with this hold no record",
    "header_row": "The line, or row of a sheet, with the columns' names, counted from 1 after the "
    "skipped ones",
    "skip_rows": "How many lines, or rows of a sheet, to leave out at the top",
    "skip_footer": "How many records, or rows of a sheet, to leave out at the end",
    "ragged": "What happens if a record has too few fields: the file is refused, or the rest is "
    "missing",
    "bad_bytes": "What happens to bytes that are not characters: the file is refused, or each "
    "becomes U+FFFD",
    "null_values": "The spellings of a missing value, in place of the usual ones",
    "decimal": "What stands before a number's fraction",
    "thousands": "What stands between the groups of a number's digits",
    "trim": "Whether blanks at the ends of texts and names are left out",
    "sheet": "The sheet of a workbook",
    "columns": "Options for single columns",
}
MEANING_OF_COLUMN = {
    "type": "The column's type",
    "date_format": "How its dates or datetimes are written, in the letters of `strptime`",
    "name": "The name that the dataset's column gets in place of the written one",
}
