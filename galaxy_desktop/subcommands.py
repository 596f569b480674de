"""What the commands share when they are declared: commands of a group, and the options that all of them take.

`galaxy-desktop models list` and `galaxy-desktop providers list` are commands of a group. Each is declared with one
sentence, which is its help and its description, and ends with the folder of the profile and `--json`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse names it nowhere else
Declare = Callable[[argparse.ArgumentParser], None]
"""Declares what one command takes of its own."""


def add_command(commands: Commands[argparse.ArgumentParser], name: str, text: str) -> argparse.ArgumentParser:
    """A command of that name; `text` is its help, and with a capital and a full stop its description."""
    return commands.add_parser(name, help=text, description=f"{text[:1].upper()}{text[1:]}.")


def add_group(
    commands: Commands[argparse.ArgumentParser],
    name: str,
    text: str,
    kinds: Mapping[str, str],
    own: Mapping[str, Declare],
) -> None:
    """A command whose `what` is one of several; `own` declares what one of them takes beside the usual options.

    Args:
        commands: where it is added.
        name: of the group.
        text: one sentence about the group.
        kinds: the commands of the group, each with one sentence.
        own: of those that take something of their own, what.

    Raises:
        ValueError: `own` names a command that is none of the group.
    """
    if strange := set(own) - set(kinds):
        raise ValueError(f"{name} has no command {', '.join(sorted(strange))}")
    group = add_command(commands, name, text)
    whats = group.add_subparsers(dest="what", metavar="what", required=True)
    for what, said in kinds.items():
        command = add_command(whats, what, said)
        if what in own:
            own[what](command)
        profile_options(command)


def profile_options(command: argparse.ArgumentParser) -> None:
    """Which profile a command is about, and how it answers; every command that reads a profile ends with these."""
    command.add_argument(
        "--data-dir", metavar="DIR", default=argparse.SUPPRESS, help="folder of the profile (default: your data folder)"
    )
    command.add_argument("--json", action="store_true", help="print JSON")


def demo_option(command: argparse.ArgumentParser) -> None:
    """A demo workspace in the place of a profile."""
    command.add_argument(
        "--demo",
        metavar="NAME",
        default=argparse.SUPPRESS,
        help="use a demo workspace: healthy, slipping, blocked or first-week",
    )
