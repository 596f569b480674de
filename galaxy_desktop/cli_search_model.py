"""`galaxy-desktop search-model list | cost | use | status`: with which model texts are found by meaning, and what it costs.

Nothing is indexed by this command: `use` says what it costs, and the running program does the work behind everything else.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from galaxy_desktop.paths import data_folder
from galaxy_desktop.subcommands import Commands, add_group

if TYPE_CHECKING:
    from galaxy_desktop.domain.search_models import SearchCost
    from galaxy_desktop.services.embedding_desk import SearchModelsDesk
    from galaxy_desktop.store.database import Store

Emit = Callable[[str], None]


TEXTS = {
    "list": "list the search models of this computer, and providers that may be one",
    "cost": "measure what indexing everything with a model would cost",
    "use": "say what it costs and use a model from now on",
    "status": "say which model answers",
}


def add_search_model_command(commands: Commands[argparse.ArgumentParser]) -> None:
    """`search-model` with its subcommands."""
    text = "choose the model by which texts are found by meaning, and see what that costs"
    add_group(commands, "search-model", text, TEXTS, {"cost": _name_option, "use": _name_option})


def _name_option(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", metavar="NAME", help="a folder of the models folder, or provider:NAME")


def run(options: argparse.Namespace, emit: Emit) -> int:
    """Carry the command out.

    Raises:
        RefusedError: there is no such model, or nobody agreed to what a provider is sent.
        ModelError: the model cannot be used.
        WrongUseError: no model is named.
    """
    from galaxy_desktop.cli_providers import open_providers  # noqa: PLC0415 - the window needs none of it
    from galaxy_desktop.services.embedding_desk import SearchModelsDesk  # noqa: PLC0415 - likewise
    from galaxy_desktop.settings import Settings  # noqa: PLC0415 - likewise

    folder = data_folder(getattr(options, "data_dir", None)).make()
    with open_providers(folder) as (providers, store):
        desk = SearchModelsDesk(store, lambda: Settings.from_text(store.settings()), providers, folder)
        if options.what == "list":
            return _list(desk, options, emit)
        if options.what == "status":
            return _status(desk, store, options, emit)
        setting = desk.setting(options.name) if options.what == "use" else ""
        found = desk.cost(options.name)
        if options.what == "use":
            from galaxy_desktop.domain.change_making import USER  # noqa: PLC0415 - where something is changed

            store.set_setting("search_model", setting, USER, datetime.now(UTC)).result()
        emit(json.dumps(cost_fields(found), indent=2) if options.json else "\n".join(found.lines))
    return 0


def cost_fields(cost: SearchCost) -> dict[str, Any]:
    """A cost as JSON; megabytes are those of the index on the disk."""
    return {
        "model": cost.model,
        "texts": cost.texts,
        "per_second": round(cost.per_second, 1),
        "minutes": round(cost.minutes, 1),
        "megabytes": round(cost.disk, 1),
        "megabytes_free": None if cost.disk_free is None else round(cost.disk_free),
        "memory_megabytes": round(cost.memory, 1),
        "provider": cost.provider,
        "tokens": cost.tokens,
        "price": None if cost.price is None else round(cost.price, 4),
        "days": cost.days,
        "problem": cost.problem,
    }


def _list(desk: SearchModelsDesk, options: argparse.Namespace, emit: Emit) -> int:
    rows = [
        {"name": one.name, "title": one.title, "kind": str(one.kind), "width": one.width, "megabytes": one.megabytes,
         "about": one.about, "used": one.used, "answers": one.answers, "problem": one.problem}
        for one in desk.overview().models
    ]  # fmt: skip
    if options.json:
        emit(json.dumps({"models": rows}, indent=2))
        return 0
    for one in rows:
        size = f"{one['width']} numbers a text, {one['megabytes']:.0f} MB"
        what = f"{one['title']} at {one['about']}" if one["about"] else size
        marks = [word for word, on in (("in use", one["used"]), ("answers", one["answers"])) if on]
        emit(f"{one['name']}  {what}  {', '.join(marks)} {one['problem']}".rstrip())
    return 0


def _status(desk: SearchModelsDesk, store: Store, options: argparse.Namespace, emit: Emit) -> int:
    state = desk.state()
    told = {
        "model": str(store.settings().get("search_model", "all-minilm-l6-v2")),
        "ready": state.ready or not state.model,
        "answers": state.answers,
        "problem": state.problem,
        "sentence": state.sentence,
    }
    emit(json.dumps(told, indent=2) if options.json else state.sentence)
    return 0
