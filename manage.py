#!/usr/bin/env python
"""Django's command line for HydroML."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hydroml.settings")
    from django.core.management import execute_from_command_line

    from hydroml.embedded_postgres import ensure_configured_database

    ensure_configured_database()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
