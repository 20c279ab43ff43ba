"""The endpoints that apply one operation. Their bodies follow the operations' declarations."""

from __future__ import annotations

from data_tools.answers.operation_answers import Catalogue, Cleaned, Transformed
from data_tools.answers.session_answers import SessionBody
from data_tools.openapi.answer_schema import schema_of
from data_tools.openapi.description import PAGE, SHOWN, Described
from data_tools.openapi.json_schema import TEXT, Schema, many, nullable, one_of
from data_tools.openapi.session_endpoints import CHANGING, CHOOSING, command_body
from data_tools.operations import OPERATIONS as DECLARED
from data_tools.operations.engineering import MATH_OPERATIONS, RELATIVE_OPERATIONS
from data_tools.operations.parameters import NewName

_REFUSED = (
    "COLUMN_NOT_FOUND",
    "COLUMN_EXISTS",
    "VALUES_DO_NOT_FIT",
    "NOTHING_TO_FIT",
    "SESSION_TOO_COMPLEX",
    "TOO_MANY_OPERATIONS",
    "QUERY_TIMEOUT",
)
_WRITTEN_FLAG: Schema = {"enum": [True, False, "true", "false", None]}


def _operation(name: str, **example: object) -> Described:
    declaration = DECLARED[name]
    return Described(
        summary=declaration.description,
        tag="Operations",
        query=SHOWN,
        body=command_body(
            tuple(each.name for each in declaration.parameters if each.required),
            **{each.name: each.json_schema() for each in declaration.parameters},
        ),
        answer=schema_of(SessionBody),
        example_body=example,
        refusals=(*CHANGING, *CHOOSING, *_REFUSED),
    )


def _transform(
    summary: str,
    methods: tuple[str, ...],
    names: tuple[str, ...],
    operations: tuple[str, ...] = (),
    **example: object,
) -> Described:
    """Describe an endpoint whose `method` chooses among operations, with all their parameters."""
    parameters = {each.name: each for name in names for each in DECLARED[name].parameters}
    return Described(
        summary=summary,
        tag="Operations",
        query=PAGE,
        body=command_body(
            (),
            method=nullable(one_of(*methods)),
            **({"operation": nullable(one_of(*operations))} if operations else {}),
            **{name: each.json_schema() for name, each in parameters.items()},
        ),
        answer=schema_of(Transformed),
        example_body=example,
        refusals=(*CHANGING, *_REFUSED, "OPERATION_UNKNOWN"),
    )


OPERATIONS: dict[tuple[str, str], Described] = {
    ("POST", "session/rename-column/"): _operation(
        "rename_column", old_name="carrier", new_name="airline"
    ),
    ("POST", "session/change-column-type/"): _operation(
        "change_column_type", column_name="delay", new_type="string"
    ),
    ("POST", "session/fill-missing-values/"): _operation(
        "fill_missing_values", columns=["delay"], strategy="median"
    ),
    ("POST", "transform/columns/"): Described(
        summary="Rename, drop or duplicate columns",
        tag="Operations",
        query=PAGE,
        body=command_body(
            ("operation",),
            operation=one_of("rename", "drop", "duplicate"),
            columns=nullable(many(TEXT)),
            new_names={"type": ["object", "null"], "additionalProperties": NewName().json_schema()},
        ),
        answer=schema_of(Transformed),
        example_body={"operation": "drop", "columns": ["cancelled"]},
        refusals=(*CHANGING, *_REFUSED),
    ),
    ("POST", "nan/quick-clean/"): Described(
        summary=DECLARED["quick_nan_cleaning"].description,
        tag="Operations",
        text="The body may also be a form; its fields are then `true` or `false`.",
        query=PAGE,
        body=command_body(
            **{each.name: _WRITTEN_FLAG for each in DECLARED["quick_nan_cleaning"].parameters}
        ),
        answer=schema_of(Cleaned),
        example_body={"remove_nan_columns": True, "remove_nan_rows": True},
        refusals=(*CHANGING, *_REFUSED),
    ),
    ("POST", "transform/imputation/"): _transform(
        "Fill the missing cells of columns",
        ("mean", "median", "mode", "constant"),
        ("missing_data_imputation_constant",),
        method="mean",
        columns=["delay"],
    ),
    ("POST", "transform/encoding/"): _transform(
        "Encode columns of text",
        ("ordinal", "onehot", "rare_label"),
        ("feature_encoding_rare_label",),
        method="onehot",
        columns=["carrier"],
    ),
    ("POST", "transform/scaling/"): _transform(
        "Scale columns of numbers",
        ("standard", "minmax", "robust", "maxabs", "log"),
        ("feature_scaling_log",),
        method="robust",
        columns=["delay"],
    ),
    ("POST", "transform/outliers/"): _transform(
        "Cap outliers, or take their rows away",
        ("winsorize", "trim"),
        ("outlier_treatment_winsorize",),
        method="winsorize",
        columns=["delay"],
    ),
    ("POST", "transform/engineering/"): _transform(
        "Make columns of numbers from others; `operation` as the method has it",
        ("math", "relative"),
        ("feature_engineering_relative_add",),
        tuple(dict.fromkeys((*MATH_OPERATIONS, *RELATIVE_OPERATIONS))),
        method="relative",
        columns=["delay"],
        reference_columns=["delay"],
    ),
    ("GET", "operations/"): Described(
        summary="Every operation, its parameters as JSON Schema",
        tag="Operations",
        answer=schema_of(Catalogue),
        refusals=("DATASOURCE_NOT_FOUND",),
    ),
    ("POST", "operations/"): Described(
        summary="Apply any operation by its name",
        tag="Operations",
        query=SHOWN,
        body=command_body(
            ("operation",),
            operation=one_of(*DECLARED),
            parameters={"type": "object"},
        ),
        answer=schema_of(SessionBody),
        example_body={"operation": "trim_text", "parameters": {"columns": ["carrier"]}},
        refusals=(*CHANGING, *CHOOSING, *_REFUSED, "OPERATION_UNKNOWN"),
    ),
}
