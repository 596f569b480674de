"""Texts in the cache share their beginnings; who has to make room, and what is never lost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.errors import ModelError
from galaxy_desktop.reason.cells import LONG, Cells, Held
from galaxy_desktop.reason.native import SPARE, InterruptedByAbortError, NoRoomError, Reading


class FakeCache:
    """A cache that knows which token of which text lies in each of its cells, as llama.cpp does."""

    def __init__(self, capacity: int, *, shares: bool = True, stop_after: int | None = None) -> None:
        self.shares = shares
        self.cells: list[tuple[int, int, set[int]]] = []
        self.read = 0
        self._capacity, self._stop_after = capacity, stop_after

    def decode(self, tokens: Sequence[int], sequence: int, position: int, *, last: bool = True) -> None:
        assert self.length(sequence) == position, "a text goes on where it ended"
        if len(self.cells) + len(tokens) > self._capacity:
            raise NoRoomError
        done = tokens if self._stop_after is None else tokens[: self._stop_after]
        self.cells += [(position + n, token, {sequence}) for n, token in enumerate(done)]
        self.read += len(done)
        if len(done) < len(tokens):
            raise InterruptedByAbortError

    def length(self, sequence: int) -> int:
        return max((position + 1 for position, _, owners in self.cells if sequence in owners), default=0)

    def cut(self, sequence: int, start: int) -> bool:
        if not self.shares and start:
            start = 0
        for position, _, owners in self.cells:
            if position >= start:
                owners.discard(sequence)
        self.cells = [cell for cell in self.cells if cell[2]]
        return self.shares or start == 0

    def share(self, source: int, target: int, start: int, end: int) -> None:
        for position, _, owners in self.cells:
            if source in owners and start <= position < end:
                owners.add(target)

    def text(self, sequence: int) -> list[int]:
        return [token for _, token, owners in sorted(self.cells, key=lambda c: c[0]) if sequence in owners]


def _read(cells: Cells, tokens: Sequence[int], room: int = 4) -> Held:
    held = cells.claim(Reading(tuple(tokens)), room)
    for _ in cells.extend(held, tokens[len(held.tokens) :], 3):
        pass
    return held


def test_a_prompt_takes_over_what_another_one_begins_with() -> None:
    cache = FakeCache(100)
    cells = Cells(cache, 100)
    cells.settle(_read(cells, [1, 2, 3, 4, 5]), 5)
    second = _read(cells, [1, 2, 3, 9, 9, 9])
    assert (cache.read, cache.text(second.sequence), cells.used) == (8, [1, 2, 3, 9, 9, 9], 8)


def test_the_last_token_of_a_prompt_is_read_again() -> None:
    cache = FakeCache(100)
    cells = Cells(cache, 100)
    cells.settle(_read(cells, [1, 2, 3]), 3)
    assert _read(cells, [1, 2, 3]).tokens == [1, 2, 3]
    assert cache.read == 4


def test_what_was_written_behind_a_prompt_is_forgotten_when_it_is_finished() -> None:
    cache = FakeCache(100)
    cells = Cells(cache, 100)
    held = _read(cells, [1, 2, 3])
    list(cells.extend(held, [7, 8]))
    cells.settle(held, 3)
    assert cache.text(held.sequence) == [1, 2, 3]


def test_an_interrupted_piece_keeps_what_was_done_of_it() -> None:
    cache = FakeCache(100, stop_after=2)
    cells = Cells(cache, 100)
    held = cells.claim(Reading((1, 2, 3, 4, 5)), 0)
    with pytest.raises(InterruptedByAbortError):
        list(cells.extend(held, [1, 2, 3, 4, 5]))
    assert held.tokens == [1, 2]


def test_finished_texts_go_before_interrupted_ones_and_are_offered_first() -> None:
    left: list[list[int]] = []
    cells = Cells(FakeCache(20), 20, lambda held: left.append(list(held.tokens)))
    finished, paused = _read(cells, [1] * 6), _read(cells, [2] * 6)
    cells.settle(finished, 6)
    new = _read(cells, [3] * 8)
    assert (left, paused.lost, new.lost) == ([[1] * 6], False, False)


def test_an_interrupted_text_makes_room_when_nothing_else_is_left() -> None:
    cells = Cells(FakeCache(20), 20)
    paused = _read(cells, [2] * 10)
    _read(cells, [3] * 12)
    assert (paused.lost, paused.tokens) == (True, [])
    cells.settle(paused, 10)
    assert len(cells.idle) == 0


def test_finished_texts_fill_a_third_of_the_cache_at_most() -> None:
    cells = Cells(FakeCache(50), 50)
    for n in range(5):
        cells.settle(_read(cells, [n] * 8), 8)
    assert [held.tokens[0] for held in cells.idle] == [3, 4]


def test_there_are_never_more_texts_than_sequences() -> None:
    cells = Cells(FakeCache(1000), 1000)
    held = [_read(cells, [n, n]) for n in range(SPARE + 3)]
    assert [one.lost for one in held].count(True) == 3
    assert len({one.sequence for one in held if not one.lost}) == SPARE


def test_the_beginning_of_another_text_is_not_kept_twice() -> None:
    cells = Cells(FakeCache(100), 100)
    first = _read(cells, [1, 2, 3])
    first.saved = {2}
    cells.settle(first, 3)
    second = _read(cells, [1, 2, 3, 4])
    cells.settle(second, 4)
    assert (len(cells.idle), second.saved) == (1, {2})


def test_a_model_that_cannot_share_reads_every_prompt_from_its_beginning() -> None:
    cache = FakeCache(100, shares=False)
    cells = Cells(cache, 100)
    cells.settle(_read(cells, [1, 2, 3]), 3)
    _read(cells, [1, 2, 3])
    assert cache.read == 6


def test_a_full_cache_makes_the_others_go_and_alone_it_is_a_sentence() -> None:
    cache = FakeCache(10)
    cells = Cells(cache, 100)
    _read(cells, [1] * 6)
    other = _read(cells, [2] * 6)
    assert cache.text(other.sequence) == [2] * 6
    with pytest.raises(ModelError, match="too long"):
        _read(cells, [3] * 11)


def test_room_for_short_work_is_made() -> None:
    cells = Cells(FakeCache(20), 20)
    cells.settle(_read(cells, [1] * 9), 9)
    cells.reserve(12)
    assert cells.used == 0


def test_forgetting_forgets_busy_texts_too_and_offers_none() -> None:
    left: list[Held] = []
    cells = Cells(FakeCache(100), 100, left.append)
    cells.settle(_read(cells, [1, 2]), 2)
    busy = _read(cells, [3, 4])
    cells.forget()
    assert (left, busy.lost, cells.used) == ([], True, 0)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.lists(st.integers(0, 2), min_size=1, max_size=12), st.booleans()), max_size=25))
def test_whatever_comes_texts_lie_whole_in_the_cache_and_never_exceed_it(
    texts: list[tuple[list[int], bool]],
) -> None:
    cache = FakeCache(40)
    cells = Cells(cache, 40)
    for tokens, finishes in texts:
        held = _read(cells, tokens, room=3)
        assert cache.text(held.sequence) == tokens
        assert cells.used == len(cache.cells) <= 40
        if finishes:
            cells.settle(held, len(tokens))


def test_what_the_disk_has_goes_before_a_long_prompt_and_what_it_has_not_stays() -> None:
    cache, left = FakeCache(2000), []
    kept, fresh = list(range(100)), list(range(500, 600))
    cells = Cells(cache, 2000, left.append, lambda held: held.tokens[0] == 0)
    for tokens in (kept, fresh):
        cells.settle(_read(cells, tokens), len(tokens))
    _read(cells, [7] * (LONG - 1))
    assert [held.tokens for held in cells.idle] == [kept, fresh]
    _read(cells, [8] * LONG)
    assert [held.tokens for held in cells.idle] == [fresh]
    assert left == []


def test_what_a_long_prompt_begins_with_stays_though_the_disk_has_it() -> None:
    cache = FakeCache(2000)
    cells = Cells(cache, 2000, on_disk=lambda _: True)
    facts = list(range(50))
    cells.settle(_read(cells, facts), 50)
    before = cache.read
    _read(cells, [*facts, *[9] * LONG])
    assert cache.read == before + LONG
