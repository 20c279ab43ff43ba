"""Commands that become another program: the server, a worker, the scheduler.

So one command line starts everything, with one `.env`, and a wrong setting is one sentence; and
whatever supervises the process (systemd, a container) signals the program itself.
"""

from __future__ import annotations

import os
import sys
from typing import ClassVar

from django.core.management.base import BaseCommand

from hydroml.home import PACKAGES

# gunicorn reads these by itself, and takes an empty one for a value. Other empty variables stay, or
# the program would read them from `.env`, while `NAME=` before the command says that it is unset.
_MISREAD_WHEN_EMPTY = ("WEB_CONCURRENCY", "FORWARDED_ALLOW_IPS")


class Program(BaseCommand):
    """Become `python -m` the `module`, with what follows the command's name as its arguments."""

    requires_system_checks = ()
    module: ClassVar[tuple[str, ...]]

    def prepare(self) -> None:
        """Do what has to be done before. Nothing, unless a program says otherwise."""

    def run_from_argv(self, argv: list[str]) -> None:
        """Hand over to the program, which reads its own arguments: `--help` is its own, too."""
        self.prepare()
        sys.stdout.flush()
        environment = dict(os.environ)
        for name in _MISREAD_WHEN_EMPTY:
            if not environment.get(name):
                environment.pop(name, None)
        # `python -m` looks for modules in the working directory, which need not be the checkout.
        given = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PACKAGES), given]))
        command = [sys.executable, "-m", *self.module, *argv[2:]]
        os.execve(sys.executable, command, environment)
