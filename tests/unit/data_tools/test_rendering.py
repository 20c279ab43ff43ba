from __future__ import annotations

import pytest

from data_tools.columns import ColumnType
from data_tools.operations.casts import cast
from data_tools.operations.exceptions import SessionTooComplex
from data_tools.rows.rendering import CELLS_TO_UNPACK_FOR, MAX_NESTED_SEARCHES, SHARED_ROWS, render
from data_tools.sql.expressions import Expression, NearestValue, Stored, filled
from data_tools.sql.fragment import Sql, bound, joined, sql


def _stack(height: int, base: Expression) -> Expression:
    for value in range(height):
        base = filled(base, f"value {value}", ColumnType.TEXT)
    return base


def _length(outputs: list[Expression]) -> int:
    rendered = render(outputs, table=SHARED_ROWS)
    cells = joined(", ", rendered.cells)
    return len(sql("{layers}{cells}", layers=rendered.layers, cells=cells).text)


def test_sql__keeps_parameters_in_the_order_of_their_placeholders() -> None:
    query = sql(
        "a = {text} AND b IN ({numbers})",
        numbers=joined(", ", [bound(1), bound(2)]),
        text=bound("x'; --%s"),
    )

    assert query.text == "a = %s AND b IN (%s, %s)"
    assert query.parameters == ("x'; --%s", 1, 2)


def test_sql__indents_a_part_as_the_line_that_it_stands_in() -> None:
    part = sql(
        """
        SELECT 1
        FROM t
        """
    )

    query = sql(
        """
        SELECT *
        FROM (
            {part}
        ) AS p, ({part}) AS q
        """,
        part=part,
    )

    assert query.text == (
        "SELECT *\nFROM (\n    SELECT 1\n    FROM t\n) AS p, (SELECT 1\nFROM t) AS q"
    )
    assert query.one_line == "SELECT * FROM (SELECT 1 FROM t) AS p, (SELECT 1 FROM t) AS q"


def test_sql__refuses_a_percent_sign_and_a_part_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="bind the value"):
        sql("a LIKE 'x%'")
    with pytest.raises(KeyError):
        sql("{a} = {b}", a=Sql("a"))
    assert sql("'{{}}'").text == "'{}'"


def test_render__a_stack_is_as_long_as_its_height() -> None:
    base = Stored(position=0, type=ColumnType.TEXT)

    lengths = [_length([_stack(height, base)]) for height in (100, 200, 400, 5000)]

    assert lengths[1] < 2.1 * lengths[0]
    assert lengths[2] < 2.1 * lengths[1]
    assert lengths[3] < 13 * lengths[2]


def test_render__a_shared_stack_is_written_once() -> None:
    shared = _stack(100, Stored(position=0, type=ColumnType.TEXT))

    one = _length([shared])
    many = _length([shared] * 100)

    assert many < one + 100 * 20


def test_render__columns_that_branch_off_one_stack_stay_linear() -> None:
    """A stack on one column with a copy taken at every step: 1 + 2 + … + n would be quadratic."""

    def branches(count: int) -> list[Expression]:
        node: Expression = Stored(position=0, type=ColumnType.TEXT)
        taken = []
        for value in range(count):
            node = filled(node, str(value), ColumnType.TEXT)
            taken.append(node)
        return taken

    lengths = [_length(branches(count)) for count in (100, 200, 400)]

    assert lengths[1] < 2.2 * lengths[0]
    assert lengths[2] < 2.2 * lengths[1]


def test_render__fills_from_neighbours_stay_linear_up_to_their_limit() -> None:
    def nested(height: int) -> Expression:
        node: Expression = Stored(position=0, type=ColumnType.TEXT)
        for _ in range(height):
            node = NearestValue(type=ColumnType.TEXT, input=node, direction="earlier", limit_row=1)
        return node

    assert _length([nested(MAX_NESTED_SEARCHES)]) < 2.5 * _length(
        [nested(MAX_NESTED_SEARCHES // 2)]
    )
    with pytest.raises(SessionTooComplex):
        render([nested(MAX_NESTED_SEARCHES + 1)], table=SHARED_ROWS)


def test_cast__there_and_back_is_the_value_itself_where_nothing_was_lost() -> None:
    for column_type in (ColumnType.INTEGER, ColumnType.FLOAT, ColumnType.BOOLEAN):
        value = Stored(position=0, type=column_type)

        text = cast(value, column_type, ColumnType.TEXT)

        assert cast(text, ColumnType.TEXT, column_type) is value
        assert cast(text, ColumnType.TEXT, ColumnType.DATE) is not value
        assert cast(text, ColumnType.TEXT, column_type, all_fit=True) is value
    number = Stored(position=0, type=ColumnType.INTEGER)
    as_float = cast(number, ColumnType.INTEGER, ColumnType.FLOAT, all_fit=True)
    assert cast(as_float, ColumnType.FLOAT, ColumnType.INTEGER) is number
    with_misfits = cast(number, ColumnType.INTEGER, ColumnType.FLOAT)
    assert cast(with_misfits, ColumnType.FLOAT, ColumnType.INTEGER) is not number
    time = Stored(position=0, type=ColumnType.DATETIME)
    text = cast(time, ColumnType.DATETIME, ColumnType.TEXT)
    assert cast(text, ColumnType.TEXT, ColumnType.DATETIME) is not time


def test_render__a_row_of_many_cells_is_unpacked_once() -> None:
    cells = [Stored(position=at, type=ColumnType.INTEGER) for at in range(CELLS_TO_UNPACK_FOR)]

    rendered = render(cells, table=SHARED_ROWS)
    beside_others = render(cells[:1], table=SHARED_ROWS, other_cells=CELLS_TO_UNPACK_FOR - 1)

    for one in (rendered, beside_others):
        assert one.layers.text.count('r0."values"') == 1
        assert not any('r0."values"' in cell.text for cell in (one.values, *one.cells))
    assert render(cells[1:], table=SHARED_ROWS).layers.text == ""
