"""What PySide6 reads when other modules are imported: nothing any more."""

from __future__ import annotations

import subprocess
import sys

ASK = """
import linecache, sys
import PySide6.QtCore
{line}
import colorsys, tabnanny
print(sum(name.endswith(("colorsys.py", "tabnanny.py")) for name in linecache.cache))
"""


def _sources_read(line: str) -> int:
    words = [sys.executable, "-c", ASK.format(line=line)]
    return int(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


def test_this_pyside_has_the_hook_that_is_switched_off() -> None:
    assert _sources_read("import galaxy_desktop.ui") == 0


def test_without_that_it_reads_the_source_of_every_module() -> None:
    assert _sources_read("") == 2
