"""What is done with the files of a model on this computer: fetched, taken in, checked, put aside, removed.

A model may be several files. Each gets its name only when it is right, so a file of the right size was checked once;
`verify` reads it again, because disks and people change files. What is damaged is put aside under `NAME.damaged` rather
than deleted: a person may want to look at it, and nothing loads it.

A file from elsewhere is judged by its header before a byte of it is copied. When its hash turns out to be that of a
model of the catalog, it becomes that model: a colleague's copy on a stick is as good as a download.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import CancelledByUserError, ModelError, StoreError
from galaxy_desktop.reason.catalog import DAMAGED, Catalog, Entry, File
from galaxy_desktop.reason.download_answers import no_room
from galaxy_desktop.reason.downloads import KEPT_FREE, FileDownload, Means, News, Wanted, free_bytes
from galaxy_desktop.reason.gguf import NotWholeError, check_usable, parse, read_header
from galaxy_desktop.reason.memory_need import need_of
from galaxy_desktop.reason.own_models import OwnModels, file_name_from, name_from, own_entry
from galaxy_desktop.reason.part_file import PartFile

logger = logging.getLogger(__name__)

CHUNK = 1 << 20
INCOMING = ".incoming"
COPYING, READING = "copying", "checking"
EARLY_LOOKS = (1_000_000, 4_000_000, 16_000_000, 64_000_000)
"""After so many bytes the header of a person's own model is tried: why fetch 5 GB that cannot be used?"""

Progress = Callable[[News], None]


class ModelDownload:
    """All files of one model on their way here; blocking, for one thread."""

    def __init__(self, catalog: Catalog, entry: Entry, mirrors: tuple[str, ...], means: Means) -> None:
        """Touches nothing yet; `means.told` hears of the bytes of all files together."""
        self._catalog = catalog
        self._entry = entry
        self._mirrors = mirrors
        self._means = means
        self._before = 0
        self._looked = 0

    def run(self) -> Entry:
        """Fetch what is missing; the entry as it is known then. Raises what `FileDownload.run` does."""
        entry = self._entry
        for file in entry.files:
            path = self._catalog.path_of(entry.name, file)
            if not (file.bytes and path.is_file() and path.stat().st_size == file.bytes):
                entry = self._fetch(entry, file, path)
            self._before += file.bytes
        return entry

    def _fetch(self, entry: Entry, file: File, path: Path) -> Entry:
        wanted = Wanted(target=path, urls=entry.addresses(file, self._mirrors), bytes=file.bytes, sha256=file.sha256)
        means = replace(self._means, told=lambda news: self._tell(news, path))
        found = FileDownload(wanted, means).run()
        path.with_name(path.name + DAMAGED).unlink(missing_ok=True)
        if not entry.own:
            return entry
        known = _with_file(entry, path, found.bytes, found.sha256)
        OwnModels(self._catalog.folder).keep(known)
        return known

    def _tell(self, news: News, path: Path) -> None:
        whole = self._entry.bytes or news.total
        self._means.told(replace(news, done=self._before + news.done, total=whole))
        self._look_early(news, path)

    def _look_early(self, news: News, path: Path) -> None:
        """Refuse a model that cannot be used as soon as its header is here."""
        due = [mark for mark in EARLY_LOOKS if self._looked < mark <= news.done]
        if not self._entry.own or not due or not news.total:
            return
        self._looked = due[-1]
        part = PartFile(path)
        with part.path.open("rb") as file:
            try:
                check_usable(parse(file, news.total, path.name), self._entry.title)
            except NotWholeError:
                return  # the header is longer than what is here
            except ModelError:
                part.forget()
                raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """What an import works with: who may stop it, who hears of it, and the day it is done on."""

    stop: StopFlag
    told: Progress = lambda news: None
    free: Callable[[Path], int] = free_bytes
    today: str = ""


def take_in(source: Path, catalog: Catalog, taking: Taking, *, name: str = "", link: bool = False) -> Entry:
    """Make a file from elsewhere a model of this computer; the entry it became.

    Args:
        source: a GGUF.
        catalog: the models that are known; the file goes into its folder.
        taking: the means.
        name: what to call it; "" for a name made from that of the file.
        link: let both names mean the same bytes where the disk can do that, instead of copying.

    Raises:
        ModelError: it is no model that can be used, it is damaged, or it is here already.
        StoreError: there is no room, or the folder cannot be written.
        CancelledByUserError: the stop flag was set; nothing was kept.
    """
    header = read_header(source)
    check_usable(header, source.name)
    staged = catalog.folder / INCOMING / f"{os.getpid()}.gguf"
    try:
        size = source.stat().st_size
        sha256 = _linked(source, staged, taking) if link else None
        if sha256 is None:
            _check_room(catalog.folder, size, taking)
            sha256 = _copied(source, staged, taking)
        entry = _entry_for(source, header.title, catalog, today=taking.today, sha256=sha256, size=size, name=name)
        target = catalog.folder / entry.name / entry.files[0].path
        target.parent.mkdir(parents=True, exist_ok=True)
        if entry.own:
            entry = _with_file(entry, staged, size, sha256)  # reads what was copied, not what lay there when we began
        staged.replace(target)
        if entry.own:
            OwnModels(catalog.folder).keep(entry)
        forget_begun(catalog, entry)
        return entry
    except OSError as error:
        raise _disk_error(error, catalog.folder) from error
    finally:
        shutil.rmtree(staged.parent, ignore_errors=True)


