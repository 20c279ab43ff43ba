"""Random operations that are fitted to numbers, or compute with cells, for Hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.support.random_stacks import fill

FLOATS = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-40, 40).map(lambda quarters: quarters / 4)
    | st.sampled_from((0.0, -0.0, 1e300, -1e300, 3.0, 0.1, 1e16, 5e-324, 1e-310, 2.0**-600, 1e15))
)
EXTREMES = st.sampled_from(
    (1.7976931348623157e308, 8e307, -8e307, 1.797693134862315e308, 1e-150, 1e150, 2.0)
)


def requests(names: list[str]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """Draw an operation that is fitted to the rows, or computes with cells."""
    columns = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)
    one = st.sampled_from(names)
    caps = st.fixed_dictionaries(
        {"columns": columns},
        optional={
            "capping_method": st.sampled_from(("iqr", "gaussian", "quantiles", "mad")),
            "tail": st.sampled_from(("left", "right", "both")),
            "fold": st.sampled_from((0.05, 0.1, 0.2)),
        },
    )
    of_columns = st.fixed_dictionaries({"columns": columns})
    lenient = st.fixed_dictionaries({"columns": columns, "on_error": st.just("null")})
    kinds = ("standard", "minmax", "robust", "maxabs")
    imputations = ("mean", "median", "mode")
    bins = st.fixed_dictionaries(
        {"column": one, "bins": st.integers(2, 5)},
        optional={
            "method": st.sampled_from(("equal_width", "quantile")),
            "labels": st.sampled_from(("interval", "number")),
        },
    )
    rare = st.fixed_dictionaries(
        {"columns": columns, "rare_threshold": st.sampled_from((0.1, 0.5))}
    )
    removal = st.fixed_dictionaries({"columns": columns})
    return st.one_of(
        *(st.tuples(st.just(f"feature_scaling_{kind}"), lenient | of_columns) for kind in kinds),
        *(
            st.tuples(st.just(f"missing_data_imputation_{kind}"), of_columns)
            for kind in imputations
        ),
        st.tuples(st.just("outlier_treatment_winsorize"), caps),
        st.tuples(st.just("outlier_treatment_trim"), caps),
        st.tuples(st.just("bin_column"), bins),
        st.tuples(st.just("feature_encoding_ordinal"), of_columns),
        st.tuples(st.just("feature_encoding_onehot"), of_columns),
        st.tuples(st.just("feature_encoding_rare_label"), rare),
        st.tuples(st.just("drop_missing_rows"), removal),
        st.tuples(st.just("drop_duplicate_rows"), removal),
        fill(columns),
    )


def computations(names: list[str]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """Draw an operation whose cells this process computes, with the values that it would learn."""
    one = st.sampled_from(names)
    columns = st.lists(one, min_size=1, max_size=3, unique=True)
    few = st.lists(one, min_size=min(2, len(names)), max_size=3, unique=True)
    typed = st.sampled_from((-0.0, 0, 0.5, 7, "-0.0", "a", "2013-01-31", True, 1e300))
    calculation = {
        "left_column": one,
        "operator": st.sampled_from(("add", "subtract", "multiply", "divide")),
        "new_name": st.sampled_from(("n1", "n2")),
        "on_error": st.just("null"),
    }
    return st.one_of(
        st.tuples(
            st.just("calculate_column"),
            st.fixed_dictionaries({**calculation, "right_column": one})
            | st.fixed_dictionaries({**calculation, "value": (FLOATS | EXTREMES).map(float)}),
        ),
        st.tuples(
            st.sampled_from([f"feature_engineering_math_{name}" for name in ("sum", "divide")]),
            st.fixed_dictionaries({"columns": few, "on_error": st.just("null")}),
        ),
        st.tuples(
            st.just("bin_column"),
            st.fixed_dictionaries(
                {
                    "column": one,
                    "method": st.just("edges"),
                    "edges": st.lists(
                        FLOATS.map(float) | st.integers(-(2**70), 2**70),
                        min_size=2,
                        max_size=4,
                        unique=True,
                    ).map(sorted),
                    "labels": st.sampled_from(("interval", "number")),
                }
            ),
        ),
        st.tuples(
            st.just("change_column_type"),
            st.fixed_dictionaries(
                {
                    "column_name": one,
                    "new_type": st.sampled_from(("integer", "float", "text")),
                    "on_error": st.just("null"),
                }
            ),
        ),
        st.tuples(
            st.just("fill_missing_values"),
            st.fixed_dictionaries(
                {"columns": columns, "strategy": st.just("constant"), "fill_value": typed}
            ),
        ),
        st.tuples(
            st.just("change_case"),
            st.fixed_dictionaries(
                {"columns": columns, "case": st.sampled_from(("lower", "upper", "title"))}
            ),
        ),
        st.tuples(
            st.just("trim_text"),
            st.fixed_dictionaries(
                {"columns": columns, "side": st.sampled_from(("both", "start", "end"))}
            ),
        ),
        requests(names),
    )
