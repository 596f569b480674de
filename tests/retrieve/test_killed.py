"""A process that is killed in the middle of an update leaves an index that goes on where it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from galaxy_desktop.retrieve.index import BATCH, Index
from galaxy_desktop.retrieve.texts import Group, Text

DYING = """
import os, signal, sys
from functools import partial
from pathlib import Path
from datetime import UTC, datetime
from galaxy_desktop.retrieve.index import Index
from galaxy_desktop.retrieve.texts import Group, Text
SEEN = datetime(2026, 5, 1, 8, tzinfo=UTC)
class Dying:
    name = "hashing"
    def __init__(self): self.batches = 0
    def encode(self, texts):
        self.batches += 1
        if self.batches == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        return [[1.0] + [0.0] * 63 for _ in texts]
    def rest(self): return False
    def close(self): pass
def text(n):
    one = f"issue:o/r#{n}"
    return Text(id=one, item=one, evidence_id=one, kind="issue", repository="o/r", title=f"About topic{n}", body="",
                url="https://x", said_at=SEEN, changed_at=SEEN, observed_at=SEEN)
texts = [text(n) for n in range(int(sys.argv[3]))]
Index(Path(sys.argv[1]), Dying()).update([Group(t.id, t.digest, partial(tuple, (t,))) for t in texts])
"""


def _groups(make: SimpleNamespace, count: int) -> list[Group]:
    def text(number: int) -> Text:
        one = f"issue:o/r#{number}"
        said = {"said_at": make.seen, "changed_at": make.seen, "observed_at": make.seen}
        return Text(
            id=one, item=one, evidence_id=one, kind="issue", repository="o/r", title=f"About topic{number}", body="",
            url="https://x", **said,
        )  # fmt: skip

    found: list[Group] = make.groups([text(number) for number in range(count)])
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_kill_between_batches_loses_none_and_doubles_none(
    tmp_path: Path, embedder: Any, make: SimpleNamespace
) -> None:
    count = 4 * BATCH
    words = [sys.executable, "-c", DYING, str(tmp_path), "3", str(count)]
    assert subprocess.run(words, check=False).returncode == -9
    index = Index(tmp_path, embedder)
    groups = _groups(make, count)
    assert index.update(groups) == 2 * BATCH
    assert (index.count(), index._own(len)) == (count, count)
    assert "issue:o/r#200" in [one.evidence.id for one in index.search("topic200", 3)]
    assert index.update(groups) == 0
    index.close()
