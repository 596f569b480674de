"""Fetching one file: resumed after every break, checked before it gets its name.

The promise: whatever the servers, the network and the power do, under the final name lies either exactly the file that
was wanted or nothing. A file is exact when its SHA-256 is the published one. Of a file that nobody published a hash of
(a person's own address), the length that the server told must be right, and a GGUF must be as long as its own table of
tensors says.

The addresses are tried in order. One that says no, or sends wrong bytes, is not asked again in this run; one that broke
off is tried again after a pause, and the pauses begin anew whenever bytes came. What is there already is gone on with
where it is certain to be the same file: at the same address by its ETag or date (`If-Range`), and at another one if the
hash of the whole is known. Where pieces of several connections make a wrong whole, it is fetched once more in one go
before the address is blamed.

How bytes travel is somebody else's business: a `Transport` is handed in, and it is what passes the program's door.
"""

from __future__ import annotations

import errno
import logging
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import (
    BrokenAnswerError,
    CancelledByUserError,
    GalaxyError,
    ModelError,
    NetworkOffError,
    OfflineError,
    RefusedError,
    StoreError,
)
from galaxy_desktop.reason.download_answers import (
    NO_ACCOUNT,
    AskedToWaitError,
    Asking,
    OtherPieceError,
    Plan,
    is_all,
    no_room,
    plan_of,
)
from galaxy_desktop.reason.gguf import MAGIC, read_header
from galaxy_desktop.reason.pace import Pace
from galaxy_desktop.reason.part_file import Origin, PartFile

logger = logging.getLogger(__name__)

WAITS_S = (1.0, 4.0, 16.0, 60.0)
"""The pauses before another round of the addresses."""
KEPT_FREE = 500_000_000
"""So much of the disk is left to others."""
LOOK_EVERY = 64_000_000
"""After so many bytes the free space is looked at again."""
CHECKING, FETCHING, WAITING = "checking what is here", "downloading", "waiting"


class Answer(Protocol):
    """A server's answer, whose body is read piece by piece."""

    @property
    def status(self) -> int:
        """The status, never one of a redirect."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers, their names in lower case."""
        ...

    @property
    def host(self) -> str:
        """Who answered, after redirects."""
        ...

    @property
    def promised_sha256(self) -> str:
        """The hash of the whole file as the server told it, "" when it did not."""
        ...

    def read(self, most: int) -> bytes:
        """The next bytes, b"" at the end; raises a `GalaxyError` when the connection breaks."""
        ...

    def close(self) -> None:
        """Let go of it; what was not read will not be."""
        ...


class Transport(Protocol):
    """The way to servers: announced, counted, through the proxy, with redirects followed."""

    def ask(self, url: str, headers: Mapping[str, str]) -> Answer:
        """The answer to a request; raises `NetworkOffError`, `OfflineError`, `RefusedError`, `BrokenAnswerError`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One file: where it goes, where it may come from, and what it must be (0 and "" where that is not known)."""

    target: Path
    urls: tuple[str, ...]
    bytes: int = 0
    sha256: str = ""

    @property
    def name(self) -> str:
        """What it is called in sentences."""
        return self.target.name


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """How far a file is; `host` is who is asked, `sentence` why it waits."""

    stage: str
    done: int
    total: int = 0
    host: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A file that is whole now."""

    path: Path
    bytes: int
    sha256: str


Told = Callable[[News], None]


def free_bytes(folder: Path) -> int:
    """Free space where a folder is, or will be made."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a download works with: the way out, the pace, the stop flag, and who is told."""

    transport: Transport
    pace: Pace
    stop: StopFlag
    told: Told = lambda news: None
    free: Callable[[Path], int] = free_bytes


@dataclass
class _Tries:
    """Which addresses are still worth asking, and why the last one failed."""

    left: list[str]
    restart: set[str] = field(default_factory=set)
    """Addresses that are asked for the whole next time."""
    mixed: set[str] = field(default_factory=set)
    """Addresses at which pieces made a wrong whole once."""
    why: GalaxyError | None = None
    refusal: GalaxyError | None = None


