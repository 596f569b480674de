"""`galaxy-desktop code index | search | similar | tests`: code and docs of local clones, found in the terminal.

`code index --repo owner/name --folder DIR` also remembers the folder. The other commands read what is indexed, and bring
it up to the clones first, which takes less than a second where little changed. Nothing of a clone is run.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.paths import data_folder
from galaxy_desktop.services.names import repository_name
from galaxy_desktop.subcommands import Commands, Declare, add_group

if TYPE_CHECKING:
    from galaxy_desktop.services.code_index import CodeHit, CodeLibrary, Indexed
    from galaxy_desktop.store.database import Store

Emit = Callable[[str], None]
NONE_INDEXED = "No clone is indexed yet. Name one: galaxy-desktop code index --repo owner/name --folder DIR."
SHOWN_LINES = 6


TEXTS = {
    "index": "bring the index up to the clones; with --folder also remember a clone",
    "search": "find code, docs and tests by a description",
    "similar": "find code like a piece of code (- reads it from standard input)",
    "tests": "find the tests of a function, a class or a file",
}


def add_code_command(commands: Commands[argparse.ArgumentParser]) -> None:
    """`code` with its subcommands."""
    add_group(commands, "code", "index the code and docs of local clones, and find in them", TEXTS, _OPTIONS)


def _index_options(command: argparse.ArgumentParser) -> None:
    _repo_option(command)
    command.add_argument("--folder", metavar="DIR", help="the folder of the clone of --repo")
    command.add_argument("--remove", action="store_true", help="forget the clone of --repo and its index")


def _find_options(command: argparse.ArgumentParser) -> None:
    _repo_option(command)
    command.add_argument("query", nargs="+", metavar="QUERY", help="what to find")
    command.add_argument("--limit", type=int, default=10, metavar="N", help="how many to show (default: 10)")


def _search_options(command: argparse.ArgumentParser) -> None:
    _find_options(command)
    command.add_argument("--kind", choices=("code", "docs", "test"), action="append", help="only this kind")


def _repo_option(command: argparse.ArgumentParser) -> None:
    command.add_argument("--repo", action="append", metavar="OWNER/NAME", help="only this repository (repeatable)")


_OPTIONS: dict[str, Declare] = {
    "index": _index_options,
    "search": _search_options,
    "similar": _find_options,
    "tests": _find_options,
}


def run(options: argparse.Namespace, emit: Emit) -> int:
    """Carry the command out."""
    from galaxy_desktop.paths import models_folder  # noqa: PLC0415 - the window needs none of it
    from galaxy_desktop.retrieve.embed import MiniLM  # noqa: PLC0415 - likewise
    from galaxy_desktop.services.code_index import CodeLibrary  # noqa: PLC0415 - likewise
    from galaxy_desktop.store.database import Store  # noqa: PLC0415 - likewise

    folder = data_folder(getattr(options, "data_dir", None)).make()
    names = tuple(repository_name(name) for name in options.repo or ())
    embedder = MiniLM(models_folder())
    library = CodeLibrary(folder.code, embedder)
    try:
        with Store.open(folder) as store:
            if options.what == "index":
                _choose(store, options, names)
            state = bring_up(store, library, None if options.what != "index" else _progress)
        if options.what == "index":
            return _report(state, options, emit)
        return _found(library, options, names, emit)
    finally:
        library.close()
        embedder.close()


def _choose(store: Store, options: argparse.Namespace, names: Sequence[str]) -> None:
    """Remember or forget the folder of a clone, after a look at it."""
    from galaxy_desktop.domain.change_making import USER  # noqa: PLC0415 - likewise
    from galaxy_desktop.domain.code_folders import code_folders_of, written  # noqa: PLC0415 - where a clone is named
    from galaxy_desktop.retrieve.clone import open_clone  # noqa: PLC0415 - likewise
    from galaxy_desktop.settings import BY_NAME, Settings  # noqa: PLC0415 - likewise

    if not options.folder and not options.remove:
        return
    if len(names) != 1:
        raise WrongUseError("Say with --repo owner/name which repository the folder is a clone of.")
    known = code_folders_of(Settings.from_text(store.settings()).text("code_folders"))
    kept = {name: place for name, place in known.items() if name.casefold() != names[0].casefold()}
    if not options.remove:
        place = Path(options.folder).expanduser().resolve()
        open_clone(place, names[0]).close()
        kept[names[0]] = str(place)
    value = str(BY_NAME["code_folders"].parse(written(kept)))
    store.set_setting("code_folders", value, USER, datetime.now(UTC)).result()


def bring_up(
    store: Store, library: CodeLibrary, progress: Callable[[int, int], None] | None = None
) -> tuple[Indexed, ...]:
    """Bring the indexes up to the clones that the settings name."""
    from galaxy_desktop.services.code_index import sources_of  # noqa: PLC0415 - likewise
    from galaxy_desktop.settings import Settings  # noqa: PLC0415 - likewise

    sources = sources_of(Settings.from_text(store.settings()).text("code_folders"))
    addresses = {one.full_name: one.url for one in store.repositories()}
    return library.update(sources, addresses, datetime.now(UTC), progress)


def _progress(done: int, total: int) -> None:
    print(f"\r{done} of {total} texts", end="" if done < total else "\n", file=sys.stderr, flush=True)  # noqa: T201


def _report(state: Sequence[Indexed], options: argparse.Namespace, emit: Emit) -> int:
    rows = [
        {"repository": one.repository, "folder": str(one.folder), "texts": one.texts, "changed": one.changed,
         "seconds": round(one.seconds, 2), "problem": one.problem}
        for one in state
    ]  # fmt: skip
    if options.json:
        emit(json.dumps({"clones": rows}, indent=2))
    elif not rows:
        emit(NONE_INDEXED)
    for one in () if options.json else state:
        changed = f"{one.changed} changed in {one.seconds:.1f} s" if not one.problem else one.problem
        emit(f"{one.repository}: {one.texts} texts of {one.folder}, {changed}")
    return 1 if any(one.problem for one in state) else 0


def _found(library: CodeLibrary, options: argparse.Namespace, names: Sequence[str], emit: Emit) -> int:
    query = " ".join(options.query)
    if query == "-":
        query = sys.stdin.read()
    if not query.strip():
        raise WrongUseError("Say what to find.")
    if not library.repositories():
        raise WrongUseError(NONE_INDEXED)
    within = names or None
    if options.what == "tests":
        hits = library.tests_for(query, options.limit, repositories=within)
    elif options.what == "similar":
        hits = library.similar(query, options.limit, repositories=within)
    else:
        hits = library.search(query, options.limit, repositories=within, kinds=options.kind)
    if options.json:
        emit(json.dumps({"query": query, "found": [fields(one) for one in hits]}, indent=2, ensure_ascii=False))
        return 0
    for one in hits:
        emit("\n".join(lines_of(one)))
    if not hits:
        emit("Nothing was found.")
    return 0


def lines_of(one: CodeHit) -> Iterator[str]:
    """A hit for a terminal: where, what, why, and its first lines between bars, since they are words of others."""
    what = f" {one.symbol}" if one.symbol else ""
    why = f" ({one.why})" if one.why else ""
    yield f"{one.repository} {one.path}:{one.first}-{one.last} [{one.kind}]{what}{why}"
    shown = one.text.splitlines()
    yield from (
        f"  | {''.join(c if c.isprintable() or c == chr(9) else '?' for c in line)}" for line in shown[:SHOWN_LINES]
    )
    if len(shown) > SHOWN_LINES:
        yield "  | …"


def fields(one: CodeHit) -> dict[str, Any]:
    """A hit as JSON."""
    return {
        "id": one.evidence.id, "repository": one.repository, "path": one.path, "first": one.first, "last": one.last,
        "symbol": one.symbol, "kind": one.kind, "score": round(one.score, 4), "why": one.why, "url": one.evidence.url,
        "text": one.text,
    }  # fmt: skip
