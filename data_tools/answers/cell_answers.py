"""The answer with one whole cell."""

from __future__ import annotations

from data_tools.answers.session_answers import Past
from data_tools.answers.shared_values import (
    Cell,
    ColumnTypeName,
    Durable,
    Success,
    durable,
)
from data_tools.services import cell_service


class CellBody(Durable):
    """`row` is its row's place, from 1, among all rows that are shown; a missing value is null."""

    success: Success
    row: int
    column: str
    key: str
    type: ColumnTypeName
    value: Cell


class PastCell(CellBody, Past):
    pass


def cell_body(cell: cell_service.Cell) -> CellBody | PastCell:
    body: CellBody = {
        "success": True,
        "row": cell.row,
        "column": cell.column.name,
        "key": cell.column.key,
        "type": cell.column.type,
        "value": cell.value,
        **durable(cell.session),
    }
    if cell.past_head is None:
        return body
    return {
        **body,
        "session_id": cell.past_head.stream_id,
        "latest_version": cell.past_head.position.version,
        "read_only": True,
    }
