"""A local clone, read without running anything: no git program, no hooks, no filters, no settings that name a program.

The list of tracked files comes from the index of the clone, the rest from the folder itself, less what `.gitignore`
files exclude. The work tree is the folder that was named, whatever the clone's settings say of another one. Symbolic
links are never followed: a clone can hold one to anywhere. Of the clone's settings the addresses of remotes are read.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from galaxy_desktop.errors import RefusedError
from galaxy_desktop.retrieve.code_files import LARGEST, left_out_folder, worth_reading

LARGEST_IGNORE = 1_000_000
MOST_FILES = 50_000
"""A clone with more files than this is indexed as far as that."""
_REMOTE = re.compile(r"(?:^|@|://(?:[^@/]*@)?)(?P<host>[\w.-]+)(?::\d+)?[:/]+(?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?$")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a clone; `blob` is git's name of its content, `committed` whether the newest commit has exactly that."""

    path: str
    data: bytes
    blob: str
    committed: bool


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit by its name, and when it was made, in UTC."""

    sha: str
    at: datetime


class Clone:
    """A clone that was looked at and belongs to a repository; blocking."""

    def __init__(self, folder: Path, repository: str, git: Any) -> None:
        """Use `open_clone`."""
        self.folder = folder
        self.repository = repository
        self._git = git
        self.head = _head(git)

    def files(self) -> Iterator[SourceFile]:
        """Every file that is worth reading, tracked or not, in the order of their paths; those that vanish are left out."""
        tracked = _tracked(self._git)
        committed = _committed(self._git, self.head)
        wanted = {path for path in tracked if worth_reading(path) and not _through_link(self.folder, path)}
        wanted.update(path for path in _untracked(self.folder) if worth_reading(path) and path not in tracked)
        for path in sorted(wanted)[:MOST_FILES]:
            data = _read(self.folder / path)
            if data is not None:
                blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
                yield SourceFile(path, data, blob, committed.get(path) == blob)

    def commit_at(self, moment: datetime) -> Commit | None:
        """The newest commit of the branch that is checked out at a moment, an aware datetime; follows first parents.

        `None` where the clone does not go back so far, or its objects cannot be read.
        """
        sha, until = self.head, moment.timestamp()
        while sha:
            try:
                one = self._git[sha.encode("ascii")]
                if one.commit_time <= until:
                    return Commit(sha, datetime.fromtimestamp(one.commit_time, UTC))
                sha = one.parents[0].decode("ascii") if one.parents else ""
            except _damage():
                return None
        return None

    def files_of(self, sha: str) -> Iterator[SourceFile]:
        """Every file of a commit that is worth reading, in the order of their paths; those that cannot be read are left out."""
        for path, blob in sorted(_tree(self._git, sha).items())[:MOST_FILES]:
            try:
                data = self._git[blob.encode("ascii")].as_raw_string()
            except _damage():
                continue
            if len(data) <= LARGEST:
                yield SourceFile(path, data, blob, committed=True)

    def read(self, path: str) -> bytes:
        """The content of a file now; empty for one that is gone, or no regular file."""
        return b"" if _through_link(self.folder, path) else _read(self.folder / path) or b""

    def close(self) -> None:
        """Close the clone's files."""
        self._git.close()


def open_clone(folder: Path, repository: str) -> Clone:
    """The clone of a repository ("owner/name") in a folder.

    Raises:
        RefusedError: the folder is not there, is no clone with a work tree, or one of another repository.
    """
    from dulwich.errors import NotGitRepository  # noqa: PLC0415 - only where a clone is indexed
    from dulwich.repo import Repo, UnsupportedVersion  # noqa: PLC0415 - likewise

    if not folder.is_dir():
        raise RefusedError(
            f"The folder {folder} is not there. Choose the folder that holds your clone of {repository}."
        )
    try:
        git = Repo(str(folder))
    except (NotGitRepository, UnsupportedVersion, OSError, ValueError, KeyError) as error:
        raise RefusedError(
            f"{folder} is not the top folder of a git clone. Choose the folder that holds .git of {repository}."
        ) from error
    if git.bare:
        git.close()
        raise RefusedError(f"{folder} is a bare clone without files. Choose one with a work tree.")
    remotes = tuple(_remotes(git))
    if repository.casefold() not in {name.casefold() for name in remotes}:
        git.close()
        named = f"it is one of {', '.join(sorted(set(remotes)))}" if remotes else "no remote of it leads to GitHub"
        raise RefusedError(f"{folder} is not a clone of {repository}: {named}.")
    return Clone(folder, repository, git)


def remote_name(address: str) -> str:
    """The "owner/name" of a remote's address, "" where it has none."""
    match = _REMOTE.search(address.strip())
    return match["name"] if match else ""


def _remotes(git: Any) -> Iterator[str]:
    config = git.get_config()
    for section in config.sections():
        if len(section) == 2 and section[0] == b"remote":
            try:
                address = config.get(section, b"url").decode("utf-8", "replace")
            except KeyError:
                continue
            name = remote_name(address)
            if name:
                yield name


def _head(git: Any) -> str:
    try:
        return str(git.head().decode("ascii"))
    except _damage():
        return ""


