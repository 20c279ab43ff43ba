"""Why rows cannot be written as a file of the kind that was asked for."""

from __future__ import annotations

from data_tools.exceptions import RequestRejected


class ExportDoesNotFit(RequestRejected):
    """The rows do not fit into a file of that kind. Choose another format or encoding."""

    code = "EXPORT_DOES_NOT_FIT"
