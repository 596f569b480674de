"""`python -m galaxy_desktop` is `galaxy-desktop`."""

from __future__ import annotations

import sys

from galaxy_desktop.cli import main

if __name__ == "__main__":
    sys.exit(main())
