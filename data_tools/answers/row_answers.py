"""Pages of rows. A missing value is null in rows, and "" in previews as existing clients expect."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta
from typing_extensions import TypedDict

from data_tools.answers.shared_values import (
    Cell,
    ColumnTypeName,
    Durable,
    PresentCell,
    Success,
    durable,
    taken,
)
from data_tools.rows.pages import Page
from data_tools.services.session_data import SessionData
from data_tools.services.time_travel_service import PastData
from session_events.events import Column

Row = Annotated[
    dict[str, Cell],
    Meta(description="A row's cells by column name, in column order; a missing one is null."),
]
PreviewRow = Annotated[
    dict[str, PresentCell], Meta(description='A row\'s cells by column name; a missing one is "".')
]


class ColumnNameAndType(TypedDict):
    name: str
    type: ColumnTypeName


class Pagination(TypedDict):
    page_number: int
    page_size: int
    total_rows: int
    filtered_rows: int
    total_pages: int
    has_next: bool
    has_previous: bool


class PageBody(Durable):
    """One page of rows: the keys that existing clients read, and ours beside them."""

    success: Success
    data: list[Row]
    totalRows: int
    page: int
    pageSize: int
    totalPages: int
    columnDefs: list[str]
    pagination: Pagination
    columns: list[ColumnNameAndType]


class Past(TypedDict):
    """What an answer made of a session's past says besides."""

    session_id: UUID
    latest_version: int
    read_only: bool


class PastPage(PageBody, Past):
    pass


def records(page: Page, columns: tuple[Column, ...]) -> list[Row]:
    """Return the rows as objects by column name, in column order."""
    names = [column.name for column in columns]
    return [dict(zip(names, row, strict=True)) for row in page.rows]


def preview(page: Page, columns: tuple[Column, ...]) -> list[PreviewRow]:
    """Return the rows as `records` does, with "" for a missing value."""
    return [
        {name: "" if value is None else value for name, value in record.items()}
        for record in records(page, columns)
    ]


def pagination(page: Page) -> Pagination:
    return taken(Pagination, page)


def column_list(columns: tuple[Column, ...]) -> list[ColumnNameAndType]:
    return [{"name": column.name, "type": column.type} for column in columns]


def page_body(data: SessionData) -> PageBody:
    page = data.page
    return {
        "success": True,
        "data": records(page, data.columns),
        "totalRows": page.filtered_rows,
        "page": page.page_number,
        "pageSize": page.page_size,
        "totalPages": page.total_pages,
        "columnDefs": [column.name for column in data.columns],
        "pagination": pagination(page),
        "columns": column_list(data.columns),
        **durable(data.session),
    }


def past_page_body(past: PastData) -> PastPage:
    return {**page_body(past.data), **of_the_past(past)}


def of_the_past(past: PastData) -> Past:
    return {
        "session_id": past.head.stream_id,
        "latest_version": past.head.position.version,
        "read_only": True,
    }
