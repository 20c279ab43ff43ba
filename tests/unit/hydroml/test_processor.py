"""numpy leaves the instructions alone that are slow on this machine's processor, and no others."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from hydroml.processor import is_zen_4

ZEN_4 = """processor	: 0
vendor_id	: AuthenticAMD
cpu family	: 25
model		: 17
model name	: AMD EPYC
flags		: fpu vme avx avx2 avx512f avx512dq
"""


@pytest.mark.parametrize(
    ("cpu_info", "expected"),
    [
        (ZEN_4, True),
        (ZEN_4.replace(" avx512f avx512dq", ""), False),  # Zen 3
        (ZEN_4.replace(": 25", ": 26"), False),  # Zen 5
        (ZEN_4.replace("AuthenticAMD", "GenuineIntel"), False),
        ("Processor	: AArch64\n", False),
        ("", False),
    ],
)
def test_a_zen_4_is_told_from_other_processors(cpu_info: str, *, expected: bool) -> None:
    assert is_zen_4(cpu_info) is expected


def test_numpy_is_imported_without_a_warning() -> None:
    """It warns of a name that it does not know, as another version of it may."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NPY_")}
    import_both = [sys.executable, "-W", "error", "-c", "import hydroml, numpy"]

    subprocess.run(import_both, check=True, env=environment)
