"""What GitHub really answered: the exchanges that PyGithub recorded for its own tests, read from its source archive.

They are fetched once a computer into the cache of this folder's other tools; PyGithub is under the LGPL and nothing
of it is copied into the project.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path

from installer.lock import alone
from tests.contracts.node import cache_folder

RELEASE = "PyGithub==2.10.0"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One recorded exchange; `headers` are those of the answer, with names in lower case."""

    test: str
    method: str
    path: str
    status: int
    headers: dict[str, str]
    body: str

    @property
    def year(self) -> int:
        """When it was recorded."""
        return parsedate_to_datetime(self.headers["date"]).year if "date" in self.headers else 0


def archive() -> Path:
    """The source archive, fetched if it is not there yet; whole or not at all."""
    folder = cache_folder().with_name(RELEASE)
    with alone(folder.with_name(f"{folder.name}.lock"), lambda: None):
        if not folder.is_dir():
            part = folder.with_name(f"{folder.name}.part")
            shutil.rmtree(part, ignore_errors=True)
            _download(part)
            part.rename(folder)
    (found,) = folder.glob("*.tar.gz")
    return found


def _download(folder: Path) -> None:
    words = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "--dest", str(folder), RELEASE]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        raise RuntimeError(f"pip could not fetch the source of {RELEASE}:\n{done.stderr[-2000:]}")


def exchanges() -> Iterator[Exchange]:
    """Every recorded exchange, file by file.

    One takes at least ten lines: scheme, method, host, port, path, headers and body of the request; then status,
    headers and body of the answer.
    """
    with tarfile.open(archive()) as source:
        for member in source:
            if "/ReplayData/" in member.name and member.name.endswith(".txt"):
                text = source.extractfile(member)
                assert text is not None
                yield from _of_file(Path(member.name).stem, text.read().decode("utf-8"))


def _of_file(name: str, text: str) -> Iterator[Exchange]:
    for block in re.split(r"\n+(?=https?\n[A-Z]+\n)", text.strip("\n")):
        lines = block.split("\n")
        answers = (n for n in range(6, len(lines) - 1) if lines[n].isdigit() and lines[n + 1].startswith("["))
        answer = next(answers, None)
        if answer is None:
            continue  # two were written by hand, without headers
        headers = {key.lower(): value for key, value in ast.literal_eval(lines[answer + 1])}
        yield Exchange(name, lines[1], lines[4], int(lines[answer]), headers, "\n".join(lines[answer + 2 :]))
