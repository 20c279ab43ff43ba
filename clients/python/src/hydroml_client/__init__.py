"""The HydroML session service from Python."""

from hydroml_client.errors import Action, NoAnswer, StudioError, Undecided
from hydroml_client.rows import Page
from hydroml_client.session import Session
from hydroml_client.studio import Dataset, Studio

__all__ = [
    "Action",
    "Dataset",
    "NoAnswer",
    "Page",
    "Session",
    "Studio",
    "StudioError",
    "Undecided",
]
