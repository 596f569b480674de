"""PySide6's curiosity about imports, switched off: it reads the source of every module that is imported after it.

Its hook looks for the text "PySide6" in each, to know where its optional spelling of names (`from __feature__ import
snake_case`) may apply. We do not use that. For the three thousand modules behind torch and sentence-transformers it
cost half a second and, because Python keeps what was read for tracebacks, 160 MB of memory for good. It is switched
off by importing the package `ui`, so that its own modules are spared too.
"""

from __future__ import annotations

import logging
import sys

import PySide6.QtCore  # noqa: F401 - brings the hook

logger = logging.getLogger(__name__)

HOOK, QUESTION = "shibokensupport.feature", "_mod_uses_pyside"


def read_no_sources() -> bool:
    """Answer the hook's question at once from now on; says whether this PySide6 asks it."""
    hook = sys.modules.get(HOOK)
    if hook is None or not hasattr(hook, QUESTION):
        logger.info("This PySide6 has no import hook that is known")
        return False
    setattr(hook, QUESTION, _no)
    return True


def _no(_module: object) -> bool:
    """No module of the program uses the optional spelling."""
    return False
