"""How pins are read. `make wheels` asks the index about them."""

from __future__ import annotations

from tests.support.pins import all_pins, pins, unpinned
from tests.support.processes import PACKAGES

REQUIREMENTS = """\
# A comment with some==1.0 in it
-c constraints.txt
Django==5.2.19  # the web framework
psycopg[binary,pool]==3.3.9  # extras
drf_orjson_renderer==1.8.0
python-dateutil==2.9.0.post0; python_version < "3.14"
"""


def test_each_pin_is_read_under_its_normalised_name() -> None:
    assert pins(REQUIREMENTS) == {
        "django": "5.2.19",
        "psycopg": "3.3.9",
        "drf-orjson-renderer": "1.8.0",
        "python-dateutil": "2.9.0.post0",
    }


def test_what_comes_along_with_another_version_or_without_a_pin_is_told() -> None:
    resolved = {"django": "5.2.19", "numpy": "2.0.0", "colorama": "0.4"}

    assert unpinned(resolved, {"django": "5.2.19", "numpy": "2.4.6"}) == [
        "colorama==0.4",
        "numpy==2.0.0",
    ]


def test_every_requirement_is_an_exact_pin() -> None:
    lines = [
        line
        for path in sorted(PACKAGES.glob("requirements*.txt"))
        for line in path.read_text().splitlines()
        if line[:1].isalnum()
    ]

    assert [line for line in lines if not pins(line)] == []
    assert len(all_pins()) > 100
