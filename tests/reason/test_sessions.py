"""Evaluated prompts on the disk: found by how they begin, bounded, and never trusted."""

from __future__ import annotations

import stat
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from galaxy_desktop.errors import ModelError
from galaxy_desktop.reason.cells import Cells, Held
from galaxy_desktop.reason.native import Reading
from galaxy_desktop.reason.sessions import SHORTEST, Sessions, forget_all
from tests.reason.test_cells import FakeCache

SYSTEM, FACTS, ASKED = range(1000, 1020), range(2000, 2040), range(3000, 3025)
PROMPT = (*SYSTEM, *FACTS, *ASKED)
ENDS = (20, 60)
BIG = 1 << 30


class FakeStates(FakeCache):
    """A cache whose sequences can be carried away and put back, with the positions of their tokens."""

    refuses = False

    def state(self, sequence: int) -> bytes:
        held = sorted((p, t) for p, t, owners in self.cells if sequence in owners)
        return repr(held).encode()

    def set_state(self, sequence: int, state: bytes) -> bool:
        self.cut(sequence, 0)
        self.cells += [(p, t, {sequence}) for p, t in eval(state.decode())]  # noqa: S307 - our own words
        return not self.refuses


class Desk:
    """One process: a cache, its texts, and the folder."""

    def __init__(self, folder: Path, *, made_with: str = "small", limit: int = BIG) -> None:
        self.cache = FakeStates(1000)
        self.cells = Cells(self.cache, 1000)
        self.sessions = Sessions(folder, limit, made_with)

    def read(self, tokens: Sequence[int], ends: tuple[int, ...] = ENDS) -> tuple[Held, int]:
        """Read a prompt as the engine does; returns how many of its tokens came from the disk."""
        held = self.cells.claim(Reading(tuple(tokens), ends), 4)
        filled = self.sessions.fill(self.cache, self.cells, held, tokens)
        for _ in self.cells.extend(held, tokens[len(held.tokens) :]):
            pass
        assert self.cache.text(held.sequence) == list(tokens)
        self.cells.settle(held, len(tokens))
        return held, filled

    def keep(self, tokens: Sequence[int], ends: tuple[int, ...] = ENDS) -> None:
        self.sessions.save(self.cache, self.read(tokens, ends)[0])


def test_a_prompt_that_was_read_before_a_restart_is_not_read_again(tmp_path: Path) -> None:
    Desk(tmp_path).keep(PROMPT)
    assert Desk(tmp_path).read(PROMPT)[1] == len(PROMPT) - 1


def test_a_prompt_is_kept_in_pieces_and_another_question_shares_them(tmp_path: Path) -> None:
    Desk(tmp_path).keep(PROMPT)
    assert len(list(tmp_path.iterdir())) == 3
    other = (*SYSTEM, *FACTS, *range(4000, 4020))
    desk = Desk(tmp_path)
    desk.keep(other)
    assert len(list(tmp_path.iterdir())) == 4
    assert Desk(tmp_path).read(other)[1] == len(other) - 1


def test_facts_that_changed_in_the_middle_cost_only_what_follows(tmp_path: Path) -> None:
    Desk(tmp_path).keep(PROMPT)
    changed = (*SYSTEM, *FACTS[:30], 7, *FACTS[31:], *ASKED)
    assert Desk(tmp_path).read(changed)[1] == 50


