"""Never two actions that do the same thing; of equals the cheaper stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain.findings import Effort, ForecastInputs
from galaxy_desktop.domain.scenarios import changed, freed, green, reviewed, without
from galaxy_desktop.recommend.candidates import Candidate, Change, Workbench, drop, obstacles
from galaxy_desktop.recommend.distinct import NO_GAIN, SAME_GAIN, Weighed, folded, without_doubles

ONE, TWO, THREE = (f"issue:o/r#{n}" for n in (1, 2, 3))
WAITING = {"age_days": 6.0, "waiting_for_review_days": 6.0}
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "age_days": st.sampled_from([1.0, 6.0, 20.0]),
        "waiting_for_review_days": st.sampled_from([2.0, 8.0]),
        "boxes": st.sampled_from([8, 12]),
        "blocked_by": st.sampled_from([(ONE,), (TWO,), ("issue:o/r#6",)]),
    },
)


def _weighed(make: Any, kind: str, ids: tuple[str, ...], change: Change, effort: Effort = Effort.SMALL) -> Any:
    """A candidate for the bench, weighed by the real forecast."""

    def weigh(bench: Any) -> Weighed:
        inputs = bench.inputs()
        before, after = bench.simulate(inputs), bench.simulate(change(inputs))
        one = Candidate(
            kind=kind, summary="Do it", item_ids=ids, effort=effort, evidence=(make.red,), about=",".join(ids),
            change=change,
        )  # fmt: skip
        gain = round(after.probability - before.probability, 4)
        return Weighed(one, gain, after.raw_share - before.raw_share)

    return weigh


def _kept(bench: Any, *makers: Any) -> list[str]:
    found = without_doubles([maker(bench) for maker in makers], bench.inputs(), bench.simulate)
    return [w.candidate.kind for w in found]


def test_two_actions_with_the_same_change_are_one_and_the_cheaper_stays(make: Any) -> None:
    bench = make.bench({1: WAITING}, pace=3)

    def change(inputs: ForecastInputs) -> ForecastInputs:
        return changed(inputs, ONE, reviewed)

    dear = _weighed(make, "dear", (ONE,), change, Effort.LARGE)
    cheap = _weighed(make, "cheap", (ONE,), change)
    assert _kept(bench, dear, cheap) == ["cheap"]


def test_the_same_item_with_another_effect_is_another_action(make: Any) -> None:
    bench = make.bench({1: {**WAITING, "red_run": make.red}}, pace=3)
    review = _weighed(make, "review", (ONE,), lambda i: changed(i, ONE, reviewed))
    fix = _weighed(make, "fix", (ONE,), lambda i: changed(i, ONE, green))
    drop = _weighed(make, "drop", (ONE,), lambda i: without(i, [ONE]))
    assert set(_kept(bench, review, fix, drop)) >= {"drop"}
    gains = {k: w(bench).gain for k, w in (("review", review), ("drop", drop))}
    assert (abs(gains["review"] - gains["drop"]) > SAME_GAIN) == ("review" in _kept(bench, review, drop))


def test_two_halves_of_an_obstacle_are_both_kept(make: Any) -> None:
    """Either blocker alone changes next to nothing; an item that waits for both needs both."""
    bench = make.bench({3: {"blocked_by": (ONE, TWO)}, 1: {"age_days": 9.0}, 2: {"age_days": 9.0}}, pace=3)
    first = _weighed(make, "first", (ONE, THREE), lambda i: freed(i, ONE))
    second = _weighed(make, "second", (TWO, THREE), lambda i: freed(i, TWO))
    assert set(_kept(bench, first, second)) == {"first", "second"}


def test_actions_without_an_effect_are_different_chores(make: Any) -> None:
    bench = make.bench()
    idle = [_weighed(make, kind, (ONE,), lambda i: i) for kind in ("one", "other")]
    assert set(_kept(bench, *idle)) == {"one", "other"}


def test_actions_that_are_not_simulated_are_left_alone(make: Any) -> None:
    plain = Candidate(kind="a", summary="Do", item_ids=(ONE,), effort=Effort.SMALL, evidence=(make.red,))
    both = [Weighed(plain, None, 0.0), Weighed(replace(plain, kind="b"), None, 0.0)]
    bench = make.bench()
    assert len(without_doubles(both, bench.inputs(), bench.simulate)) == 2


def _cut(make: Any, ids: tuple[str, ...], gain: float, minutes: int = 45, kind: str = "drop_or_move") -> Weighed:
    one = Candidate(
        kind=kind, summary="Do it", item_ids=ids, effort=Effort.SMALL, evidence=(make.red,), about=",".join(ids),
        minutes=minutes,
    )  # fmt: skip
    return Weighed(one, gain, gain)


def _names(found: list[Weighed]) -> list[tuple[str, ...]]:
    return [w.candidate.item_ids for w in found]


def test_of_a_cut_and_an_item_in_it_the_one_with_more_gain_a_minute_stays(make: Any) -> None:
    single = _cut(make, (ONE,), 0.1)
    assert _names(folded([_cut(make, (ONE, TWO, THREE), 0.6, 100), single])) == [(ONE, TWO, THREE)]
    (left,) = folded([_cut(make, (ONE, TWO, THREE), 0.2, 200), single])
    assert (left.candidate.item_ids, _names(list(left.inside))) == ((ONE,), [(ONE, TWO, THREE)])


def test_an_item_outside_the_cut_stands_beside_it(make: Any) -> None:
    assert len(folded([_cut(make, (ONE, TWO), 0.6), _cut(make, (THREE,), 0.1)])) == 2


def test_splitting_is_a_part_of_a_cut_and_a_choice_beside_a_single_drop(make: Any) -> None:
    split = _cut(make, (ONE,), 0.1, 180, "split")
    assert len(folded([_cut(make, (ONE, TWO), 0.6), split])) == 1
    assert len(folded([_cut(make, (ONE,), 0.6), split])) == 2


def test_what_is_no_cut_contains_nothing(make: Any) -> None:
    review = _cut(make, (ONE,), 0.1, 30, "review_pull_request")
    assert len(folded([_cut(make, (ONE, TWO), 0.6), review])) == 2


@given(st.lists(st.tuples(st.sets(st.integers(1, 4), min_size=1), st.floats(0.01, 0.9)), max_size=6, unique_by=str))
def test_nothing_that_is_kept_contains_another_and_nothing_is_lost(
    make: Any, sets: list[tuple[set[int], float]]
) -> None:
    cuts = [_cut(make, tuple(str(n) for n in sorted(ids)), gain, 45 * len(ids)) for ids, gain in sets]
    found = folded(cuts)
    for one in found:
        assert not any(set(one.candidate.item_ids) < set(other.candidate.item_ids) for other in found)
    assert sum(1 + len(one.inside) for one in found) == len(cuts)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.integers(1, 6), FACTS, max_size=4), st.integers(1, 3))
def test_what_is_kept_does_different_things(make: Any, facts: dict[int, dict[str, Any]], pace: int) -> None:
    bench = make.bench(facts, pace=pace)
    inputs = bench.inputs()
    work = Workbench(bench.sprint, bench.features, (), inputs, bench.snapshot, bench.now)
    before = bench.simulate(inputs).probability
    found = [*obstacles(work), *(drop(work, [w.item_id]) for w in inputs.open)]
    weighed = [Weighed(c, bench.simulate(c.change(inputs)).probability - before, 0.0) for c in found if c.change]
    kept = without_doubles(weighed, inputs, bench.simulate)
    assert kept or not weighed
    for n, one in enumerate(kept):
        for other in kept[n + 1 :]:
            a, b = one.candidate, other.candidate
            after_a, after_b = a.change(inputs), b.change(inputs)
            assert after_a != after_b or after_a == inputs
            inside = set(a.item_ids) <= set(b.item_ids) or set(b.item_ids) <= set(a.item_ids)
            if inside and abs(one.gain - other.gain) <= SAME_GAIN and one.gain >= NO_GAIN:
                alone, both = bench.simulate(after_a), bench.simulate(b.change(after_a))
                more = (both.probability - alone.probability, both.raw_share - alone.raw_share)
                assert max(more) > SAME_GAIN
