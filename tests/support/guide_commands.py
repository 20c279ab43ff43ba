"""What the operations guide tells to type and to configure, as its tests do it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.support.documents import ROOT

_GUIDE = ROOT / "docs" / "operations-guide.md"


def indented_blocks(heading: str, places: Mapping[str, str]) -> list[str]:
    """Return the indented blocks below a heading of the guide, in order, without the indentation.

    `places` replaces the guide's paths and names by those of a test. Each of them has to occur.
    """
    section = re.split(rf"^#+ {re.escape(heading)}$", _GUIDE.read_text(), flags=re.M)[1]
    section = re.split(r"^#+ ", section, flags=re.M)[0]
    for written, meant in places.items():
        assert written in section, f"the guide does not say {written} below “{heading}”"
        section = section.replace(written, meant)
    blocks = re.findall(r"(?:^    .*\n)+", section, flags=re.M)
    return [re.sub(r"^    ", "", block, flags=re.M) for block in blocks]
