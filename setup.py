"""The package's dependencies are the lines of requirements.txt.

`pyproject.toml` has everything else. It could name that file itself, were there no `-c` in it.
"""

from pathlib import Path

from setuptools import setup

LINES = Path(__file__).with_name("requirements.txt").read_text().splitlines()

setup(install_requires=[line.partition("  #")[0] for line in LINES if line[:1].isalnum()])
