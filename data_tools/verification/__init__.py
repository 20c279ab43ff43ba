"""Verify everything that a server stores, as after a restore, in bounded memory.

Each module has one check. They may run while the service is in use: what a check finds wrong it
looks at once more, since it may have been changed or removed meanwhile.
"""
