"""`evaluate outcomes`: files in, figures out, and a sentence for every file that is not one."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from galaxy_desktop import cli
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.paths import resources_folder
from galaxy_desktop.services import evaluation_rows
from galaxy_desktop.services.evaluation_rows import NUMBERS, OUTCOME, read_rows

PUBLIC = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "sprints_public" / "sprints_train.csv"
HEADER = ("project", "sprint", *NUMBERS, OUTCOME)


def _sprints(count: int, seed: int, first: int = 0) -> list[dict[str, object]]:
    """Rows of two made-up projects at 0 and 80 %."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, object]] = []
    for order in range(first, first + count):
        items, speed = int(rng.integers(4, 15)), rng.uniform(0.4, 1.5)
        for percent in (0, 80):
            done = min(items, round(items * speed * percent / 100))
            counts = {"at_start": items, "added": 0, "removed": 0, "todo": items - done, "in_progress": 0, "done": done}
            row: dict[str, object] = {f"{unit}_{name}": n for unit in ("items", "points") for name, n in counts.items()}
            row |= {"project": "AB"[order % 2], "sprint": order, "order": order, "percent_elapsed": percent}
            row |= {"planned_days": 14, "members": 3, OUTCOME: min(0, round(items * speed) - items)}
            rows.append(row)
    return rows


def _csv(rows: list[dict[str, object]], header: tuple[str, ...] = HEADER) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, header, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.fixture
def train(tmp_path: Path) -> Path:
    path = tmp_path / "train.csv"
    path.write_text(_csv(_sprints(60, 1)), encoding="utf-8")
    return path


@pytest.fixture
def test(tmp_path: Path) -> Path:
    path = tmp_path / "test.csv"
    path.write_text(_csv(_sprints(40, 2, first=60)), encoding="utf-8")
    return path


def _run(*words: object) -> int:
    return cli.main(["evaluate", "outcomes", *map(str, words)])


