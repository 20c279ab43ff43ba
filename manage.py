#!/usr/bin/env python
"""The command line in a checkout. Where the package is installed, it is called `hydroml`."""

from hydroml.command_line import main

if __name__ == "__main__":
    main()
