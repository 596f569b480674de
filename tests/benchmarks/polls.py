"""From a poll that brought something to new recommendations, and from those to the screen."""

from __future__ import annotations

from tests.benchmarks.children import environment, profile, report
from tests.benchmarks.figures import Figure, median, ms, over
from tests.benchmarks.github_source import running
from tests.benchmarks.loop_stalls import REHEARSAL

FIGURES = ("poll_to_recommendations", "news_on_screen")
POLL_S, SCREEN_S = 5.0, 0.5


def measure(*, quick: bool) -> list[Figure]:
    """Poll three repositories while time passes there; the slowest poll counts."""
    with profile() as data, running(quick=quick) as github:
        env = environment(data, {"GALAXY_GITHUB_API": github.base})
        found = report(REHEARSAL, "scenes:polls", github.to_text(), *(["--quick"] if quick else []), env=env)
    took, shown = found["from_evaluation"], found["to_screen"]
    return [
        Figure(
            name="poll_to_recommendations",
            figure=f"median {ms(median(took))}, slowest {ms(max(took))} of {len(took)} polls of {found['items']:,} items",
            reference=f"reading the workspace from SQLite {ms(found['snapshot'])}",
            ratio=over(median(took), found["snapshot"]),
            bar="under 5 s",
            met=max(took) < POLL_S,
        ),
        Figure(
            name="news_on_screen",
            figure=f"median {ms(median(shown))}, slowest {ms(max(shown))}",
            reference=f"from asking for the sync to the screen {ms(median(found['from_wish']))}",
            ratio=over(median(shown), median(found["from_wish"])),
            bar="within 500 ms",
            met=max(shown) <= SCREEN_S,
        ),
    ]