class FileDownload:
    """One file on its way here; blocking, for one thread."""

    def __init__(self, wanted: Wanted, means: Means) -> None:
        """Touches nothing yet."""
        self._wanted = wanted
        self._means = means
        self._part = PartFile(wanted.target)
        self._tries = _Tries(list(wanted.urls))

    def run(self) -> Fetched:
        """Fetch it to the end.

        Raises:
            CancelledByUserError: the stop flag was set; what came is kept.
            NetworkOffError: the network was switched off; likewise.
            RefusedError: no address gives it, or all send something else.
            OfflineError: no address can be reached.
            BrokenAnswerError: they break off again and again; what came is kept.
            StoreError: the disk is full or cannot be written.
        """
        rounds, furthest = 0, self._part.have
        try:
            while True:
                found, asked_to_wait = self._round()
                if found is not None:
                    return found
                if (have := self._part.have) > furthest:
                    rounds, furthest = 0, have
                if not self._tries.left or rounds >= len(WAITS_S):
                    raise self._tries.refusal or self._tries.why or RefusedError(self._nowhere())
                self._wait(max(WAITS_S[rounds], asked_to_wait))
                rounds += 1
        except OSError as error:
            raise self._disk_error(error) from error
        finally:
            self._part.close()

    def _round(self) -> tuple[Fetched | None, float]:
        """Try each address once; the file, or how long one of them wants us to wait."""
        wait = 0.0
        for url in tuple(self._tries.left):
            self._look_at_flags()
            try:
                return self._try(url), 0.0
            except NetworkOffError:
                raise
            except AskedToWaitError as error:
                wait, self._tries.why = max(wait, error.seconds), error
            except OtherPieceError as error:
                self._tries.restart.add(url)
                self._tries.why = error
            except (BrokenAnswerError, OfflineError) as error:
                self._tries.why = error
            except (RefusedError, ModelError) as error:
                self._tries.left.remove(url)
                self._tries.refusal = error
            logger.info("A download did not come to its end: %s", self._tries.why or self._tries.refusal)
            self._part.close()
        return None, wait

    def _try(self, url: str) -> Fetched:
        """One address, from where we are to the end."""
        origin, begin = self._standing(url)
        if begin:
            self._means.told(News(stage=CHECKING, done=0, total=begin))
            self._part.catch_up(
                self._means.stop, lambda at: self._means.told(News(stage=CHECKING, done=at, total=begin))
            )
        in_one_go = False
        if not (begin and begin == self._wanted.bytes):
            origin, in_one_go = self._fetch(url, origin, begin)
        return self._finished(url, origin, in_one_go=in_one_go)

    def _standing(self, url: str) -> tuple[Origin, int]:
        """What is known of the part file, and from which byte on this address is asked."""
        wanted, have, origin = self._wanted, self._part.have, self._part.origin
        sure = origin is not None and ((origin.url == url and bool(origin.validator)) or bool(wanted.sha256))
        too_long = wanted.bytes and have > wanted.bytes
        if origin is None or not sure or too_long or url in self._tries.restart:
            return Origin(), 0
        return origin, have

    def _fetch(self, url: str, origin: Origin, begin: int) -> tuple[Origin, bool]:
        """Receive from `begin` to the end; where it came from, and whether all of it came in one go."""
        headers = {"Range": f"bytes={begin}-"} if begin else {}
        if begin and origin.url == url and origin.validator:
            headers["If-Range"] = origin.validator
        answer = self._means.transport.ask(url, headers)
        try:
            asked = Asking(name=self._wanted.name, host=answer.host, begin=begin, bytes=self._wanted.bytes)
            if is_all(asked, answer.status, answer.headers):
                return origin, False
            plan = plan_of(asked, answer.status, answer.headers)
            if plan.begin and origin.url == url and origin.total and plan.total and plan.total != origin.total:
                raise OtherPieceError(f"{answer.host} has another {self._wanted.name} now.")
            fresh = self._origin(url, answer, plan, origin)
            self._check_room(plan)
            self._part.begin(fresh, plan.begin)
            self._tries.restart.discard(url)
            self._receive(answer, plan)
            return fresh, plan.begin == 0
        finally:
            answer.close()

    @staticmethod
    def _origin(url: str, answer: Answer, plan: Plan, before: Origin) -> Origin:
        same = plan.begin > 0
        return Origin(
            url=url,
            etag=answer.headers.get("etag", ""),
            modified=answer.headers.get("last-modified", ""),
            total=plan.total,
            sha256=answer.promised_sha256 or (before.sha256 if same else ""),
        )

    def _receive(self, answer: Answer, plan: Plan) -> None:
        """Write what comes; what came is counted as soon as it is in the file."""
        done, looked, total = plan.begin, plan.begin, plan.total or self._wanted.bytes
        first = b"" if plan.begin == 0 else MAGIC
        while piece := answer.read(self._means.pace.piece):
            self._look_at_flags()
            if len(first) < len(MAGIC):
                first = (first + piece)[: len(MAGIC)]
                self._check_beginning(first, answer.host)
            if total and done + len(piece) > total:
                raise OtherPieceError(f"{answer.host} sent more of {self._wanted.name} than there is.")
            self._part.write(piece)
            done += len(piece)
            self._means.told(News(stage=FETCHING, done=done, total=total, host=answer.host))
            if done - looked >= LOOK_EVERY:
                looked = done
                self._check_room(Plan(begin=done, total=total))
            self._means.pace.took(len(piece))
        self._look_at_flags()  # a connection that was ended on purpose ends like one that is through
        if total and done < total:
            raise BrokenAnswerError(
                f"The connection to {answer.host} broke off at {done:,} of {total:,} bytes of {self._wanted.name}."
            )

    def _check_beginning(self, first: bytes, host: str) -> None:
        """Notice with the first bytes that something else comes: a web page need not be fetched to its end."""
        if self._wanted.target.suffix == ".gguf" and not MAGIC.startswith(first):
            raise RefusedError(
                f"{host} sent something else than a model under the name {self._wanted.name}. {NO_ACCOUNT}"
            )

    def _finished(self, url: str, origin: Origin, *, in_one_go: bool) -> Fetched:
        """Check the whole, and give it its name."""
        wanted, part, have = self._wanted, self._part, self._part.have
        part.catch_up(self._means.stop, lambda at: self._means.told(News(stage=CHECKING, done=at, total=have)))
        found, expected = part.sha256, wanted.sha256 or origin.sha256
        host = urlsplit(url).netloc.rpartition("@")[2]
        if (expected and found != expected) or (wanted.bytes and have != wanted.bytes):
            part.forget()
            if not in_one_go and url not in self._tries.mixed:
                self._tries.mixed.add(url)
                raise BrokenAnswerError(f"The pieces of {wanted.name} do not belong together. It is fetched anew.")
            raise RefusedError(
                f"{host} sent wrong bytes for {wanted.name}: its SHA-256 is not the expected one. Nothing was kept. "
                f"{NO_ACCOUNT}"
            )
        if wanted.target.suffix == ".gguf":
            try:
                read_header(part.path)
            except ModelError:
                part.forget()
                raise
        part.finish()
        return Fetched(path=wanted.target, bytes=have, sha256=found)

    def _look_at_flags(self) -> None:
        if self._means.stop.is_set():
            raise CancelledByUserError("Stopped.")

    def _wait(self, seconds: float) -> None:
        why = str(self._tries.why or "")
        news = News(stage=WAITING, done=self._part.have, total=self._wanted.bytes, sentence=why)
        self._means.told(replace(news, sentence=f"{why} Next try in {seconds:.0f} s."))
        self._means.pace.wait(seconds)
        self._look_at_flags()

    def _check_room(self, plan: Plan) -> None:
        folder = self._wanted.target.parent
        missing = max(0, (plan.total or self._wanted.bytes) - plan.begin) + KEPT_FREE
        free = self._means.free(folder)
        if free < missing:
            raise StoreError(no_room(str(folder), missing, free))

    def _disk_error(self, error: OSError) -> StoreError:
        folder = self._wanted.target.parent
        if error.errno == errno.ENOSPC:
            missing = max(0, self._wanted.bytes - self._part.have) + KEPT_FREE
            return StoreError(no_room(str(folder), missing, self._means.free(folder)))
        return StoreError(
            f"The folder {folder} cannot be written ({error.strerror or error}). Check who may write there."
        )

    def _nowhere(self) -> str:
        return f"There is no address from which {self._wanted.name} could be downloaded. Import the file instead."
