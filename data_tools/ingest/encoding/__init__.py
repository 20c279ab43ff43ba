"""The character encoding of a text file: said by its owner, shown by its bytes, or guessed."""

from data_tools.ingest.encoding.known_encoding import Encoding, detect_encoding

__all__ = ["Encoding", "detect_encoding"]
