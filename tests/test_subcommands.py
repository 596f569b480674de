"""Commands of a group are declared alike: a sentence, what they take of their own, and the profile they are about."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest

from galaxy_desktop import cli
from galaxy_desktop.subcommands import add_group

ON_FILES = ("evaluate outcomes", "evaluate sentiment", "evaluate retrieval")
"""What scores files of its own needs no profile."""


def _leaves(parser: argparse.ArgumentParser, path: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command that does something, by what a person types."""
    groups = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    if not groups:
        yield path, parser
    for group in groups:
        for name, command in group.choices.items():
            yield from _leaves(command, f"{path} {name}".strip())


LEAVES = dict(_leaves(cli._parser()))


@pytest.mark.parametrize("path", [path for path in LEAVES if path not in ON_FILES])
def test_every_command_takes_the_folder_of_a_profile_and_answers_in_json(path: str) -> None:
    known = LEAVES[path]._option_string_actions
    assert {"--data-dir", "--json"} <= set(known)


@pytest.mark.parametrize("path", LEAVES)
def test_every_command_says_what_it_does_in_a_sentence_with_names_as_they_are_written(path: str) -> None:
    said = LEAVES[path].description or ""
    assert said[:1].isupper()
    assert said.endswith(".")
    assert "gh archive" not in said.lower() or "GH Archive" in said
    assert "dora" not in said.lower() or "DORA" in said


def test_options_for_a_command_that_is_none_of_the_group_are_a_mistake_at_once() -> None:
    commands = argparse.ArgumentParser().add_subparsers()
    with pytest.raises(ValueError, match="models has no command wipe"):
        add_group(commands, "models", "models", {"list": "list them"}, {"wipe": lambda command: None})
