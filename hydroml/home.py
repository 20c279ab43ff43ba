"""The folder in which the service is at home: its `.env` is read, and its files are written there.

In a checkout it is the checkout. Installed as a package, it is the folder that the command is run
in, unless HYDROML_HOME names another: `site-packages` is no place for either. Importing this module
reads `.env`, so whoever reads variables imports it first.
"""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from hydroml import env

PACKAGES = Path(__file__).resolve().parent.parent  # the checkout, or `site-packages`


def find_home(*, packages: Path = PACKAGES) -> Path:
    """Return the folder, given the one that the packages are in.

    Raises:
        ImproperlyConfigured: HYDROML_HOME is no folder.
    """
    if named := env.text("HYDROML_HOME", ""):
        if not Path(named).is_dir():
            raise ImproperlyConfigured(f"HYDROML_HOME must be a folder, but is {named!r}")
        return Path(named).resolve()
    return packages if (packages / "manage.py").exists() else Path.cwd()


HOME = find_home()
env.read_file(HOME / ".env")
VAR_DIR = HOME / env.text("VAR_DIR", "var")  # everything the service writes, unless told otherwise
