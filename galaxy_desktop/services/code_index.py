"""Code and docs of local clones, found by words and by meaning: one index a repository, read from the folder it names.

Nothing of a clone is executed and nothing is written to it. A clone that is not there right now (a drive that comes
later) keeps its index; one that is no longer named loses it, and so does a repository that is forgotten. Code is data:
what it says is shown and cited, never followed.
"""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from galaxy_desktop.domain.code_folders import code_folders_of
from galaxy_desktop.domain.evidence import Evidence, excerpt
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import GalaxyError
from galaxy_desktop.retrieve.code_files import FileKind
from galaxy_desktop.retrieve.code_texts import place_of, symbol_of
from galaxy_desktop.retrieve.columns import Wanted
from galaxy_desktop.retrieve.index import Index, Progress
from galaxy_desktop.services.code_tests import Candidate, Target, ranked

if TYPE_CHECKING:
    from galaxy_desktop.retrieve.embed import Embedder
    from galaxy_desktop.retrieve.question import Found

logger = logging.getLogger(__name__)

LONGEST_QUERY = 4_000
CANDIDATES = 60
QUOTE_LENGTH = 160


@dataclass(frozen=True, slots=True)
class CodeHit:
    """Lines of a clone that answer: where they stand, what they define, what they say, and why they were chosen."""

    repository: str
    path: str
    first: int
    last: int
    symbol: str
    kind: str
    score: float
    text: str
    evidence: Evidence
    why: str = ""


@dataclass(frozen=True, slots=True)
class Indexed:
    """How one clone stands: how many texts it has, how many of them changed in how many seconds, or what is wrong."""

    repository: str
    folder: Path
    texts: int
    changed: int = 0
    seconds: float = 0.0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Job:
    """What an update of several clones is done with."""

    addresses: Mapping[str, str]
    now: datetime
    progress: Progress | None
    stop: StopFlag


