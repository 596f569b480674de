"""Every benchmark runs from end to end in its smallest form, and has its line in the docs; no figure is judged here."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from galaxy_desktop.paths import models_folder
from tests.benchmarks import catalog, table
from tests.benchmarks.children import ROOT
from tests.benchmarks.figures import Figure, ms, over, percentile, ratio
from tests.benchmarks.heartbeat import BEAT_S, Heartbeat, Span

WEIGHTS_NEEDED = {"loop_stalls", "memory", "engine_speed", "large_model"}


def _quick(module: str) -> list[Figure]:
    words = [sys.executable, "-m", "tests.benchmarks", "--inside", module, "--quick"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert done.returncode == 0, done.stderr[-3000:]
    return [Figure(**fields) for fields in json.loads(done.stdout.splitlines()[-1])]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("module", catalog.MODULES)
def test_a_benchmark_measures_against_a_reference(module: str) -> None:
    if module in WEIGHTS_NEEDED and not (models_folder() / "all-minilm-l6-v2").is_dir():
        pytest.skip("the small weights are missing; set-up fetches them")
    figures = _quick(module)
    assert {figure.name for figure in figures} <= set(catalog.benchmark(module).FIGURES)
    assert all(figure.ratio > 0 and figure.reference for figure in figures)


def test_every_figure_has_its_line_in_the_table() -> None:
    assert tuple(table.rows()) == catalog.figure_names()


def test_every_figure_is_explained_above_the_table() -> None:
    text = table.PAGE.read_text(encoding="utf-8").split(table.BEGIN)[0]
    assert [name for name in catalog.figure_names() if f"`{name}`" not in text] == []


def test_a_figure_is_one_line_with_its_reference_ratio_and_bar() -> None:
    figure = Figure(name="x", figure="2 s", reference="plain 1 s", ratio=2.0, bar="at most 3x", met=True)
    assert figure.line() == "x: 2 s | reference: plain 1 s | ratio 2.00x | bar at most 3x: met"


def test_writing_one_figure_leaves_the_others_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(f"before\n{table.BEGIN}\n| `a` | old |\n| `b` | old |\n{table.END}\nafter\n")
    monkeypatch.setattr(table, "PAGE", page)
    table.write([(Figure(name="b", figure="new", reference="r", ratio=1.0), 0.5)], ("a", "b"))
    assert table.rows()["a"] == "| `a` | old |"
    assert table.rows()["b"].startswith("| `b` | new | r | 1.00x | — | 0.5 |")
    assert page.read_text().endswith("after\n")


def test_the_page_names_no_host_and_no_folder() -> None:
    text = table.PAGE.read_text(encoding="utf-8")
    places = (str(ROOT), str(Path.home()), tempfile.gettempdir(), platform.node())
    assert not any(place in text for place in places)


def test_a_name_chooses_the_module_that_measures_it() -> None:
    assert catalog.modules_for(["stalls_sync", "evaluate"]) == ("loop_stalls", "evaluate")
    assert catalog.modules_for([]) == catalog.MODULES
    with pytest.raises(SystemExit, match="no benchmark named nonsense"):
        catalog.modules_for(["nonsense"])


def test_every_beat_that_was_due_in_a_stall_counts(qapp: object) -> None:
    assert qapp
    heart = Heartbeat()
    heart.stop()
    heart.beats = [0.0, BEAT_S, 5 * BEAT_S]
    late = heart.lateness([Span("stall", 0.0, 1.0)])
    assert [round(one / BEAT_S) for one in late] == [0, 3, 2, 1]


def test_percentiles_and_words_of_times() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([], 0.99) == 0.0
    assert (ms(0.00004), ms(0.0123), ms(0.25), ms(1.5), ms(12.0)) == ("40 µs", "12.3 ms", "250 ms", "1.50 s", "12.0 s")
    assert (ratio(0.5), ratio(1234.0), ratio(over(1.0, 0.0))) == ("0.50x", "1,234x", "—")
