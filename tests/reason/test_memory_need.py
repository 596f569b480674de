"""Whether a model fits is reckoned before it is loaded, and the arithmetic can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.models import Fit, Memory, Need, Shape, size
from galaxy_desktop.reason.catalog import Catalog
from galaxy_desktop.reason.memory_need import judge, need_of, reckoned_speed, smaller

GB = 1_000_000_000
LLAMA_8B = Shape(
    architecture="llama", layers=32, cache_width=65_536, embedding=4096, vocabulary=128_256, context_tokens=131_072
)
WEIGHTS_8B = 4_920_739_232


def _memory(total: float, free: float, **more: int) -> Memory:
    return Memory(total=round(total * GB), free=round(free * GB), **more)


def _of(total: int) -> Need:
    return Need(weights=total, cache=0, buffers=0, headroom=0, context_tokens=4096)


def test_the_cache_of_an_8b_model_is_half_a_gibibyte_for_4096_tokens() -> None:
    need = need_of(WEIGHTS_8B, LLAMA_8B)
    assert need.cache == 512 * 2**20
    assert need.buffers == 512 * 4 * (128_256 + 8192)
    assert need.total == WEIGHTS_8B + need.cache + need.buffers + need.headroom
    assert not need.estimated


def test_a_cache_in_8_bits_is_about_half_of_one_in_16() -> None:
    full, small = need_of(GB, LLAMA_8B), need_of(GB, LLAMA_8B, cache_type="q8_0")
    assert small.cache / full.cache == pytest.approx(34 / 64)


def test_no_more_context_is_reckoned_than_the_model_was_trained_for() -> None:
    short = Shape(architecture="x", layers=1, cache_width=10, embedding=1, vocabulary=1, context_tokens=100)
    assert need_of(GB, short).cache == 10 * 100 * 2


def test_a_model_of_unknown_shape_is_guessed_and_marked_so() -> None:
    need = need_of(WEIGHTS_8B, None)
    assert need.estimated
    assert need.total == pytest.approx(need_of(WEIGHTS_8B, LLAMA_8B).total, rel=0.05)
    assert "guessed" in " ".join(judge(need, _memory(16, 9)).arithmetic)


@pytest.mark.parametrize(
    ("total", "free", "fit"),
    [(16.6, 9.0, Fit.FITS), (16.6, 6.5, Fit.SLOW), (16.6, 4.0, Fit.SLOW), (8.2, 8.0, Fit.TOO_LARGE)],
    ids=["room", "little room", "would swap", "too small a computer"],
)
def test_an_8b_model_is_judged_by_what_is_free_and_by_what_there_is(total: float, free: float, fit: Fit) -> None:
    assert judge(need_of(WEIGHTS_8B, LLAMA_8B), _memory(total, free), LLAMA_8B).fit is fit


def test_what_the_loaded_model_would_give_back_counts_as_free() -> None:
    need = _of(5 * GB)
    assert judge(need, _memory(16, 2)).fit is Fit.SLOW
    assert judge(need, _memory(16, 2, reclaimable=5 * GB)).fit is Fit.FITS


def test_a_model_that_fits_but_crawls_is_slow() -> None:
    report = judge(_of(5 * GB), _memory(24, 20), tokens_per_second=2.25, measured=True)
    assert (report.fit, report.sentence) == (
        Fit.SLOW,
        "It fits, but writes 2.2 tokens a second on this computer.",
    )
    assert report.arithmetic[-1] == "speed: 2.2 tokens a second, measured here"


def test_the_arithmetic_names_every_part_and_the_sum() -> None:
    lines = judge(need_of(WEIGHTS_8B, LLAMA_8B), _memory(16.6, 9), LLAMA_8B).arithmetic
    assert lines[0] == "weights 4.92 GB: the file"
    assert lines[1] == "+ cache 537 MB: 4,096 tokens × 65,536 numbers (32 layers) × 2 bytes (f16)"
    assert lines[2] == "+ buffers 279 MB: 512 tokens at once × (vocabulary 128,256 + 2 × 4,096) × 4 bytes"
    assert lines[4:] == (
        "= 6.18 GB needed",
        "free now: 9.00 GB",
        "in all: 16.6 GB, of which other programs keep about 2.50 GB",
    )


def test_the_largest_model_that_fits_is_suggested() -> None:
    room = _memory(8, 5)
    others = [("small", judge(_of(GB), room)), ("middle", judge(_of(3 * GB), room)), ("huge", judge(_of(9 * GB), room))]
    assert smaller(_of(6 * GB), others) == "middle"
    assert smaller(_of(GB), others) == ""


def test_speed_is_reckoned_from_the_measured_model_nearest_in_size() -> None:
    assert reckoned_speed(5 * GB, [(GB, 20.0), (100_000_000, 90.0)]) == pytest.approx(4.0)
    assert reckoned_speed(5 * GB, []) is None
    assert reckoned_speed(5 * GB, [(100_000_000, 90.0)]) is None


@pytest.mark.parametrize(
    ("amount", "said"),
    [(0, "0 bytes"), (1500, "2 kB"), (98_362_432, "98 MB"), (4_920_739_232, "4.92 GB"), (999_700, "1 MB"), (999_600_000, "1.00 GB"), (11_300_000_000, "11.3 GB")],
)  # fmt: skip
def test_sizes_are_said_in_units_of_a_thousand(amount: int, said: str) -> None:
    assert size(amount) == said


@given(st.integers(1, 10**12), st.integers(1, 10**12), st.integers(0, 10**12))
def test_more_free_memory_never_makes_the_word_worse(total: int, need: int, free: int) -> None:
    order = [Fit.TOO_LARGE, Fit.SLOW, Fit.FITS]
    less = judge(_of(need), Memory(total=total, free=free))
    more = judge(_of(need), Memory(total=total, free=free + 10**9))
    assert order.index(more.fit) >= order.index(less.fit)


def test_the_shipped_models_are_suggested_for_computers_on_which_they_fit() -> None:
    for entry in Catalog.read().prose:
        need = need_of(entry.bytes, entry.shape)
        machine = _memory(entry.machine_gb * 1.024, entry.machine_gb * 0.75)
        assert not need.estimated
        assert judge(need, machine, entry.shape).fit is Fit.FITS, entry.name
        assert need.total == pytest.approx(entry.memory_bytes, rel=0.02), entry.name
