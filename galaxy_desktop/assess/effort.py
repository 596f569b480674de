"""What kind and size of an item do to its duration, learned from the team's own finished items.

    factor of a kind          exp(n / (n + 10) * (mean ln days of the kind - mean ln days of all))
    factor of a size in it    the same, against what the kind already explains

n counts the items behind it, of which none counts for more than e^2: few leave a factor near 1, and it stays between 1/3 and 3. An item of a kind and size takes
as long as any item does, times both factors. Public lines of thumb are not used: whether large pull requests take longer,
and how much, differs from team to team.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from galaxy_desktop.domain.facts import FinishedWork
from galaxy_desktop.domain.findings import EffortFactor, OpenWork

SMALL_LINES, LARGE_LINES = 50, 400
LARGE_BOXES = 6
SHRINK = 10.0
BOUNDS = (1.0 / 3.0, 3.0)
FARTHEST = 2.0
"""No single item pulls further than this many powers of e: what took seven times as long is an accident."""
SHORTEST_DAYS = 0.1
"""Below this a duration is how fast somebody clicked, not how long something took."""


def kind_of(item_id: str) -> str:
    """The kind that an evidence id begins with: "issue" or "pr"."""
    return item_id.removeprefix("external:").partition(":")[0]


def size_of(kind: str, lines: int | None, boxes: int) -> str:
    """The size class of an item: lines of a pull request, boxes of an issue; "" where nothing tells."""
    if kind == "pr":
        if lines is None:
            return ""
        return "small" if lines <= SMALL_LINES else "medium" if lines <= LARGE_LINES else "large"
    return "large" if boxes >= LARGE_BOXES else "medium" if boxes else ""


def learned(finished: Sequence[FinishedWork]) -> tuple[EffortFactor, ...]:
    """The factors that the past supports, kinds before their sizes, in a fixed order; rounded so that platforms agree."""
    if not finished:
        return ()
    logs = [
        (work.kind, size_of(work.kind, work.lines, work.boxes), math.log(max(work.days, SHORTEST_DAYS)))
        for work in finished
    ]
    usual = math.fsum(log for _, _, log in logs) / len(logs)
    kinds: defaultdict[str, list[float]] = defaultdict(list)
    sizes: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for kind, _, log in logs:
        kinds[kind].append(log - usual)
    of_kind = {kind: _factor(kind, "", rest) for kind, rest in sorted(kinds.items())}
    for kind, size, log in logs:
        if size:
            sizes[kind, size].append(log - usual - math.log(of_kind[kind].factor))
    return (*of_kind.values(), *(_factor(kind, size, rest) for (kind, size), rest in sorted(sizes.items())))


def _factor(kind: str, size: str, rest: Sequence[float]) -> EffortFactor:
    count = len(rest)
    shift = math.fsum(min(max(one, -FARTHEST), FARTHEST) for one in rest) / (count + SHRINK)
    return EffortFactor(
        kind=kind, size=size, factor=round(min(max(math.exp(shift), BOUNDS[0]), BOUNDS[1]), 2), seen=count
    )


def factor_of(work: OpenWork, factors: Iterable[EffortFactor] | Mapping[tuple[str, str], float]) -> float:
    """How much longer this item takes than a usual one."""
    table = factors if isinstance(factors, Mapping) else table_of(factors)
    kind = kind_of(work.item_id)
    size = size_of(kind, work.lines, work.boxes)
    both = table.get((kind, ""), 1.0) * (table.get((kind, size), 1.0) if size else 1.0)
    return round(min(max(both, BOUNDS[0]), BOUNDS[1]), 4)


def table_of(factors: Iterable[EffortFactor]) -> dict[tuple[str, str], float]:
    """The factors by kind and size."""
    return {(one.kind, one.size): one.factor for one in factors}


def in_words(factors: Iterable[EffortFactor]) -> str:
    """The factors as the formula shows them: "Against the usual time: issues x 1.30 (40 seen), ..."."""
    names = {"issue": "issues", "pr": "pull requests"}
    said = [
        f"{f'{one.size} ' if one.size else ''}{names.get(one.kind, one.kind)} x {one.factor:.2f} ({one.seen} seen)"
        for one in factors
        if one.factor != 1.0
    ]
    return f"Against the usual time: {', '.join(said)}." if said else ""
