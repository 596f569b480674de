"""New databases by copying one that was migrated once: the same file, twenty times sooner.

Each test still opens its store through the program's own `migrate`, which finds the copy current. What a migration does
is proven in test_migrate.py, with the real one.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store import database
from galaxy_desktop.store.database import Store


@contextmanager
def copied_databases(folder: Path) -> Iterator[None]:
    """Within it a store that is opened where there is no file begins with a copy of a migrated one, made in `folder`."""
    master = DataFolder(folder).make()
    Store.open(master).close()
    real = database.migrate

    def copy_first(engine: Engine, wanted: DataFolder) -> None:
        if not wanted.database.exists():
            whole = wanted.database.with_suffix(f".{threading.get_ident()}")
            shutil.copyfile(master.database, whole)
            whole.rename(wanted.database)  # nobody opens half a copy
        real(engine, wanted)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "migrate", copy_first)
        yield
