"""Why a back-up was not made or not restored."""


class BackUpError(Exception):
    """The back-up was not made, or not restored; the message says why and what to do."""
