"""Inspect the log, for operators. Nothing here writes or changes an event."""
