"""Requests for every operation on the flights, each with what a reference makes of the same frame.

The references are pandas, scikit-learn and feature-engine.

`tests/integration/rows/test_operation_catalogue.py` fails when an operation has no case here.
"""

from __future__ import annotations

import decimal
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from feature_engine.encoding import OneHotEncoder, OrdinalEncoder, RareLabelEncoder
from feature_engine.outliers import Winsorizer
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

from tests.support.reference_rows import float_text

Expected = Callable[[pd.DataFrame], pd.DataFrame]
NUMBERS = ["month", "day", "dep_delay", "arr_delay", "distance", "hour", "air_hours"]
GAPPY = ["dep_delay", "arr_delay", "air_hours"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A request, and the frame that it makes of another."""

    operation: str
    parameters: dict[str, Any]
    expected: Expected

    def __str__(self) -> str:
        return f"{self.operation} {self.parameters}"[:100]


def case(operation: str, expected: Expected, **parameters: Any) -> Case:
    return Case(operation=operation, parameters=parameters, expected=expected)


def mapped(columns: list[str], change: Callable[[pd.Series], pd.Series]) -> Expected:
    """Return a frame with other values in these columns."""
    return lambda frame: frame.assign(**{name: change(frame[name]) for name in columns})


def with_new(**columns: Callable[[pd.DataFrame], Any]) -> Expected:
    return lambda frame: frame.assign(**columns)


def with_named(named: dict[str, Callable[[pd.DataFrame], Any]]) -> Expected:
    return lambda frame: frame.assign(**named)


# Scaling, by scikit-learn


def scaled(scaler: Any, columns: list[str]) -> Expected:
    def scale(frame: pd.DataFrame) -> pd.DataFrame:
        values = scaler().fit_transform(frame[columns].to_numpy())
        return frame.assign(**{name: values[:, at] for at, name in enumerate(columns)})

    return scale


SCALERS = {
    "standard": StandardScaler,
    "minmax": MinMaxScaler,
    "robust": RobustScaler,
    "maxabs": MaxAbsScaler,
}
SCALING = [
    *(
        case(f"feature_scaling_{method}", scaled(scaler, GAPPY), columns=GAPPY)
        for method, scaler in SCALERS.items()
    ),
    *(
        case(f"feature_scaling_{method}", scaled(scaler, NUMBERS))
        for method, scaler in SCALERS.items()
    ),
    case(
        "feature_scaling_log",
        mapped(["distance", "air_hours"], np.log),
        columns=["distance", "air_hours"],
    ),
    case("feature_scaling_log", mapped(["distance"], np.log10), columns=["distance"], base="10"),
    case(
        "feature_scaling_log",
        mapped(["dep_delay"], lambda values: np.log(values.where(values > 0))),
        columns=["dep_delay"],
        on_error="null",
    ),
]

# Encoding, by feature-engine: over the rows without gaps, since it refuses gaps


def encoded(encoder: Any, columns: list[str]) -> Expected:
    def encode(frame: pd.DataFrame) -> pd.DataFrame:
        result = frame.copy()
        for name in columns:
            present = frame[[name]].dropna()
            values = encoder(variables=[name]).fit(present).transform(present)[name]
            result[name] = values.reindex(frame.index)
        return result

    return encode


def onehot(columns: list[str]) -> Expected:
    def encode(frame: pd.DataFrame) -> pd.DataFrame:
        result = frame.drop(columns=columns)
        for name in columns:
            present = frame[[name]].dropna()
            with warnings.catch_warnings():  # it calls what pandas is going to drop
                warnings.simplefilter("ignore", DeprecationWarning)
                new_columns = OneHotEncoder(variables=[name], drop_last=True).fit_transform(present)
            result = result.join(new_columns.reindex(frame.index))
        return result

    return encode


def ordinal(**how: Any) -> Any:
    return OrdinalEncoder(encoding_method="arbitrary", **how)


def rare(tolerance: float) -> Any:
    return lambda **how: RareLabelEncoder(tol=tolerance, n_categories=10, **how)


ENCODING = [
    case(
        "feature_encoding_ordinal",
        encoded(ordinal, ["carrier", "dest"]),
        columns=["carrier", "dest"],
    ),
    case(
        "feature_encoding_ordinal",
        encoded(ordinal, ["carrier", "origin", "dest", "tailnum", "route"]),
    ),
    case("feature_encoding_onehot", onehot(["carrier", "origin"]), columns=["carrier", "origin"]),
    case("feature_encoding_onehot", onehot(["dest"]), columns=["dest"]),
    case(
        "feature_encoding_rare_label",
        encoded(rare(0.05), ["carrier", "dest"]),
        columns=["carrier", "dest"],
    ),
    case(
        "feature_encoding_rare_label",
        encoded(rare(0.02), ["carrier", "dest", "tailnum", "route"]),
        rare_threshold=0.02,
    ),
    case("feature_encoding_rare_label", lambda frame: frame, columns=["origin"], rare_threshold=1),
]

# Outliers, by feature-engine: it leaves gaps as they are, if told to


def winsorized(columns: list[str], **how: Any) -> Expected:
    def cap(frame: pd.DataFrame) -> pd.DataFrame:
        return Winsorizer(variables=columns, missing_values="ignore", **how).fit_transform(frame)

    return cap


def trimmed(columns: list[str], **how: Any) -> Expected:
    """Return the frame without the rows that capping would change."""
    capped = winsorized(columns, **how)

    def trim(frame: pd.DataFrame) -> pd.DataFrame:
        unchanged = capped(frame)[columns].eq(frame[columns]) | frame[columns].isna()
        return frame[unchanged.all(axis=1)]

    return trim


FOLDS = {"iqr": 1.5, "gaussian": 2, "quantiles": 0.1, "mad": 3}
OUTLIERS = [
    *(
        case(
            "outlier_treatment_winsorize",
            winsorized(GAPPY, capping_method=method, fold=fold, tail=tail),
            columns=GAPPY,
            capping_method=method,
            fold=fold,
            tail=tail,
        )
        for method, fold in FOLDS.items()
        for tail in ("right", "left", "both")
    ),
    case(
        "outlier_treatment_winsorize",
        winsorized(NUMBERS, capping_method="iqr", fold=1.5, tail="right"),
    ),
    *(
        case(
            "outlier_treatment_trim",
            trimmed(GAPPY, capping_method=method, fold=fold, tail=tail),
            columns=GAPPY,
            capping_method=method,
            fold=fold,
            tail=tail,
        )
        for method, fold in FOLDS.items()
        for tail in ("right", "left", "both")
    ),
]

# Imputation


def filled(columns: list[str], value: Callable[[pd.Series], Any]) -> Expected:
    return mapped(columns, lambda values: values.where(values.notna(), value(values)))


def first_mode(values: pd.Series) -> Any:
    return values.dropna().mode().iloc[0]


IMPUTATION = [
    case("missing_data_imputation_mean", filled(NUMBERS, lambda values: values.mean())),
    case(
        "missing_data_imputation_mean", filled(GAPPY, lambda values: values.mean()), columns=GAPPY
    ),
    case(
        "missing_data_imputation_median",
        filled(GAPPY, lambda values: values.median()),
        columns=GAPPY,
    ),
    case("missing_data_imputation_mode", filled(["tailnum"], first_mode)),
    case(
        "missing_data_imputation_mode",
        filled(["tailnum", "dep_delay"], first_mode),
        columns=["tailnum", "dep_delay"],
    ),
    case("missing_data_imputation_constant", filled(NUMBERS, lambda values: 0)),
    case(
        "missing_data_imputation_constant",
        filled(["tailnum"], lambda values: "none"),
        columns=["tailnum"],
        constant_value="none",
    ),
    case(
        "fill_missing_values",
        filled(GAPPY, lambda values: values.median()),
        columns=GAPPY,
        strategy="median",
    ),
    case(
        "fill_missing_values",
        mapped(GAPPY, lambda values: values.ffill()),
        columns=GAPPY,
        strategy="forward_fill",
    ),
    case(
        "fill_missing_values",
        mapped(["tailnum"], lambda values: values.bfill()),
        columns=["tailnum"],
        strategy="backward_fill",
    ),
]

# New columns, by pandas; a missing number makes the result missing

THREE = ["dep_delay", "distance", "air_hours"]
AGGREGATES = ("sum", "mean", "std", "prod", "min", "max", "median")
FOLDED = {"add": "add", "subtract": "sub", "multiply": "mul", "divide": "truediv"}


def aggregated(operation: str) -> Callable[[pd.DataFrame], Any]:
    return lambda frame: getattr(frame[THREE], operation)(axis=1, skipna=False)


def folded(method: str) -> Callable[[pd.DataFrame], Any]:
    def fold(frame: pd.DataFrame) -> pd.Series:
        first, second, third = (frame[name] for name in THREE)
        return getattr(getattr(first, method)(second), method)(third)

    return fold


def finite(values: pd.Series) -> pd.Series:
    return values.where(np.isfinite(values.astype(float)))


def relative(operation: str, left: str, right: str) -> Callable[[pd.DataFrame], Any]:
    """Compute on integers where both are; a quotient by zero is missing, as in ours."""

    def compute(frame: pd.DataFrame) -> pd.Series:
        return finite(getattr(frame[left], operation)(frame[right].replace(0, np.nan)))

    def any_reference(frame: pd.DataFrame) -> pd.Series:
        return finite(getattr(frame[left], operation)(frame[right]))

    return compute if operation in ("div", "truediv", "floordiv", "mod") else any_reference


RELATIVE = ("add", "sub", "mul", "div", "truediv", "floordiv", "mod", "pow")
PAIRS = [
    ("dep_delay", "hour"),
    ("air_hours", "hour"),
    ("dep_delay", "month"),
    ("air_hours", "month"),
]
ENGINEERING = [
    *(
        case(
            f"feature_engineering_math_{operation}",
            with_named({f"{operation}_{'_'.join(THREE)}": aggregated(operation)}),
            columns=THREE,
        )
        for operation in AGGREGATES
    ),
    *(
        case(
            f"feature_engineering_math_{operation}",
            with_named({f"{operation}_{'_'.join(THREE)}": folded(method)}),
            columns=THREE,
        )
        for operation, method in FOLDED.items()
    ),
    *(
        case(
            f"feature_engineering_relative_{operation}",
            with_named(
                {
                    f"{left}_{operation}_{right}": relative(operation, left, right)
                    for left, right in PAIRS
                }
            ),
            columns=["dep_delay", "air_hours"],
            reference_columns=["hour", "month"],
            on_error="null",
        )
        for operation in RELATIVE
    ),
    case(
        "feature_engineering_relative_floordiv",
        with_named(
            {
                f"{left}_floordiv_air_hours": relative("floordiv", left, "air_hours")
                for left in NUMBERS
                if left != "air_hours"
            }
        ),
        reference_columns=["air_hours"],
    ),
    case(
        "feature_engineering_relative_mod",
        with_named({"dep_delay_mod_air_hours": relative("mod", "dep_delay", "air_hours")}),
        columns=["dep_delay"],
        reference_columns=["air_hours"],
    ),
    *(
        case(
            "calculate_column",
            with_new(result=lambda frame, method=method: getattr(frame["dep_delay"], method)(7)),
            left_column="dep_delay",
            operator=operator,
            value=7,
            new_name="result",
        )
        for operator, method in (
            ("add", "add"),
            ("subtract", "sub"),
            ("multiply", "mul"),
            ("divide", "div"),
            ("floor_divide", "floordiv"),
            ("modulo", "mod"),
            ("power", "pow"),
        )
    ),
    case(
        "calculate_column",
        with_new(speed=lambda frame: frame["distance"] / frame["air_hours"]),
        left_column="distance",
        operator="divide",
        right_column="air_hours",
        new_name="speed",
    ),
]

# Whole columns, types, texts, dates and bins, by pandas


def parts_of(column: str, separator: str, parts: int, names: int) -> Expected:
    def split(frame: pd.DataFrame) -> pd.DataFrame:
        split_texts = frame[column].str.split(separator, n=parts - 1, expand=True, regex=False)
        assert split_texts.shape[1] == names
        return frame.assign(**{f"{column}_{at + 1}": split_texts[at] for at in range(names)})

    return split


def times(frame: pd.DataFrame) -> Any:
    return pd.to_datetime(frame["time_hour"]).dt


def dates(frame: pd.DataFrame) -> Any:
    return pd.to_datetime(frame["date"]).dt


def cut(column: str, edges: Any) -> Callable[[pd.DataFrame], Any]:
    """Return bin numbers from 1, without the widening of the first bin that pandas does itself."""

    def number(frame: pd.DataFrame) -> pd.Series:
        values = frame[column]
        return pd.cut(values, edges(values), labels=False, include_lowest=True) + 1

    return number


def quantiles(values: pd.Series) -> Any:
    return np.unique(np.nanquantile(values, np.linspace(0, 1, 6)))


def widths(values: pd.Series) -> Any:
    return np.linspace(values.min(), values.max(), 11)


def reordered(frame: pd.DataFrame) -> pd.DataFrame:
    first = ["dest", "month"]
    return frame[[*first, *(name for name in frame.columns if name not in first)]]


def with_labels(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = cut("distance", lambda values: [0, 500, 2000])(frame)
    return frame.assign(length=numbers.map({1: "[0, 500]", 2: "(500, 2000]"}))


def rounded(digits: int, how: str) -> Callable[[pd.Series], pd.Series]:
    """Round what `repr` writes of each double."""
    unit = decimal.Decimal(1).scaleb(-digits)

    def round_all(values: pd.Series) -> pd.Series:
        return values.map(
            lambda value: float(decimal.Decimal(repr(value)).quantize(unit, rounding=how)),
            na_action="ignore",
        )

    return round_all


def joined(frame: pd.DataFrame) -> pd.Series:
    parts = frame[["carrier", "tailnum", "month"]].assign(month=frame["month"].astype(int))
    return parts.apply(lambda row: "-".join(str(part) for part in row if part is not None), axis=1)


def named_after_the_first_row(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the other rows. The first flight has no gap, and the month 1 as well as the day."""
    written = [
        str(value).lower()
        if isinstance(value, bool)
        else value
        if isinstance(value, str)
        else float_text(float(value))
        for value in frame.iloc[0]
    ]
    assert written[:2] == ["1", "1"]
    assert len(set(written[1:])) == len(written) - 1
    return frame.iloc[1:].set_axis(["1", "1_2", *written[2:]], axis=1)


COLUMNS_AND_TEXTS = [
    case(
        "rename_column",
        lambda frame: frame.rename(columns={"dest": "to"}),
        old_name="dest",
        new_name="to",
    ),
    case(
        "column_operation_rename",
        lambda frame: frame.rename(columns={"dest": "origin", "origin": "dest"}),
        new_names={"dest": "origin", "origin": "dest"},
    ),
    case("column_operation_drop", lambda frame: frame.drop(columns=["dest"]), columns=["dest"]),
    case(
        "column_operation_duplicate",
        with_new(dest_copy=lambda frame: frame["dest"]),
        columns=["dest"],
    ),
    case("reorder_columns", reordered, columns=["dest", "month"]),
    case("keep_columns", lambda frame: frame[["month", "dest"]], columns=["dest", "month"]),
    case(
        "change_column_type",
        mapped(["distance"], lambda values: values.astype(int).astype(str)),
        column_name="distance",
        new_type="str",
    ),
    case(
        "find_and_replace",
        mapped(["dest", "tailnum"], lambda values: values.str.replace("A", "aa", regex=False)),
        columns=["dest", "tailnum"],
        find="A",
        replace_with="aa",
    ),
    case(
        "find_and_replace",
        mapped(["tailnum"], lambda values: values.str.replace("N", "", regex=False)),
        columns=["tailnum"],
        find="N",
    ),
    case(
        "find_and_replace",
        mapped(["dest"], lambda values: values.replace({"ATL": "Atlanta"})),
        columns=["dest"],
        find="ATL",
        replace_with="Atlanta",
        match="cell",
    ),
    case(
        "find_and_replace",
        mapped(["dep_delay", "arr_delay"], lambda values: values.where(values != 0)),
        columns=["dep_delay", "arr_delay"],
        find=0,
        match="cell",
    ),
    case(
        "find_and_replace",
        mapped(["route"], lambda values: values.str.replace("jf", "$", case=False, regex=True)),
        columns=["route"],
        find="jf",
        replace_with="$",
        ignore_case=True,
    ),
    case(
        "find_and_replace",
        mapped(["dest"], lambda values: values.where(values.str.lower() != "atl", "Atlanta")),
        columns=["dest"],
        find="atl",
        replace_with="Atlanta",
        match="cell",
        ignore_case=True,
    ),
    case(
        "regex_replace",
        mapped(
            ["tailnum", "route"],
            lambda values: values.str.replace("([0-9])([A-Z]*)", r"\2<\1>", regex=True),
        ),
        columns=["tailnum", "route"],
        pattern="([0-9])([A-Z]*)",
        replacement=r"\2<\1>",
    ),
    case(
        "regex_replace",
        mapped(
            ["tailnum"], lambda values: values.str.replace("n|[0-9]$", "", case=False, regex=True)
        ),
        columns=["tailnum"],
        pattern="n|[0-9]$",
        ignore_case=True,
    ),
    case(
        "regex_replace",
        mapped(["tailnum"], lambda values: values.str.replace("[0-9]+", "#", n=1, regex=True)),
        columns=["tailnum"],
        pattern="[0-9]+",
        replacement="#",
        matches="first",
    ),
    *(
        case(
            "round_numbers",
            mapped(["air_hours", "distance"], rounded(digits, rounding)),
            columns=["air_hours", "distance"],
            digits=digits,
            half=half,
        )
        for digits in (2, 0, -1)
        for half, rounding in (
            ("away_from_zero", decimal.ROUND_HALF_UP),
            ("to_even", decimal.ROUND_HALF_EVEN),
        )
    ),
    case("round_numbers", mapped(["air_hours"], rounded(0, decimal.ROUND_HALF_UP))),
    case(
        "join_columns",
        with_new(all=joined),
        columns=["carrier", "tailnum", "month"],
        separator="-",
        new_name="all",
    ),
    case(
        "join_columns",
        lambda frame: frame.assign(to=frame["origin"] + frame["dest"]).drop(
            columns=["origin", "dest"]
        ),
        columns=["origin", "dest"],
        separator="",
        new_name="to",
        drop_columns=True,
    ),
    case("trim_text", mapped(["route"], lambda values: values.str.strip()), columns=["route"]),
    case(
        "trim_text",
        mapped(["route"], lambda values: values.str.lstrip()),
        columns=["route"],
        side="start",
    ),
    case(
        "trim_text",
        mapped(["route"], lambda values: values.str.rstrip()),
        columns=["route"],
        side="end",
    ),
    case(
        "change_case",
        mapped(["route"], lambda values: values.str.lower()),
        columns=["route"],
        case="lower",
    ),
    case(
        "change_case",
        mapped(["route"], lambda values: values.str.title()),
        columns=["route"],
        case="title",
    ),
    case(
        "change_case",
        mapped(["route"], lambda values: values.str.upper()),
        columns=["route"],
        case="upper",
    ),
    case(
        "split_column",
        parts_of("tailnum", "A", 2, 2),
        column="tailnum",
        separator="A",
        maximum_parts=2,
    ),
    case(
        "split_column",
        parts_of("tailnum", "1", 50, 5),
        column="tailnum",
        separator="1",
        maximum_parts=50,
    ),
    case(
        "extract_date_parts",
        with_named(
            {
                f"time_hour_{part}": lambda frame, part=part: getattr(
                    times(frame), {"weekday": "day_of_week"}.get(part, part)
                )
                for part in (
                    "year",
                    "quarter",
                    "month",
                    "day",
                    "hour",
                    "minute",
                    "second",
                    "weekday",
                )
            }
        ),
        column="time_hour",
        parts=["year", "quarter", "month", "day", "hour", "minute", "second", "weekday"],
    ),
    case(
        "extract_date_parts",
        with_new(
            date_week=lambda frame: dates(frame).isocalendar().week,
            date_day_of_year=lambda frame: dates(frame).day_of_year,
            date_weekday=lambda frame: dates(frame).day_of_week,
        ),
        column="date",
        parts=["week", "day_of_year", "weekday"],
    ),
    case(
        "bin_column",
        with_new(distance_bin=cut("distance", widths)),
        column="distance",
        labels="number",
    ),
    case(
        "bin_column",
        with_new(arr_delay_bin=cut("arr_delay", quantiles)),
        column="arr_delay",
        method="quantile",
        bins=5,
        labels="number",
    ),
    case(
        "bin_column",
        with_named({"air_hours_bin": cut("air_hours", lambda values: [0, 1, 2.5, 4])}),
        column="air_hours",
        method="edges",
        edges=[0, 1, 2.5, 4],
        labels="number",
    ),
    case(
        "bin_column",
        with_labels,
        column="distance",
        method="edges",
        edges=[0, 500, 2000],
        new_name="length",
    ),
]

ROWS = [
    case("drop_missing_rows", lambda frame: frame.dropna()),
    case(
        "drop_duplicate_rows",
        lambda frame: frame.drop_duplicates(["carrier", "dest"]),
        columns=["carrier", "dest"],
    ),
    case(
        "filter_rows",
        lambda frame: frame[frame["dep_delay"] >= 5],
        filter=[{"column": "dep_delay", "op": "gte", "value": 5}],
    ),
    case("first_row_as_header", named_after_the_first_row),
    case("quick_nan_cleaning", lambda frame: frame.dropna(axis=1, how="all").dropna()),
    case(
        "quick_nan_cleaning",
        lambda frame: frame.dropna(axis=1, how="all"),
        remove_nan_rows=False,
    ),
]

CASES = [
    *ROWS,
    *SCALING,
    *ENCODING,
    *OUTLIERS,
    *IMPUTATION,
    *ENGINEERING,
    *COLUMNS_AND_TEXTS,
]
