"""No weights file takes the program down: damage is a sentence, and another process meets it first."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from galaxy_desktop.errors import CancelledByUserError, ModelError
from galaxy_desktop.reason import gguf, soundness
from galaxy_desktop.reason.soundness import Probation, check_file, identity, try_outside
from tests.reason.engine_fakes import small_gguf

PLENTY = 1 << 40
FUZZED = """
import os, signal, sys, llama_cpp, numpy
from pathlib import Path
from galaxy_desktop.errors import ModelError
from galaxy_desktop.reason import probe, soundness
path, cases = Path(sys.argv[1]), eval(sys.stdin.read())
whole = path.read_bytes()
ends = {}
for case in cases:
    with path.open("r+b") as file:
        for at, byte in case:
            file.seek(at)
            file.write(bytes([byte]))
    try:
        soundness.check_file(path, "m", 1 << 40, 512)
        child = os.fork()
        if not child:
            signal.alarm(20)
            try:
                os._exit(probe.main(str(path)))
            except BaseException:
                os._exit(1)
        status = os.waitpid(child, 0)[1]
        end = "killed" if os.WIFSIGNALED(status) else "loaded" if status == 0 else "refused by llama.cpp"
    except ModelError:
        end = "refused by its header"
    ends[end] = ends.get(end, 0) + 1
    with path.open("r+b") as file:
        for at, _ in case:
            file.seek(at)
            file.write(whole[at : at + 1])
print(ends)
"""


def test_a_model_that_is_not_here_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not on this computer"):
        check_file(tmp_path / "none", "m", PLENTY, 512)


def test_memory_is_reckoned_before_loading(tmp_path: Path) -> None:
    path = small_gguf(tmp_path / "m.gguf")
    with pytest.raises(ModelError, match=r"needs about .* \(weights .*, context .*, work .*\) and 1 kB are free"):
        check_file(path, "m", 1000, 512)
    assert check_file(path, "m", 1000, 512, held=PLENTY).architecture == "llama"


@pytest.mark.parametrize(
    "keys",
    [
        {"llama__block_count": 49_153},
        {"llama__block_count": 0},
        {"llama__attention__layer_norm_rms_epsilon": float("nan")},
        {"llama__attention__layer_norm_rms_epsilon": -1.0},
        {"llama__attention__layer_norm_rms_epsilon": float("inf")},
        {"llama__attention__layer_norm_rms_epsilon": 7},
        {"llama__embedding_length": 1 << 30},
    ],
)
def test_numbers_that_no_model_has_are_refused(tmp_path: Path, keys: dict[str, object]) -> None:
    path = tmp_path / "m.gguf"
    from tests.reason.gguf_files import whole

    path.write_bytes(whole(**keys))
    with pytest.raises(ModelError, match=r"damaged|no weights"):
        check_file(path, "m", PLENTY, 512)


def test_equal_content_has_an_equal_name_wherever_it_lies(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(os.urandom(6_000_000))
    shutil.copy(one, two)
    assert identity(one) == identity(two)
    with two.open("r+b") as file:
        file.seek(100)
        file.write(b"changed")
    assert identity(one) != identity(two)


def test_a_file_that_passed_is_not_tried_again_until_it_changes(tmp_path: Path) -> None:
    path, tried = small_gguf(tmp_path / "m.gguf"), []
    probation = Probation(tmp_path / "notes" / "passed.json", lambda path, _: bool(tried.append(path)) or True)
    for version in ("1", "1", "2"):
        probation.pass_or_raise(path, version, threading.Event())
    assert len(tried) == 2
    path.write_bytes(path.read_bytes() + b"more")
    probation.pass_or_raise(path, "2", threading.Event())
    assert len(tried) == 3


def test_a_file_that_failed_is_tried_again(tmp_path: Path) -> None:
    path, answers = small_gguf(tmp_path / "m.gguf"), iter([False, True])
    probation = Probation(tmp_path / "passed.json", lambda *_: next(answers))
    with pytest.raises(ModelError, match="damaged or incomplete"):
        probation.pass_or_raise(path, "1", threading.Event())
    probation.pass_or_raise(path, "1", threading.Event())


@pytest.mark.parametrize("notes", [b"", b"{}", b"[1]", b"\xff", b"null"])
def test_damaged_notes_only_cost_another_try(tmp_path: Path, notes: bytes) -> None:
    (tmp_path / "passed.json").write_bytes(notes)
    Probation(tmp_path / "passed.json", lambda *_: True).pass_or_raise(
        small_gguf(tmp_path / "m.gguf"), "1", threading.Event()
    )


def test_notes_that_cannot_be_written_are_no_failure(tmp_path: Path) -> None:
    path = small_gguf(tmp_path / "m.gguf")
    Probation(path / "passed.json", lambda *_: True).pass_or_raise(path, "1", threading.Event())


def test_trying_ends_at_once_when_somebody_asks(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(CancelledByUserError):
        try_outside(small_gguf(tmp_path / "m.gguf"), stop)


@pytest.mark.weights
def test_another_process_tries_a_file_and_says_how_it_ended(weights: Path, tmp_path: Path) -> None:
    assert try_outside(weights, threading.Event())
    assert not try_outside(small_gguf(tmp_path / "m.gguf"), threading.Event())


def _cases(weights: Path, count: int) -> list[list[tuple[int, int]]]:
    """Flipped bits and wild bytes in the numbers, the vocabulary's edges and the table of tensors."""
    chance = random.Random(5)
    head = weights.read_bytes()[:1_785_664]
    places = [*range(24, 1062), *range(1_768_800, len(head))]

    def one() -> tuple[int, int]:
        at = chance.choice(places)
        return at, head[at] ^ (1 << chance.randrange(8)) if chance.random() < 0.6 else chance.randrange(256)

    return [[one() for _ in range(chance.choice((1, 1, 2)))] for _ in range(count)]


@pytest.mark.weights
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to be quick")
def test_damaged_headers_never_take_down_more_than_the_process_that_tries_them(weights: Path, tmp_path: Path) -> None:
    copy = tmp_path / "m.gguf"
    shutil.copy(weights, copy)
    done = subprocess.run(
        [sys.executable, "-c", FUZZED, str(copy)], input=repr(_cases(weights, 80)), capture_output=True, text=True,
        check=False, env={**os.environ, "GGML_NO_BACKTRACE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    ends = eval(done.stdout)  # noqa: S307 - our own words
    assert sum(ends.values()) == 80
    assert ends.get("refused by its header", 0) > 10


@pytest.mark.weights
@pytest.mark.parametrize("share", [0.0, 1e-7, 1e-5, 0.01, 0.018, 0.5, 0.999])
def test_a_file_that_was_cut_off_is_refused_by_its_header(weights: Path, tmp_path: Path, share: float) -> None:
    copy = tmp_path / "m.gguf"
    with weights.open("rb") as whole:
        copy.write_bytes(whole.read(round(weights.stat().st_size * share)))
    with pytest.raises(ModelError, match=r"not whole|not a GGUF|damaged"):
        check_file(copy, "m", PLENTY, 512)


def test_the_window_and_the_trying_process_look_at_the_same_header(tmp_path: Path) -> None:
    path = small_gguf(tmp_path / "m.gguf")
    assert check_file(path, "m", PLENTY, 512) == gguf.read_header(path)
    assert soundness.DAMAGED.count("{name}") == 1