class CodeLibrary:
    """The indexes of the clones of one profile; blocking, for the index thread."""

    def __init__(self, folder: Path, embedder: Embedder, stop: StopFlag | None = None) -> None:
        """Opens nothing yet; `folder` is made when something is indexed. The embedder belongs to whoever made it."""
        self._folder = folder
        self._embedder = embedder
        self._stop = stop or threading.Event()
        self._open: dict[str, Index] = {}

    def update(
        self,
        sources: Mapping[str, Path],
        addresses: Mapping[str, str],
        now: datetime,
        progress: Progress | None = None,
        stop: StopFlag | None = None,
    ) -> tuple[Indexed, ...]:
        """Bring the indexes up to the clones; `sources` are folders by "owner/name", `addresses` the pages of repositories.

        Raises:
            ModelError: the embedding model cannot be used; the words are indexed by then.
        """
        self.keep(sources)
        job = _Job(addresses, now, progress, stop or self._stop)
        return tuple(self._update(name, folder, job) for name, folder in sorted(sources.items()))

    def _update(self, name: str, folder: Path, job: _Job) -> Indexed:
        from galaxy_desktop.retrieve.clone import open_clone  # noqa: PLC0415 - only where a clone is indexed
        from galaxy_desktop.retrieve.code_texts import code_groups  # noqa: PLC0415 - likewise

        index, began = self._index(name), time.monotonic()
        try:
            clone = open_clone(folder, name)
        except GalaxyError as error:
            return Indexed(name, folder, index.count(), problem=str(error))
        try:
            address = job.addresses.get(name, f"https://github.com/{name}").rstrip("/")
            changed = index.update(code_groups(clone, address, job.now), stop=job.stop, progress=job.progress)
        finally:
            clone.close()
        took = time.monotonic() - began
        if changed:
            logger.info("%d texts of the clone of %s changed, %.1f s", changed, name, took)
        return Indexed(name, folder, index.count(), changed, took)

    def search(
        self,
        query: str,
        limit: int = 10,
        *,
        repositories: Collection[str] | None = None,
        kinds: Collection[str] | None = None,
    ) -> tuple[CodeHit, ...]:
        """Lines that answer a description, or are like a piece of code; best first. `kinds`: "code", "docs", "test"."""
        wanted = Wanted(kinds=None if kinds is None else frozenset(kinds))
        hits: list[CodeHit] = []
        for name in self.repositories():
            if repositories is None or name in repositories:
                found = self._index(name).search(query[:LONGEST_QUERY], limit, wanted)
                hits += [_hit(one) for one in found]
        return tuple(sorted(hits, key=lambda one: (-one.score, one.evidence.id)))[:limit]

    def similar(
        self, code: str, limit: int = 10, *, repositories: Collection[str] | None = None
    ) -> tuple[CodeHit, ...]:
        """Code like a piece of code, or like a description of some; lines that are the piece itself are left out."""
        own = " ".join(code.split())
        found = self.search(code, limit + 3, repositories=repositories, kinds=(FileKind.CODE, FileKind.TEST))
        return tuple(one for one in found if " ".join(one.text.split()) != own)[:limit]

    def tests_for(
        self, name: str, limit: int = 10, *, repositories: Collection[str] | None = None
    ) -> tuple[CodeHit, ...]:
        """Tests of a function, a class or a file, by names, imports and paths, and by meaning; one place a file, and why."""
        target = self._target(name, repositories)
        found = self.search(target.words, CANDIDATES, repositories=repositories, kinds=(FileKind.TEST,))
        candidates = [Candidate(hit.path, hit.symbol, hit.text, place) for place, hit in enumerate(found)]
        return tuple(
            CodeHit(
                found[n].repository, found[n].path, found[n].first, found[n].last, found[n].symbol, found[n].kind, score,
                found[n].text, found[n].evidence, why,
            )
            for n, score, why in ranked(target, candidates)[:limit]
        )  # fmt: skip

    def _target(self, name: str, repositories: Collection[str] | None) -> Target:
        """What is asked about: a path as it is; of a name also the files that define it."""
        bare = name.strip().strip("`'\"()")
        path, _, symbol = bare.partition(":") if re.search(r"\.\w{1,5}(:|$)", bare) else ("", "", bare)
        if path:
            return Target(symbol.strip(":"), (path,))
        last = re.split(r"[.#]|::", symbol)[-1]
        hits = self.search(symbol, CANDIDATES, repositories=repositories, kinds=(FileKind.CODE,))
        defining = [one.path for one in hits if last and last == re.split(r"[.#]|::", one.symbol)[-1]]
        return Target(last, tuple(dict.fromkeys(defining))[:3])

    # --- what there is

    def repositories(self) -> tuple[str, ...]:
        """The repositories that have an index."""
        named = (path / "repository" for path in self._folder.glob("*") if path.is_dir())
        return tuple(sorted(path.read_text(encoding="utf-8").strip() for path in named if path.is_file()))

    def count(self) -> int:
        """How many texts all indexes hold."""
        return sum(self._index(name).count() for name in self.repositories())

    def keep(self, names: Collection[str]) -> None:
        """Remove the indexes of all repositories but these from the disk."""
        for name in set(self.repositories()) - set(names):
            self.forget(name)

    def keep_but(self, names: Collection[str]) -> None:
        """Remove the indexes of these repositories from the disk."""
        for name in sorted(names):
            self.forget(name)

    def forget(self, name: str) -> None:
        """Remove the index of a repository from the disk, also where there is none."""
        index = self._open.pop(name, None)
        if index is not None:
            index.close()
        shutil.rmtree(self._place(name), ignore_errors=True)

    def stop(self) -> None:
        """Ask a running update to end after its batch; callable from any thread."""
        if isinstance(self._stop, threading.Event):
            self._stop.set()

    def close(self) -> None:
        """Close the indexes; may be called twice."""
        while self._open:
            self._open.popitem()[1].close()

    def _index(self, name: str) -> Index:
        if name not in self._open:
            place = self._place(name)
            place.mkdir(parents=True, exist_ok=True)
            (place / "repository").write_text(name, encoding="utf-8")
            self._open[name] = Index(place / "index", self._embedder)
        return self._open[name]

    def _place(self, name: str) -> Path:
        return self._folder / hashlib.sha256(name.casefold().encode()).hexdigest()[:16]


def sources_of(setting: str) -> dict[str, Path]:
    """The folders of clones by "owner/name", as the setting `code_folders` names them."""
    return {name: Path(folder).expanduser() for name, folder in code_folders_of(setting).items()}


def _hit(found: Found) -> CodeHit:
    place, text = place_of(found.text.evidence_id), found.text
    evidence = Evidence(text.evidence_id, text.kind, text.url, excerpt(text.body, QUOTE_LENGTH), text.observed_at)
    return CodeHit(
        place.repository,
        place.path,
        place.first,
        place.last,
        symbol_of(text),
        text.kind,
        found.score,
        text.body,
        evidence,
    )
