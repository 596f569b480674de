"""Whether a window holds a profile: its index and its language model are then left to it.

The window keeps a lock file in the folder of the profile, with the number of its process on the first line (Qt's
`QLockFile`). A command looks at it without Qt, and without taking it.
"""

from __future__ import annotations

from pathlib import Path

import psutil

FILE = "window.lock"


def window_open(folder: Path) -> bool:
    """Whether the window of the profile in this folder is open; a file that a crashed one left behind does not count."""
    try:
        first = (folder / FILE).read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip()
    except OSError:
        return False
    return first.isdecimal() and psutil.pid_exists(int(first))
