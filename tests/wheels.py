"""`make wheels`: every pin has a wheel for every Python that the service runs on.

Asks the package index, so it needs a network; it installs nothing. Fails where a wheel is missing,
or where a package comes along that nothing pins.
"""

from __future__ import annotations

import sys

from tests.support import pins


def main() -> None:
    is_whole, pinned = True, pins.all_pins()
    for python in pins.PYTHONS:
        for platform in pins.PLATFORMS:
            try:
                resolved = pins.resolve(python=python, platform=platform)
            except pins.WheelMissing as error:
                is_whole, said = False, str(error)
            else:
                unpinned = pins.unpinned(resolved, pinned)
                is_whole = is_whole and not unpinned
                said = f"{len(resolved)} wheels" + "".join(f"; not pinned: {x}" for x in unpinned)
            print(f"Python {python} on {platform}: {said}", flush=True)
    sys.exit(not is_whole)


if __name__ == "__main__":
    main()
