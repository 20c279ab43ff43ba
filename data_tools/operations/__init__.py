"""The operations of a session: each is declared once, prepared against rows, compiled on read.

`catalogue` lists them all and says how to add one.
"""

from data_tools.operations.catalogue import OPERATIONS, require_operation
from data_tools.operations.declaration import PreparedOperation

__all__ = ["OPERATIONS", "PreparedOperation", "require_operation"]
