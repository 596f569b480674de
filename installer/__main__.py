"""`python3 installer run|test|setup|doctor`, from the project's folder.

This file is all that a Python too old for the rest ever reads, so it is written for Python 3.8 and looks at
the version before it imports anything of ours.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

OLDEST = (3, 11)
NEWEST = (3, 13)


def wrong_python(major: int, minor: int) -> str:
    """What to tell a person whose Python cannot run the program; empty when it can."""
    if OLDEST <= (major, minor) <= NEWEST:
        return ""
    return (
        f"Galaxy Desktop needs Python 3.11, 3.12 or 3.13; this is Python {major}.{minor}. "
        "Install one of them from python.org or with your system's package manager, "
        "then run the same command with it, for example: python3.12 installer run"
    )


def main() -> int:
    """Check the Python version, then hand over to the command."""
    problem = wrong_python(sys.version_info[0], sys.version_info[1])
    if problem:
        sys.stderr.write(problem + "\n")
        return 2
    # Run as a folder, Python puts `installer/` itself on the path; our imports start one level above.
    here = Path(__file__).resolve().parent
    sys.path[:] = [str(here.parent)] + [p for p in sys.path if not p or Path(p).resolve() != here]
    return int(importlib.import_module("installer.command").main(sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())