def test_what_lies_in_the_cache_is_not_fetched_from_the_disk(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.keep(PROMPT)
    assert desk.read(PROMPT)[1] == 0


def test_the_disk_continues_what_lies_in_the_cache(tmp_path: Path) -> None:
    Desk(tmp_path).keep(PROMPT)
    desk = Desk(tmp_path)
    desk.read((*SYSTEM, *FACTS[:10], 5, 5, 5), ())
    assert desk.read(PROMPT)[1] == len(PROMPT) - 1 - 30


def test_what_was_kept_once_is_not_written_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.keep(PROMPT)
    written = desk.sessions.bytes_written
    desk.keep(PROMPT)
    assert desk.sessions.bytes_written == written
    again = Desk(tmp_path)
    again.keep(PROMPT)
    assert again.sessions.bytes_written == 0


@pytest.mark.parametrize("made_with", ["large", "small 2", ""])
def test_pieces_of_other_weights_are_not_used(tmp_path: Path, made_with: str) -> None:
    Desk(tmp_path, made_with="small").keep(PROMPT)
    assert Desk(tmp_path, made_with=made_with).read(PROMPT)[1] == 0


@pytest.mark.parametrize("part", [0.0, 0.02, 0.3, 0.6, 0.99])
def test_a_flipped_bit_anywhere_is_noticed_and_the_prompt_is_read(tmp_path: Path, part: float) -> None:
    Desk(tmp_path).keep(PROMPT)
    for path in tmp_path.iterdir():
        content = bytearray(path.read_bytes())
        content[int(part * len(content))] ^= 0x10
        path.write_bytes(content)
    desk = Desk(tmp_path)
    held, _ = desk.read(PROMPT)
    assert held.tokens == list(PROMPT)


@pytest.mark.parametrize("length", [0, 3, 8, 40, 200])
def test_a_file_that_was_cut_off_is_removed(tmp_path: Path, length: int) -> None:
    Desk(tmp_path).keep(PROMPT)
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:length])
    assert Desk(tmp_path).read(PROMPT)[1] == 0
    assert len(list(tmp_path.iterdir())) < 3


def test_a_piece_renamed_to_another_prompt_is_not_used(tmp_path: Path) -> None:
    Desk(tmp_path).keep(PROMPT)
    first = next(path for path in tmp_path.iterdir() if b'"start":0' in path.read_bytes())
    last = next(path for path in tmp_path.iterdir() if b'"start":60' in path.read_bytes())
    first.write_bytes(last.read_bytes())
    assert Desk(tmp_path).read(PROMPT)[1] == 0


def test_a_state_that_llama_cpp_refuses_is_not_used(tmp_path: Path) -> None:
    Desk(tmp_path).keep(PROMPT)
    desk = Desk(tmp_path)
    desk.cache.refuses = True
    assert desk.read(PROMPT)[1] == 0


def test_the_folder_stays_under_its_limit_and_the_oldest_pieces_go(tmp_path: Path) -> None:
    size = sum(path.stat().st_size for path in _kept(tmp_path / "one", PROMPT))
    desk = Desk(tmp_path / "two", limit=round(size * 1.5))
    for n in range(6):
        desk.keep([token + 10_000 * n for token in PROMPT])
    files = list((tmp_path / "two").iterdir())
    assert sum(path.stat().st_size for path in files) <= size * 1.5
    assert Desk(tmp_path / "two", limit=BIG).read([token + 50_000 for token in PROMPT])[1] > 0


def _kept(folder: Path, tokens: Sequence[int]) -> list[Path]:
    Desk(folder).keep(tokens)
    return list(folder.iterdir())


def test_a_piece_larger_than_the_limit_is_not_kept(tmp_path: Path) -> None:
    assert _kept_with_limit(tmp_path, 100) == []


def _kept_with_limit(folder: Path, limit: int) -> list[Path]:
    Desk(folder, limit=limit).keep(PROMPT)
    return list(folder.glob("*.piece"))


def test_keeping_ends_between_two_pieces_when_somebody_comes(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    held, _ = desk.read(PROMPT)
    answers = iter([True, False])
    desk.sessions.save(desk.cache, held, lambda: next(answers))
    assert len(list(tmp_path.iterdir())) == 1
    assert desk.sessions.misses(held)


def test_short_pieces_are_part_of_the_next_one(tmp_path: Path) -> None:
    Desk(tmp_path).keep(PROMPT, (SHORTEST - 1, 60))
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="rights are another matter there")
def test_only_the_owner_can_read_what_is_kept(tmp_path: Path) -> None:
    for path in _kept(tmp_path / "new", PROMPT):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    Desk(tmp_path / "file").keep(PROMPT)


def test_everything_is_forgotten(tmp_path: Path) -> None:
    _kept(tmp_path, PROMPT)
    (tmp_path / "half.part").write_text("")
    forget_all(tmp_path)
    assert list(tmp_path.iterdir()) == []
    forget_all(tmp_path / "nowhere")


def test_a_prompt_longer_than_the_cache_is_a_sentence(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with pytest.raises(ModelError, match="too long"):
        desk.read(range(2000))
