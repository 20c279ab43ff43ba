"""The operations of a session: each is declared once, prepared against rows, compiled on read."""

from data_tools.operations.catalogue import OPERATIONS, declared
from data_tools.operations.declaration import PreparedOperation

__all__ = ["OPERATIONS", "PreparedOperation", "declared"]
