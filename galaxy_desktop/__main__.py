"""`python -m galaxy_desktop` is `galaxy-desktop`, and where the built program starts.

A library that wants a process of its own starts the built program again with words for `multiprocessing`: without the
call below that would be a second window.
"""

from __future__ import annotations

import sys

from galaxy_desktop.cli import main

if __name__ == "__main__":
    if getattr(sys, "frozen", False):
        import multiprocessing

        multiprocessing.freeze_support()
    sys.exit(main())
