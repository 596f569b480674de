"""Which tests are tests of something: told by how test files are named, by what they import, and by what they mention. Pure.

Every sign is said ("named after it", "imports it"), so that a wrong guess can be seen to be one. The order in which a
search brought them decides between equals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

IMPORTS, MENTIONS, IMPORTS_FILE, NAMED, SAYS, NAMESAKE = 4.0, 3.5, 3.0, 2.5, 1.5, 1.0
"""A name says more than a file, and a file more than one that is called the same somewhere else."""
OF_FILE = ("imports it", "imports its file", "named after it", "imports something of that name")
"""Signs that hold for all pieces of a test file."""
_IMPORT = re.compile(
    r"^\s*(?:from\b|import\b|use\b|require|#\s*include|const\b.*\brequire\(|.*\bfrom\s+['\"]|package\b)"
)
_AFFIX = re.compile(r"^(?:test|tests|spec)[_.-]|[_.-](?:test|tests|spec)$|(?:Test|Tests|Spec|IT)$")
_EVERYWHERE = frozenset({"", "index", "__init__", "init", "main", "mod"})
"""Names of files that every project has many of."""
_PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Target:
    """What tests are looked for: a name, and the files that define it; either may be empty."""

    symbol: str
    paths: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What to search for."""
        return " ".join(part for part in (self.symbol, *map(stem_of, self.paths), *self.paths) if part) or "test"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A piece of a test file, and its place in the order of a search."""

    path: str
    symbol: str
    text: str
    place: int


def ranked(target: Target, candidates: Sequence[Candidate]) -> list[tuple[int, float, str]]:
    """The best piece of each file as its place among the candidates, its score, and why; best first.

    What has no sign but nearness comes behind all that have one, and only where nothing has more.
    """
    signs = [dict(_signs(target, one)) for one in candidates]
    of_file: dict[str, dict[str, float]] = {}
    for one, said in zip(candidates, signs, strict=True):
        of_file.setdefault(one.path, {}).update({why: worth for why, worth in said.items() if why in OF_FILE})
    best: dict[str, tuple[float, int]] = {}
    for n, (one, said) in enumerate(zip(candidates, signs, strict=True)):
        own = sum({**of_file[one.path], **said}.values()) + 1 / (2 + one.place)
        focus = own + sum(worth for why, worth in said.items() if why not in OF_FILE) / 10
        if one.path not in best or focus > best[one.path][0]:
            best[one.path] = (focus, n)
    order = sorted(best.values(), key=lambda pair: (-pair[0], candidates[pair[1]].path))
    found = [
        (n, score, ", ".join({**of_file[candidates[n].path], **signs[n]}) or "close in meaning") for score, n in order
    ]
    certain = [one for one in found if one[2] != "close in meaning"]
    return certain or found


def stem_of(path: str) -> str:
    """The name of a file without folders, ending, and what marks it as a test."""
    name = path.rpartition("/")[2]
    bare = name.partition(".")[0] if not name.startswith(".") else name
    return _AFFIX.sub("", bare)


def _signs(target: Target, one: Candidate) -> Iterator[tuple[str, float]]:
    stems = {_joined(stem_of(path)) for path in target.paths} | ({_joined(target.symbol)} if target.symbol else set())
    if _joined(stem_of(one.path)) in stems - {_joined(name) for name in _EVERYWHERE} - {""}:
        yield "named after it", NAMED
    lines = one.text.splitlines()
    imports = [line for line in lines if _IMPORT.match(line)]
    if target.symbol and any(_has(target.symbol, line) for line in imports):
        yield "imports it", IMPORTS
    elif any(_leads_to(path, line) for path in target.paths for line in imports):
        yield "imports its file", IMPORTS_FILE
    elif any(
        _has(stem_of(path), line) for path in target.paths for line in imports if stem_of(path) not in _EVERYWHERE
    ):
        yield "imports something of that name", NAMESAKE
    if target.symbol and any(_has(target.symbol, line) and not _IMPORT.match(line) for line in lines):
        yield "mentions it", MENTIONS
    if target.symbol and _joined(target.symbol) and _joined(target.symbol) in _joined(one.symbol):
        yield "its name says so", SAYS


def _leads_to(path: str, line: str) -> bool:
    """Whether an import names a file: with the folder that it is in, or from beside it."""
    folder, _, name = path.rpartition("/")
    stem, above = name.partition(".")[0], folder.rpartition("/")[2]
    ways = [rf"{re.escape(above)}[./:\\]+(?:import\s+)?{re.escape(stem)}"] if above else []
    ways += [rf"\.\.?/(?:[\w.-]+/)*{re.escape(stem)}", rf"(?:from|import|use|include)\s+[\"'<]?\.*{re.escape(stem)}"]
    if above:
        ways.append(rf"{re.escape(above)}\s+import\b.*\b{re.escape(stem)}")
    return any(re.search(rf"(?<![A-Za-z0-9_]){way}(?![A-Za-z0-9_])", line) for way in ways)


def _has(name: str, line: str) -> bool:
    return re.search(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", line) is not None


def _joined(name: str) -> str:
    """A name without its way of writing: "load_session", "loadSession" and "LoadSession" are one."""
    return "".join(_PIECES.findall(name)).casefold()
