"""`galaxy-desktop replay`: recorded runs of the language model, listed, exported, and played again without a model."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from pathlib import Path

from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.paths import data_folder, demo_folder
from galaxy_desktop.subcommands import Commands, add_command, demo_option, profile_options

Emit = Callable[[str], None]


def add_replay_command(commands: Commands[argparse.ArgumentParser]) -> None:
    """`replay` with its options."""
    text = "play a recorded run of the language model again, without a model, and say whether the checks end the same"
    command = add_command(commands, "replay", text)
    command.add_argument("run_id", metavar="RUN_ID", nargs="?", default="", help="a recorded run (default: list them)")
    command.add_argument("--file", metavar="FILE", help="play the recording in this file")
    command.add_argument("--export", metavar="FILE", help="write the recording to this file instead of playing it")
    demo_option(command)
    profile_options(command)


def run(options: argparse.Namespace, emit: Emit) -> int:
    """Carry the command out; 0 when the checks ended the same, 1 when not."""
    from galaxy_desktop.services import recordings  # noqa: PLC0415 - SQLAlchemy; the window needs none of it
    from galaxy_desktop.store.database import Store  # noqa: PLC0415 - same

    if options.file and options.run_id:
        raise WrongUseError("Name a recorded run or a file, not both.")
    wish = recordings.Wish(
        run_id=options.run_id,
        file=Path(options.file).expanduser() if options.file else None,
        export=Path(options.export).expanduser() if options.export else None,
        as_json=options.json,
    )
    if wish.file is not None:
        return asyncio.run(recordings.run(None, wish, emit))
    demo, folder = getattr(options, "demo", None), getattr(options, "data_dir", None)
    profile = demo_folder(demo) if demo and not folder else data_folder(folder)
    if not profile.database.exists():
        return asyncio.run(recordings.run(None, wish, emit))
    with Store.open(profile) as store:
        return asyncio.run(recordings.run(store, wish, emit))
