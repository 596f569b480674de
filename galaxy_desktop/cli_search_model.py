"""`galaxy-desktop search-model list | cost | use | status`: with which model texts are found by meaning, and what it costs.

Nothing is indexed by this command: `use` says what it costs, and the running program does the work behind everything else.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.paths import data_folder
from galaxy_desktop.subcommands import Commands, add_group

if TYPE_CHECKING:
    from galaxy_desktop.paths import DataFolder
    from galaxy_desktop.services.second_index import Cost
    from galaxy_desktop.store.database import Store

Emit = Callable[[str], None]


TEXTS = {
    "list": "list the search models in the models folder",
    "cost": "measure what indexing everything with a model would cost",
    "use": "say what it costs and use a model from now on",
    "status": "say which model answers",
}


def add_search_model_command(commands: Commands[argparse.ArgumentParser]) -> None:
    """`search-model` with its subcommands."""
    text = "choose the model by which texts are found by meaning, and see what that costs"
    add_group(commands, "search-model", text, TEXTS, {"cost": _name_option, "use": _name_option})


def _name_option(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", metavar="NAME", help="a folder of the models folder")


def run(options: argparse.Namespace, emit: Emit) -> int:
    """Carry the command out; `WrongUseError` or `RefusedError` for a model that is not there."""
    from galaxy_desktop.store.database import Store  # noqa: PLC0415 - SQLAlchemy; the window needs none of it

    folder = data_folder(getattr(options, "data_dir", None)).make()
    with Store.open(folder) as store:
        if options.what == "list":
            return _list(store, options, emit)
        if options.what == "status":
            return _status(folder, store, options, emit)
        found = measured(store, options.name)
        if options.what == "use":
            from galaxy_desktop.domain.change_making import USER  # noqa: PLC0415 - where something is changed

            store.set_setting("search_model", options.name, USER, datetime.now(UTC)).result()
        told = {"model": found.model, "texts": found.texts, "per_second": round(found.per_second, 1),
                "minutes": round(found.minutes, 1), "megabytes": round(found.megabytes, 1)}  # fmt: skip
        emit(json.dumps(told, indent=2) if options.json else found.sentence)
    return 0


def measured(store: Store, name: str) -> Cost:
    """What indexing what is stored with a model costs, measured on a sample.

    Raises:
        RefusedError: there is no such model.
        ModelError: it cannot be used.
    """
    from galaxy_desktop.paths import models_folder  # noqa: PLC0415 - with the rest
    from galaxy_desktop.retrieve.embed import MiniLM  # noqa: PLC0415 - likewise
    from galaxy_desktop.retrieve.embedding_models import FolderModel, chosen, is_usual  # noqa: PLC0415 - likewise
    from galaxy_desktop.retrieve.history_texts import history_groups  # noqa: PLC0415 - likewise
    from galaxy_desktop.retrieve.texts import groups_of  # noqa: PLC0415 - likewise
    from galaxy_desktop.services.second_index import COPIES, cost  # noqa: PLC0415 - likewise

    if not name.strip():
        raise WrongUseError("Name a search model; galaxy-desktop search-model list shows which there are.")
    snapshot = store.snapshot()
    groups = (*groups_of(snapshot, ()), *history_groups(snapshot, store.interventions()))
    texts = [text.whole for group in groups for text in group.texts() if text.has_meaning]
    embedder = MiniLM(models_folder()) if is_usual(name) else FolderModel(chosen(models_folder(), name).folder)
    try:
        return cost(name, texts, embedder, round(sum(map(len, texts)) * COPIES))
    finally:
        embedder.close()


def _list(store: Store, options: argparse.Namespace, emit: Emit) -> int:
    from galaxy_desktop.paths import models_folder  # noqa: PLC0415 - with the rest
    from galaxy_desktop.retrieve.embedding_models import installed_models  # noqa: PLC0415 - likewise
    from galaxy_desktop.settings import Settings  # noqa: PLC0415 - likewise

    used = Settings.from_text(store.settings()).text("search_model")
    rows: list[dict[str, Any]] = [
        {"name": one.name, "width": one.width, "megabytes": one.megabytes, "used": one.name == used}
        for one in installed_models(models_folder())
    ]
    if options.json:
        emit(json.dumps({"models": rows}, indent=2))
        return 0
    for one in rows:
        mark = "in use" if one["used"] else ""
        emit(f"{one['name']}  {one['width']} numbers a text, {one['megabytes']:.0f} MB  {mark}".rstrip())
    if not rows:
        emit(f"No search model is in {models_folder()}; search goes by words.")
    return 0


def _status(folder: DataFolder, store: Store, options: argparse.Namespace, emit: Emit) -> int:
    from galaxy_desktop.paths import models_folder  # noqa: PLC0415 - with the rest
    from galaxy_desktop.retrieve.embedding_models import is_usual  # noqa: PLC0415 - likewise
    from galaxy_desktop.services.second_index import SecondIndex, State  # noqa: PLC0415 - likewise
    from galaxy_desktop.settings import Settings  # noqa: PLC0415 - likewise

    name = Settings.from_text(store.settings()).text("search_model")
    state = State()
    if not is_usual(name):
        index = SecondIndex(folder.search_models, models_folder())
        index.choose(name)
        index.answering()
        state = index.state
        index.close()
    told = {"model": name, "ready": state.ready or is_usual(name), "problem": state.problem, "sentence": state.sentence}
    emit(json.dumps(told, indent=2) if options.json else state.sentence)
    return 0
