"""Replace what a regular expression of PostgreSQL finds, within a time.

# Note [Regular expressions]
The database computes every cell, so the expressions are PostgreSQL's own "advanced" ones, and not
those of a library of this process. Its matcher takes no exponential time for most patterns, but
does for some with back references, and a pattern may be large. So a pattern is tried on all rows,
each statement within PATTERN_SECONDS, before it is accepted; a page then reads a few of these rows.
The limit is below that of any statement, so that the answer can name the pattern.
"""

from __future__ import annotations

import re
from typing import Any

from data_tools.columns import ColumnType
from data_tools.exceptions import TookTooLong
from data_tools.operations.column_lookup import TEXT_COLUMNS, text_columns
from data_tools.operations.declaration import Declaration, Group, Plan
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.messages import counted
from data_tools.operations.parameters import AnyText, Choice, Flag, Parameter, Text
from data_tools.operations.replaced_cells import plan_replaced_cells, replaced_cells_compiler
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression, computed
from data_tools.sql.fragment import bound, sql

PATTERN_SECONDS = 20
IGNORE_CASE = Parameter(
    "ignore_case", Flag(), "Whether capital and small letters are the same.", default=False
)
_OPTIONS = re.compile(r"\*\*\*|\(\?[a-z]")
_BACKSLASH = re.compile(r"\\(.?)", re.DOTALL)


def literal_replacement(part: str, other: str) -> dict[str, Any]:
    """Return what an event keeps to replace every `part`, ignoring case, by exactly `other`."""
    return {"pattern": re.escape(part), "other": other.replace("\\", r"\\"), "flags": "gi"}


def replace_matches(cell: Expression, fitted: dict[str, Any]) -> Expression:
    """Return the text with its matches replaced; null if that has more than a million characters.

    `fitted` has the pattern, what takes the place of a match, and PostgreSQL's flags.
    """
    mentioned = [after for after in _BACKSLASH.findall(fitted["other"]) if after != "\\"]
    return computed(
        ColumnType.TEXT,
        "data_tools_regex_replace({cell}, {pattern}, {other}, {copies}, {flags})",
        cell,
        pattern=bound(fitted["pattern"]),
        other=bound(fitted["other"]),
        copies=bound(len(mentioned)),
        flags=bound(fitted["flags"]),
    )


def _plan(parameters: dict[str, Any], rows: Rows) -> Plan:
    columns = text_columns(rows.columns, parameters["columns"])
    fitted = {
        "pattern": parameters["pattern"],
        "other": parameters["replacement"],
        "flags": ("g" if parameters["matches"] == "all" else "")
        + ("i" if parameters["ignore_case"] else ""),
    }
    try:
        with rows.each_within(PATTERN_SECONDS):
            _require_sound(fitted["pattern"], fitted["other"], rows)
            return plan_replaced_cells(
                rows, [(column, fitted) for column in columns], replace_matches, "Replaced"
            )
    except TookTooLong:
        raise InvalidParameter(
            "pattern",
            f"takes more than {PATTERN_SECONDS} seconds on these rows; make it simpler",
            told=f"The pattern takes more than {PATTERN_SECONDS} seconds on these rows. Make it "
            "simpler.",
            seconds=PATTERN_SECONDS,
        ) from None


def _require_sound(pattern: str, replacement: str, rows: Rows) -> None:
    if _OPTIONS.match(pattern):
        raise InvalidParameter("pattern", "must not begin with options; there is ignore_case")
    groups, complaint = rows.fetch_one(
        sql("SELECT groups, complaint FROM data_tools_regex_groups({pattern})", pattern=pattern)
    )
    if complaint is not None:
        raise InvalidParameter(
            "pattern",
            f"is not a regular expression: {complaint}",
            told=f"The pattern is not a regular expression: {complaint}.",
        )
    for after in _BACKSLASH.findall(replacement):
        if after not in tuple("123456789&\\"):
            raise InvalidParameter(
                "replacement",
                r"may have \1 to \9 for a group, \& for the match and \\ for a backslash, "
                f"but not \\{after}",
                told=f"The replacement has \\{after}, which stands for nothing. \\1 to \\9 stand "
                r"for groups of the pattern, \& for the match, and \\ for a backslash.",
            )
        if after.isdigit() and int(after) > groups:
            raise InvalidParameter(
                "replacement",
                f"mentions \\{after}, and the pattern has {groups} groups",
                told=f"The replacement mentions group {after} of the pattern, which has "
                f"{counted(groups, 'group')}.",
            )


REGEX_REPLACE = Declaration(
    "regex_replace",
    "Put something else in the place of what a regular expression of PostgreSQL (an “advanced” "
    "one) finds in texts. A dot is any character, a line break too; `^` and `$` are the ends of "
    "the whole text. A pattern that takes more than 20 seconds is refused.",
    title="Replace by a pattern",
    group=Group.TEXT,
    parameters=(
        TEXT_COLUMNS,
        Parameter("pattern", Text(), "The regular expression.", required=True),
        Parameter(
            "replacement",
            AnyText(),
            r"What to put there: `\1` to `\9` are the pattern's groups, `\&` is all that it found, "
            r"`\\` a backslash.",
            default="",
        ),
        Parameter(
            "matches",
            Choice(("all", "first")),
            "Whether to replace all matches in a text or the first.",
            default="all",
            title="Replace",
        ),
        IGNORE_CASE,
    ),
    plan=_plan,
    compile=replaced_cells_compiler(replace_matches),
)
