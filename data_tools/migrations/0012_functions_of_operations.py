"""Functions that compute a cell, or null where it has no finite result.

PostgreSQL's own arithmetic raises on overflow, on underflow and on a zero divisor, and one raising
cell would make a whole page unreadable; these never raise. Each names its arguments once in the
query, so that stacked operations stay linear (see docs/decisions/0002). Results within four steps
of the largest double are null, as those beyond it are; those below the smallest double are 0, and
no result is a negative zero.
"""

from django.db import migrations

from session_events.migrations.sql import sql_of

# Beyond ASCII, up to where only ideographs and marks follow, which have no case.
_LETTERS = [*map(chr, range(0x80, 0x20000))]


def _other_case(change):
    """Return the letters beyond ASCII whose other case is one letter, and those letters.

    The database's own lower and upper know only the letters of the locale that it was made with.
    """
    pairs = [
        (letter, change(letter))
        for letter in _LETTERS
        if change(letter) != letter and len(change(letter)) == 1
    ]
    return "".join(one for one, _ in pairs), "".join(other for _, other in pairs)


def _cases():
    upper, lowered = _other_case(str.lower)
    lower, uppered = _other_case(str.upper)
    with_case = (one for one in _LETTERS if one.lower() != one.upper())
    unchanging = "".join(one for one in with_case if one not in upper + lower)
    return (
        sql_of(__file__, "cases")
        .replace("{upper}", upper)
        .replace("{lowered}", lowered)
        .replace("{lower}", lower)
        .replace("{uppered}", uppered)
        .replace("{unchanging}", unchanging)
    )


_SIGNATURES = (
    *(
        f"{name}({of}, {of})"
        for name in ("add", "subtract", "multiply", "modulo", "floor_divide")
        for of in ("double precision", "bigint")
    ),
    "remainder(double precision, double precision)",
    "divide(double precision, double precision)",
    "power(double precision, double precision)",
    "logarithm(double precision, text)",
    "smaller(anyelement, anyelement)",
    "larger(anyelement, anyelement)",
    "mean(double precision[])",
    "median(double precision[])",
    "deviation(double precision[])",
    "clip(anyelement, anyelement, anyelement)",
    "swap(anyelement, anyelement, anyelement)",
    "replace(text, text, text)",
    "keep(text, jsonb, text)",
    "part(text, text, integer, boolean)",
    "lower(text)",
    "upper(text)",
    "title(text)",
)


class Migration(migrations.Migration):
    dependencies = [("data_tools", "0011_saved_from")]

    operations = [
        migrations.RunSQL(
            sql_of(__file__, "numbers") + sql_of(__file__, "texts") + _cases(),
            "\n".join(f"DROP FUNCTION data_tools_{signature};" for signature in _SIGNATURES),
        )
    ]