def verify(catalog: Catalog, name: str, stop: StopFlag, told: Progress = lambda news: None) -> tuple[str, ...]:
    """Read all files of a model again; a sentence for each that is damaged or missing. Damaged ones are put aside."""
    entry, wrong, before = catalog.find(name), [], 0
    for file in entry.files:
        path, done = catalog.path_of(name, file), before
        if not path.is_file():
            wrong.append(f"{path.name} is not here.")
        else:
            tell = _teller(told, READING, done, entry.bytes)
            if path.stat().st_size != file.bytes or (file.sha256 and sha256_of(path, stop, tell) != file.sha256):
                path.replace(path.with_name(path.name + DAMAGED))
                wrong.append(f"{path.name} is damaged: its content is not the one expected. It was put aside.")
        before += file.bytes
    return tuple(wrong)


def remove(catalog: Catalog, name: str) -> int:
    """Delete everything of a model, begun downloads and damaged files included; how many bytes that frees."""
    entry, folder = catalog.find(name), catalog.folder_of(name)
    freed = sum(one.stat().st_size for one in folder.rglob("*") if one.is_file() and one.stat().st_nlink == 1)
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise StoreError(f"{folder} cannot be removed ({error.strerror or error}). Close what uses it.") from error
    if entry.own:
        OwnModels(catalog.folder).remove(name)
    return freed


def forget_begun(catalog: Catalog, entry: Entry) -> None:
    """Delete what was begun to be downloaded of a model, and damaged files whose place a whole one took."""
    folder = catalog.folder / entry.name
    for file in entry.files:
        path = folder / file.path
        PartFile(path).forget()
        if path.is_file():
            path.with_name(path.name + DAMAGED).unlink(missing_ok=True)
    with suppress(OSError):  # where files are left in it, it stays
        folder.rmdir()


def sha256_of(path: Path, stop: StopFlag, told: Callable[[int], None] = lambda done: None) -> str:
    """The SHA-256 of a file; raises `CancelledByUserError` when `stop` is set."""
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
            done += len(piece)
            told(done)
            if stop.is_set():
                raise CancelledByUserError("Stopped.")
    return digest.hexdigest()


def _entry_for(source: Path, title: str, catalog: Catalog, *, today: str, sha256: str, size: int, name: str) -> Entry:
    """Which model the file is: one of the catalog by its hash, else a new one of the person's own."""
    for known in catalog.prose:
        if any(file.sha256 == sha256 for file in known.files):
            if catalog.is_present(known.name):
                raise ModelError(f"{source.name} is {known.title}, which is on this computer already.")
            return known
    taken = [one.name for one in catalog.entries]
    if name and name in taken:
        raise ModelError(f"There is a model called {name} already. Give this one another name.")
    called = name_from(name or source.name, taken)
    file = File(file_name_from(called), size, sha256)
    shown = source.name.removesuffix(".gguf")
    return own_entry(called, title or shown, file, source=str(source.resolve()), added_at=today)


def _with_file(entry: Entry, path: Path, size: int, sha256: str) -> Entry:
    """The entry of a person's own model, now that its file was seen."""
    shape = read_header(path).shape()
    return replace(
        entry,
        files=(replace(entry.files[0], bytes=size, sha256=sha256),),
        shape=shape,
        context_tokens=shape.context_tokens,
        memory_bytes=need_of(size, shape).total,
    )


def _copied(source: Path, staged: Path, taking: Taking) -> str:
    """Copy a file; the hash of what was copied."""
    digest, done, size = hashlib.sha256(), 0, source.stat().st_size
    staged.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as read, staged.open("wb") as write:
        while piece := read.read(CHUNK):
            write.write(piece)
            digest.update(piece)
            done += len(piece)
            taking.told(News(stage=COPYING, done=done, total=size))
            if taking.stop.is_set():
                raise CancelledByUserError("Stopped.")
        write.flush()
        os.fsync(write.fileno())
    return digest.hexdigest()


def _linked(source: Path, staged: Path, taking: Taking) -> str | None:
    """Give the file a second name and read its hash; `None` where the disk cannot do that."""
    staged.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source.resolve(), staged)
    except OSError as error:
        logger.info("%s cannot be linked (%s), so it is copied", source.name, error.strerror)
        return None
    size = source.stat().st_size
    return sha256_of(staged, taking.stop, _teller(taking.told, READING, 0, size))


def _teller(told: Progress, stage: str, before: int, total: int) -> Callable[[int], None]:
    return lambda done: told(News(stage=stage, done=before + done, total=total))


def _check_room(folder: Path, size: int, taking: Taking) -> None:
    free = taking.free(folder)
    if free < size + KEPT_FREE:
        raise StoreError(no_room(str(folder), size + KEPT_FREE, free))


def _disk_error(error: OSError, folder: Path) -> StoreError:
    return StoreError(
        f"The file could not be taken into {folder} ({error.strerror or error}). Check who may write there, "
        "and whether the disk is full."
    )
