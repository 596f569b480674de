"""How long until the window stands, from the start of the process: the real program against an empty window.

The profile holds an evaluation, as after a first day. The programs are started in turn, and the first round, which
warms the disk's cache and compiles, does not count. The first paint shows the frame with its sidebar; `first_content`
is when the last evaluation is on the screen, read from SQLite.
"""

from __future__ import annotations

from tests.benchmarks.children import environment, profile, run, seconds_to_paint
from tests.benchmarks.figures import Figure, median, ms, over

FIGURES = ("first_paint", "first_content")
MOST = 2.0
WINDOWS = ("app", "empty", "content")
WINDOW = "tests.benchmarks.window"


def measure(*, quick: bool) -> list[Figure]:
    """Start all several times."""
    with profile() as data:
        env = environment(data)
        run("galaxy_desktop.cli", "analyze", "--demo", "slipping", "--data-dir", str(data / "main"), env=env)
        rounds = [[seconds_to_paint(WINDOW, which, env=env) for which in WINDOWS] for _ in range(2 if quick else 12)][
            1:
        ]
    ours, empty, content = (median(column) for column in zip(*rounds, strict=True))
    reference = f"empty PySide6 window {ms(empty)}"
    return [
        Figure(
            name="first_paint",
            figure=ms(ours),
            reference=reference,
            ratio=over(ours, empty),
            bar=f"at most {MOST:g}x",
            met=ours <= MOST * empty,
        ),
        Figure(name="first_content", figure=ms(content), reference=reference, ratio=over(content, empty)),
    ]