def test_figures_come_by_project_by_moment_and_as_their_mean(
    train: Path, test: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("--train", train, "--test", test, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["mode"] == "later sprints"
    model = said["committed"]["projects"]["A"]["80"]["model"]
    assert set(model) == {"auc", "brier", "log_loss", "ratio_error"}
    assert model["auc"]["low"] <= model["auc"]["value"] <= model["auc"]["high"]
    mean = said["committed"]["mean_over_projects"]["80"]
    assert mean["model"]["brier"]["value"] < mean["base_rate"]["brier"]["value"]
    assert said["all_sprints"]["expected_calibration_error"]["value"] < 0.5


def test_the_same_files_give_the_same_bytes(train: Path, test: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for _ in range(2):
        _run("--train", train, "--test", test, "--json")
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]


def test_a_person_reads_tables_with_intervals(train: Path, test: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--train", train, "--test", test) == 0
    said = capsys.readouterr().out
    assert "Mean over projects" in said
    for label in ("outcome model", "base rate", "lagged median", "linear burn", "all positive", "too few to judge"):
        assert label in said
    assert "both files" not in said


def test_every_row_is_predicted_in_the_order_of_the_file(train: Path, test: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.csv"
    assert _run("--train", train, "--test", test, "--predictions", out) == 0
    found = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    asked = list(csv.DictReader(test.read_text(encoding="utf-8").splitlines()))
    assert list(found[0]) == ["project", "sprint", "percent_elapsed", "p_missed"]
    assert [(r["project"], r["sprint"], r["percent_elapsed"]) for r in found] == [
        (r["project"], r["sprint"], r["percent_elapsed"]) for r in asked
    ]
    assert all(0 < float(r["p_missed"]) < 1 for r in found)


@pytest.mark.parametrize("drop", [False, True])
def test_a_test_file_without_outcomes_gives_the_same_predictions_and_no_scores(
    drop: bool, train: Path, test: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{**row, OUTCOME: ""} for row in _sprints(40, 2, first=60)]
    blank = tmp_path / "blank.csv"
    blank.write_text(_csv(rows, HEADER[:-1] if drop else HEADER), encoding="utf-8")
    known, unknown = tmp_path / "known", tmp_path / "unknown"
    assert _run("--train", train, "--test", test, "--predictions", known) == 0
    capsys.readouterr()
    assert _run("--train", train, "--test", blank, "--predictions", unknown, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert "committed" not in said
    assert "no scores" in said["notes"][-1]
    assert known.read_bytes() == unknown.read_bytes()


def test_leaving_projects_out_needs_no_test_file(train: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--train", train, "--leave-one-project-out", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["mode"] == "leave one project out"
    assert set(said["committed"]["projects"]) == {"A", "B"}


def test_sprints_in_both_files_are_said_aloud(train: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--train", train, "--test", train) == 0
    assert "60 sprints are in both files" in capsys.readouterr().out


def test_parameters_are_written_as_the_program_reads_them(train: Path, tmp_path: Path) -> None:
    saved = [tmp_path / "one.json", tmp_path / "two.json"]
    for path in saved:
        assert _run("--train", train, "--save", path) == 0
    assert saved[0].read_bytes() == saved[1].read_bytes()
    assert set(json.loads(saved[0].read_text())) == set(
        json.loads((resources_folder() / "outcome_model.json").read_text())
    )


def _changed(**fields: object) -> str:
    rows = _sprints(4, 1)
    return _csv([rows[0] | fields, *rows[1:]])


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "is empty"),
        (_csv([]), "no rows"),
        (_csv(_sprints(2, 1), tuple(name for name in HEADER if name != "members")), "no column members"),
        (_csv(_sprints(2, 1), HEADER[:-1]), f"no column {OUTCOME}"),
        (_changed(planned_days="two weeks"), "line 2, column planned_days: it is “two weeks”"),
        (_changed(items_done=""), "line 2, column items_done: it is blank"),
        (_changed(items_done="nan"), "column items_done: it is “nan”"),
        (_changed(points_done="inf"), "column points_done: it is “inf”"),
        (_changed(points_done="1e300"), "column points_done: 1e300 is too large"),
        (_changed(members="1_0"), "column members: it is “1_0”"),
        (_changed(items_done=-1), "line 2, column items_done: -1 is below zero"),
        (_changed(members=2.5), "2.5 is not a whole number"),
        (_changed(percent_elapsed=130), "column percent_elapsed: 130 is not a whole number from 0 to 100"),
        (_changed(project=" "), "line 2, column project: it must not be blank"),
        (_changed(**{OUTCOME: ""}), "Training needs every outcome"),
        (_csv([_sprints(2, 1)[0]] * 2), "line 3: sprint 0 of A at 0 % is there twice; the first time on line 2"),
        (_csv(_sprints(2, 1)) + "1,2,3\n", "line 6: there are 3 fields"),
        (_csv(_sprints(2, 1)) + "1," * 40 + "\n", "41 fields, and the header has 19 columns"),
        (_csv(_sprints(2, 1)).replace("order", "members", 1), "no column order"),
        (_csv(_sprints(2, 1), (*HEADER, "members")), "column members is there twice"),
        (_csv(_sprints(2, 1)).replace(",", ";"), "separated by commas"),
        (_csv(_sprints(2, 1)) + '"open', "line 6: this is not CSV"),
        ("x" * 1_000_001, "a line of more than"),
        ('project,"sprint\n', "is not CSV"),
        (_csv([{**row, "points_at_start": 0} for row in _sprints(4, 1)]), "nothing to learn from"),
    ],
)
def test_a_file_that_cannot_teach_is_answered_with_a_sentence_and_2(
    text: str, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    assert _run("--train", path, "--save", tmp_path / "out.json") == 2
    said = capsys.readouterr().err
    assert named in said
    assert said.count("\n") == 1


def _same_bytes(rows: list[dict[str, object]]) -> list[bytes]:
    """The same rows as files of other makers: a mark, other line ends, other orders, quotes, more columns."""
    plain, more = _csv(rows), _csv([{**row, "note": 'a, "b"\nc'} for row in rows], ("note", *reversed(HEADER)))
    variants = (plain, plain.replace("\n", "\r\n"), plain.replace("\n", "\r"), plain.replace("\n", "\n\n"), more)
    return [*(text.encode() for text in variants), b"\xef\xbb\xbf" + plain.encode()]


def test_rows_are_read_alike_whoever_wrote_the_file(tmp_path: Path) -> None:
    rows = [{**row, "project": "a, b", "planned_days": 0} for row in _sprints(4, 1)]
    found = []
    for content in _same_bytes(rows):
        (tmp_path / "rows.csv").write_bytes(content)
        found.append(read_rows(tmp_path / "rows.csv", outcomes=True))
    assert all(one == found[0] for one in found)
    assert (found[0][0].project, found[0][0].moment.planned_days) == ("a, b", 0)


def test_more_rows_than_fit_are_refused(train: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation_rows, "MOST_ROWS", 119)
    with pytest.raises(WrongUseError, match="more than 119 rows"):
        read_rows(train, outcomes=True)


def test_more_projects_than_can_be_weighed_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "many.csv"
    path.write_text(_csv([{**row, "project": f"p{n}"} for n, row in enumerate(_sprints(300, 1))]), encoding="utf-8")
    assert _run("--train", path, "--save", tmp_path / "out") == 2
    assert "600 rows of 600 projects" in capsys.readouterr().err


def test_a_project_nobody_learned_from_is_predicted_as_a_new_team_and_named(
    train: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new.csv"
    path.write_text(_csv([{**row, "project": "New\x1b[2J"} for row in _sprints(6, 2)]), encoding="utf-8")
    assert _run("--train", train, "--test", path, "--json") == 0
    assert "as new teams from what all others did: New [2J." in json.loads(capsys.readouterr().out)["notes"][1]


def test_sprints_with_nothing_committed_get_predictions_and_no_scores(
    train: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trivial.csv"
    path.write_text(_csv([{**row, "points_at_start": 0} for row in _sprints(6, 2)]), encoding="utf-8")
    assert _run("--train", train, "--test", path, "--predictions", tmp_path / "p", "--json") == 0
    assert "no scores" in json.loads(capsys.readouterr().out)["notes"][-1]
    assert (tmp_path / "p").read_text().count("\n") == 13


def test_what_is_read_is_never_written(train: Path, test: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(test)
    before = train.read_bytes(), test.read_bytes()
    for words in (("--predictions", test), ("--predictions", tmp_path / "link"), ("--save", train)):
        assert _run("--train", train, "--test", test, *words) == 2
    assert (train.read_bytes(), test.read_bytes()) == before


def test_a_single_project_cannot_be_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "one.csv"
    path.write_text(_csv([{**row, "project": "A"} for row in _sprints(4, 1)]), encoding="utf-8")
    assert _run("--train", path, "--leave-one-project-out", "--json") == 2
    said = capsys.readouterr()
    assert "no project but A" in said.err
    assert said.out == ""


def test_wrong_use_is_2(train: Path, test: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    for words, named in (
        (("--train", tmp_path / "none.csv"), "no file"),
        (("--train", tmp_path), "cannot be read"),
        (("--train", binary), "UTF-8"),
        (("--train", train, "--predictions", tmp_path / "p.csv"), "nothing to predict"),
        (("--train", train, "--test", test, "--predictions", tmp_path / "no" / "p.csv"), "cannot be written"),
    ):
        assert _run(*words) == 2
        assert named in capsys.readouterr().err


def test_some_outcomes_missing_from_a_test_file_are_refused(
    train: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "some.csv"
    path.write_text(_changed(**{OUTCOME: ""}), encoding="utf-8")
    assert _run("--train", train, "--test", path) == 2
    assert "or none for predictions only" in capsys.readouterr().err


@pytest.mark.skipif(not PUBLIC.exists(), reason="the public sprints (../shared/data) are not on this machine")
def test_the_shipped_parameters_are_those_of_the_public_sprints(tmp_path: Path) -> None:
    saved = tmp_path / "outcome_model.json"
    assert _run("--train", PUBLIC, "--save", saved) == 0
    assert saved.read_bytes() == (resources_folder() / "outcome_model.json").read_bytes()


@pytest.mark.skipif(not PUBLIC.exists(), reason="the public sprints (../shared/data) are not on this machine")
def test_a_new_team_is_told_more_than_the_base_rate(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--train", PUBLIC, "--leave-one-project-out", "--json") == 0
    mean = json.loads(capsys.readouterr().out)["committed"]["mean_over_projects"]
    for percent, least in (("30", 0.70), ("50", 0.69), ("80", 0.76)):
        assert mean[percent]["model"]["auc"]["value"] >= least
        assert mean[percent]["model"]["brier"]["value"] < mean[percent]["base_rate"]["brier"]["value"]
