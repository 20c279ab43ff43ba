"""Which instructions of this machine's processor numpy is to leave alone.

AMD's Zen 4 has AVX-512, but packs a register into memory by microcode, and numpy's sort does so at
every step: a million doubles take 52 ms with AVX-512 and 9 ms with AVX2 (EPYC, numpy 2.4.6,
2026-11-30). numpy asks the environment when it is imported, and so do the processes started later.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

_CPU_INFO = Path("/proc/cpuinfo")
_LEFT_ALONE = "X86_V4"  # numpy's name for AVX-512


def leave_slow_instructions_alone() -> None:
    """Set numpy's variable, unless somebody did. Call it before numpy is imported."""
    try:
        first_processor, _, _ = _CPU_INFO.read_text().partition("\n\n")
    except OSError:
        return
    if is_zen_4(first_processor):
        os.environ.setdefault("NPY_DISABLE_CPU_FEATURES", _LEFT_ALONE)


def is_zen_4(cpu_info: str) -> bool:
    """Tell whether Linux describes a Zen 4: of its family, only those have AVX-512."""
    facts = dict(re.findall(r"^(\w[\w ]*?)\s*: (.*)$", cpu_info, re.MULTILINE))
    return (
        facts.get("vendor_id") == "AuthenticAMD"
        and facts.get("cpu family") == "25"
        and "avx512f" in facts.get("flags", "").split()
    )
