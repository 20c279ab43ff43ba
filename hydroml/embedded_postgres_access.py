"""Who may connect to the embedded PostgreSQL, and what its log keeps."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from hydroml import database_log
from hydroml.embedded_postgres_home import Account

MAP = "hydroml"
# What a version before the settings of `database_log` wrote may hold values.
_MARK = "no-values-logged"


def settings(home: Path) -> tuple[str, ...]:
    """Return the server's settings, each as ``name=value``."""
    return (
        "listen_addresses=",
        "unix_socket_permissions=0700",
        f"hba_file={home / 'access.conf'}",
        f"ident_file={home / 'accounts.conf'}",
        *(f"{name}={value}" for name, value in database_log.SETTINGS.items()),
    )


def write(home: Path, account: Account) -> None:
    """Write which accounts of the machine may connect, for a server that is about to start.

    They are root and the server's own account, unless others share that. The kernel says who
    connects, so there is no secret.
    """
    names = {_name_of(0), _name_of(os.geteuid())}
    if not account.is_shared:
        names.add(_name_of(account.uid))
    accounts = "".join(f'{MAP} "{name}" all\n' for name in sorted(names))
    for file, text in (
        ("access.conf", f"local all all peer map={MAP}\n"),
        ("accounts.conf", accounts),
    ):
        path = home / file
        path.write_text(text)
        os.chown(path, -1, account.gid)
        path.chmod(0o640)


def forget_what_was_logged(home: Path) -> None:
    """Empty the log of an earlier version, once. See Note [No values in the server's log] in
    `database_log`.
    """
    mark, log = home / _MARK, home / "server.log"
    if not mark.exists():
        if log.exists():
            os.truncate(log, 0)
        mark.touch()


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