def _damage() -> tuple[type[Exception], ...]:
    """What dulwich raises for files that are missing or not what they should be; it has no common class for these."""
    from dulwich.errors import ChecksumMismatch, FileFormatException, WrongObjectException  # noqa: PLC0415
    from dulwich.index import UnsupportedIndexFormat  # noqa: PLC0415 - only where a clone is indexed

    own = (
        ChecksumMismatch,
        FileFormatException,
        WrongObjectException,
        UnsupportedIndexFormat,
        struct.error,
        zlib.error,
    )
    return (*own, OSError, ValueError, KeyError, AttributeError, AssertionError, IndexError)


def _tracked(git: Any) -> set[str]:
    """Paths of regular files in the index; an index that cannot be read tracks nothing."""
    from dulwich.index import Index  # noqa: PLC0415 - only where a clone is indexed

    try:
        index = Index(git.index_path())
        entries = [(path, getattr(entry, "mode", 0)) for path, entry in index.items()]
    except _damage():
        return set()
    named = (path.decode("utf-8", "surrogateescape") for path, mode in entries if stat.S_ISREG(mode))
    return {path for path in named if _plain(path)}


def _plain(path: str) -> bool:
    """Whether a path stays in the clone and can be shown."""
    parts = path.split("/")
    return path.isprintable() and not path.startswith("/") and not {"", ".", "..", ".git"} & set(parts)


def _committed(git: Any, head: str) -> Mapping[str, str]:
    """Git's name of each file's content in the newest commit; nothing where that cannot be read."""
    if not head:
        return {}
    from dulwich.object_store import iter_tree_contents  # noqa: PLC0415 - only where a clone is indexed

    try:
        tree = git[head.encode("ascii")].tree
        entries = list(iter_tree_contents(git.object_store, tree))
    except _damage():
        return {}
    return {one.path.decode("utf-8", "surrogateescape"): one.sha.decode("ascii") for one in entries}


def _tree(git: Any, sha: str) -> Mapping[str, str]:
    """Git's names of the regular files of a commit that are worth reading, by path; no links."""
    from dulwich.object_store import iter_tree_contents  # noqa: PLC0415 - only where a clone is asked

    try:
        entries = list(iter_tree_contents(git.object_store, git[sha.encode("ascii")].tree))
    except _damage():
        return {}
    named = (
        (one.path.decode("utf-8", "surrogateescape"), one.sha.decode("ascii"))
        for one in entries
        if stat.S_ISREG(one.mode)
    )
    return {path: blob for path, blob in named if _plain(path) and worth_reading(path)}


def _through_link(folder: Path, path: str) -> bool:
    """Whether a folder on the way to a file is a symbolic link."""
    place = folder
    for part in path.split("/")[:-1]:
        place = place / part
        if place.is_symlink():
            return True
    return False


def _read(path: Path) -> bytes | None:
    """The content of a regular file that is not too large; `None` for everything else."""
    try:
        seen = path.lstat()
        if not stat.S_ISREG(seen.st_mode) or seen.st_size > LARGEST:
            return None
        with os.fdopen(
            os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)), "rb"
        ) as file:
            data = file.read(LARGEST + 1)
    except OSError:
        return None
    return data if len(data) <= LARGEST else None


def _untracked(folder: Path) -> Iterator[str]:
    """Paths of files that no `.gitignore` on their way excludes; folders that are excluded are not entered."""
    specs: dict[str, tuple[tuple[str, Callable[[str], bool | None]], ...]] = {}
    for name, folders, files in os.walk(folder, followlinks=False):
        here = Path(name).relative_to(folder).as_posix()
        here = "" if here == "." else f"{here}/"
        own = _ignore_file(Path(name) / ".gitignore")
        above = specs.get(here, ())
        if here == "":
            excluded = _ignore_file(folder / ".git" / "info" / "exclude")
            above = (("", excluded),) if excluded else ()
        rules = (*above, (here, own)) if own else above
        kept = []
        for one in sorted(folders):
            path = f"{here}{one}/"
            place = Path(name) / one
            if one == ".git" or left_out_folder(one) or place.is_symlink() or (place / ".git").exists():
                continue
            if not _ignored(path, rules):
                kept.append(one)
                specs[path] = rules
        folders[:] = kept
        yield from (
            f"{here}{one}" for one in sorted(files) if _plain(f"{here}{one}") and not _ignored(f"{here}{one}", rules)
        )


def _ignored(path: str, rules: tuple[tuple[str, Callable[[str], bool | None]], ...]) -> bool:
    """What the last rule that speaks of a path says; the deepest file of rules is the last one."""
    for base, says in reversed(rules):
        said = says(path[len(base) :])
        if said is not None:
            return said
    return False


def _ignore_file(path: Path) -> Callable[[str], bool | None] | None:
    """The rules in a file; a link is not followed, as git does not."""
    try:
        seen = path.lstat()
        if not stat.S_ISREG(seen.st_mode) or seen.st_size > LARGEST_IGNORE:
            return None
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - only where a clone is indexed

    usable = []
    for line in lines:
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:
            continue
        usable.append(line)
    spec = GitIgnoreSpec.from_lines(usable)
    return lambda path: spec.check_file(path).include
