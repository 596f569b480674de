"""`galaxy-desktop models`: what is printed, what is left on disk, and exit codes that a script can trust."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from galaxy_desktop import cli, paths
from galaxy_desktop.cli_models import TEXTS, Watcher, progress_line
from galaxy_desktop.domain.models import Transfer, TransferKind, TransferState
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.reason.part_file import PartFile
from galaxy_desktop.services.model_intents import Intents
from galaxy_desktop.store.database import Store
from tests.reason.gguf_files import whole
from tests.services.model_server import Fault, ModelServer
from tests.services.models_world import CONTENT, PATH, SHA

MANIFEST = f"""
format = 1
[[model]]
name = "tiny"
title = "Tiny model"
purpose = "prose"
license_title = "MIT"
repository = "org/repo"
context_tokens = 2048
memory_bytes = 10
machine_gb = 1
files = [{{ path = "m.gguf", bytes = {len(CONTENT)}, sha256 = "{SHA}" }}]

[[model]]
name = "giant"
title = "Giant model"
purpose = "prose"
license_title = "MIT"
repository = "org/giant"
context_tokens = 2048
memory_bytes = 10
machine_gb = 1
shape = {{ architecture = "llama", layers = 2, cache_width = 10_000_000_000, embedding = 1, vocabulary = 1 }}
files = [{{ path = "g.gguf", bytes = 9000000000000, sha256 = "{SHA}" }}]
"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    made = ModelServer({PATH: CONTENT, "/own.gguf": whole(700)})
    (tmp_path / "manifest.toml").write_text(MANIFEST)
    monkeypatch.setattr(paths, "manifest_file", lambda: tmp_path / "manifest.toml")
    monkeypatch.setenv("GALAXY_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("GALAXY_MODEL_MIRRORS", made.url)
    monkeypatch.setenv("GALAXY_DATA_DIR", str(tmp_path / "data"))
    yield made
    made.close()


@pytest.fixture
def profile(tmp_path: Path, server: ModelServer) -> DataFolder:
    return DataFolder(tmp_path / "profile")


def _run(profile: DataFolder, *words: str) -> int:
    return cli.main(["models", *words, "--data-dir", str(profile.root)])


def _json(profile: DataFolder, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    _run(profile, *words, "--json")
    told: dict[str, object] = json.loads(capsys.readouterr().out)
    return told


def test_a_download_says_host_size_and_license_first_and_is_in_the_ledger(
    profile: DataFolder, server: ModelServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(profile, "download", "tiny") == 0
    said = capsys.readouterr()
    assert said.err.splitlines()[0] == (
        f"Tiny model: 301 kB from 127.0.0.1:{server.port} (and the store it sends on to). MIT."
    )
    assert said.out == "Tiny model is on this computer now, checked.\n"
    assert (tmp_path / "models" / "tiny" / "m.gguf").read_bytes() == CONTENT
    with Store.open(profile) as store:
        assert [(one.purpose, one.bytes_in) for one in store.traffic()] == [("model download", len(CONTENT))]


def test_the_list_says_fit_and_state_of_every_model(profile: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(profile, "list") == 0
    said = capsys.readouterr().out
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in said.splitlines() if line.startswith("   ")}
    assert rows["tiny"] == "301 kB fits not here"
    assert rows["giant"] == "9000.0 GB does not fit not here"
    assert "giant: It needs" in said
    assert "Tiny model fits" in said


def test_the_list_as_json_carries_the_arithmetic(profile: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    told = _json(profile, capsys, "list")
    models = told["models"]
    assert isinstance(models, list)
    tiny, giant = models
    assert tiny["presence"] == "not here"
    assert tiny["fit"]["need"]["total"] == sum(tiny["fit"]["need"][one] for one in ("weights", "cache", "buffers", "headroom"))  # fmt: skip
    assert tiny["fit"]["arithmetic"][0] == "weights 301 kB: the file"
    assert (giant["fit"]["fit"], giant["fit"]["suggestion"]) == ("does not fit", "tiny")


def test_a_network_that_is_switched_off_is_exit_4(
    profile: DataFolder, server: ModelServer, capsys: pytest.CaptureFixture[str], now: datetime
) -> None:
    with Store.open(profile.make()) as store:
        store.set_setting("network", "false", "user", now).result()
    assert _run(profile, "download", "tiny") == 4
    assert "The network is switched off" in capsys.readouterr().err
    assert server.asked == []


def test_a_server_that_refuses_is_exit_3_with_its_sentence(
    profile: DataFolder, server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.files = {}
    assert _run(profile, "download", "tiny") == 3
    assert "does not have m.gguf (status 404)" in capsys.readouterr().err


def test_an_address_is_downloaded_under_a_name_of_ones_own(
    profile: DataFolder, server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _json(profile, capsys, "download", f"{server.url}/own.gguf", "--name", "mine")
    assert (told["name"], told["state"], told["bytes"]) == ("mine", "done", len(whole(700)))
    assert _run(profile, "use", "mine") == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("download", "tiny", "--sha256", "00"), 2, "are for an address"),
        (("download", "https://a.example/x.bin"), 2, "must end in .gguf"),
        (("download", "nobody"), 1, "no model called 'nobody'"),
        (("use", "tiny"), 1, "not on this computer"),
        (("import", "gone.gguf"), 1, "cannot be read"),
        (("verify", "nobody"), 1, "no model called 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_an_exit_code(
    profile: DataFolder, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, said: str
) -> None:
    assert _run(profile, *words) == code
    assert said in capsys.readouterr().err


def test_verify_reads_all_that_is_here_and_tells_a_damaged_file(
    profile: DataFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(profile, "verify") == 0
    assert capsys.readouterr().out == "No model is on this computer.\n"
    _run(profile, "download", "tiny")
    capsys.readouterr()
    assert _run(profile, "verify") == 0
    assert "is undamaged" in capsys.readouterr().out
    (tmp_path / "models" / "tiny" / "m.gguf").write_bytes(bytes(len(CONTENT)))
    told = _json(profile, capsys, "verify", "tiny")
    assert told["models"] == [
        {
            "name": "tiny",
            "ok": False,
            "sentence": "m.gguf is damaged: its content is not the one expected. It was put aside. "
            "Download or import it again.",
        }
    ]


def test_import_use_and_remove_lead_from_a_file_and_back(
    profile: DataFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "stick.gguf"
    source.write_bytes(whole(900))
    assert _run(profile, "import", str(source), "--link") == 0
    assert _run(profile, "use", "stick") == 0
    with Store.open(profile) as store:
        assert store.settings()["model"] == "stick"
    assert _run(profile, "remove", "stick") == 3
    said = capsys.readouterr().err
    assert "is in use" in said
    assert "--yes" in said
    assert _run(profile, "remove", "stick", "--yes") == 0
    assert source.exists()
    assert not (tmp_path / "models" / "stick").exists()


def test_what_does_not_fit_is_used_only_by_who_insists(
    profile: DataFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "wide.gguf"
    keys = {"llama__attention__head_count_kv": 1_000_000, "llama__attention__key_length": 100_000_000}
    source.write_bytes(whole(**keys))
    _run(profile, "import", str(source))
    assert _run(profile, "use", "wide") == 1
    said = capsys.readouterr().err
    assert "does not fit this computer" in said
    assert "--anyway" in said
    assert _run(profile, "use", "wide", "--anyway") == 0


def test_ctrl_c_pauses_a_download_and_the_same_command_goes_on(
    profile: DataFolder, server: ModelServer, tmp_path: Path
) -> None:
    server.faults = [Fault(stalls_after=100_000)]
    program = f"""
import signal
import sys
from pathlib import Path
from galaxy_desktop import cli, paths
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that starts tests behind it lets them ignore it
paths.manifest_file = lambda: Path({str(tmp_path / "manifest.toml")!r})
sys.exit(cli.main(["models", "download", "tiny", "--data-dir", {str(profile.root)!r}]))
"""
    words = [sys.executable, "-c", program]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert server.stalled.wait(60)
        while PartFile(tmp_path / "models" / "tiny" / "m.gguf").have < 100_000:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "Paused. The same command goes on with it." in said
    intent = Intents(tmp_path / "models").read("tiny")
    assert intent is not None
    assert intent.state is TransferState.PAUSED
    assert _run(profile, "download", "tiny") == 0
    assert server.asked[-1].range == "bytes=100000-"


def test_progress_is_told_in_tenths_where_nobody_watches() -> None:
    told: list[str] = []
    watcher = Watcher(told.append)
    for done in range(101):
        watcher.hear(
            Transfer(
                name="m",
                kind=TransferKind.DOWNLOAD,
                state=TransferState.RUNNING,
                stage="downloading",
                done=done,
                total=100,
            )
        )
    assert len(told) == 11
    assert told[5] == "Downloading: 50%, 50 bytes of 100 bytes"


def test_a_download_that_goes_on_is_told_after_what_is_here_was_checked() -> None:
    told: list[str] = []
    watcher = Watcher(told.append)
    for stage, dones in (("checking what is here", (0, 40)), ("downloading", range(40, 101))):
        for done in dones:
            running, total = TransferState.RUNNING, 40 if stage.startswith("checking") else 100
            watcher.hear(
                Transfer(name="m", kind=TransferKind.DOWNLOAD, state=running, stage=stage, done=done, total=total)
            )
    assert [line.partition(",")[0] for line in told] == [
        "Checking what is here: 0%", "Checking what is here: 100%", *(f"Downloading: {n}%" for n in range(40, 101, 10)),
    ]  # fmt: skip


def test_the_list_says_how_much_of_a_model_is_here_and_why_a_download_ended(
    profile: DataFolder, server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.files["/mine.gguf"] = CONTENT
    server.faults = [Fault(cut_after=50_000), Fault(status=404)]
    assert _run(profile, "download", f"{server.url}/mine.gguf") == 3
    capsys.readouterr()
    _run(profile, "list")
    out = capsys.readouterr().out
    assert "partly downloaded, 50 kB, failed" in out
    assert "mine: 127.0.0.1" in out
    assert "does not have mine.gguf (status 404)" in out


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"done": 2_000_000, "total": 4_000_000, "speed": 1e6, "seconds_left": 2.0}, "Downloading: 50%, 2 MB of 4 MB, 1 MB/s, 2 s left"),
        ({"done": 2_000_000, "seconds_left": None}, "Downloading: 2 MB"),
        ({"done": 1, "total": 9, "seconds_left": 600.0}, "Downloading: 11%, 1 bytes of 9 bytes, 10 min left"),
        ({"done": 1, "total": 9, "seconds_left": 9000.0}, "Downloading: 11%, 1 bytes of 9 bytes, 2.5 h left"),
        ({"sentence": "a.example asks to wait 30 s."}, "a.example asks to wait 30 s."),
        ({"state": TransferState.DONE}, ""),
    ],
)  # fmt: skip
def test_progress_has_share_speed_and_time_left_where_they_are_known(more: dict[str, object], line: str) -> None:
    given: dict[str, object] = {"state": TransferState.RUNNING, "stage": "downloading", **more}
    assert progress_line(Transfer(name="m", kind=TransferKind.DOWNLOAD, **given)) == line  # type: ignore[arg-type]


DOCS = (Path(__file__).resolve().parent.parent / "docs" / "models.md").read_text(encoding="utf-8")


def test_every_fault_that_the_docs_name_is_proved_by_a_test_that_is_there() -> None:
    folder = Path(__file__).resolve().parent
    files = (*folder.glob("services/test_model*.py"), folder / "services" / "test_encrypted_ways.py")
    tests = "\n".join(one.read_text(encoding="utf-8") for one in files)
    named = re.findall(r"\| `(test_\w+)` \|", DOCS)
    assert len(named) > 15
    assert [name for name in named if f"def {name}(" not in tests] == []


@pytest.mark.parametrize("what", TEXTS)
def test_every_command_is_documented_and_helps(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    reference = (Path(__file__).resolve().parent.parent / "docs" / "reference.md").read_text(encoding="utf-8")
    assert f"`galaxy-desktop models {what}" in reference
    assert f"galaxy-desktop models {what}" in DOCS
    with pytest.raises(SystemExit) as left:
        cli.main(["models", what, "--help"])
    assert left.value.code == 0
    assert "--data-dir" in capsys.readouterr().out
