"""Doctor says what is here, what is missing and what to do; being offline is no failure."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.domain.sign_in import Ability, PermissionResult
from galaxy_desktop.domain.traffic import OpenGate
from galaxy_desktop.errors import GalaxyError, LimitError, ModelError, OfflineError, TokenRejectedError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.reason.catalog import Catalog, Entry, File
from galaxy_desktop.services import doctor
from galaxy_desktop.services.doctor import Doctor, Finding, Verdict
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store
from tests.collect.web_server import Page, serving

CONTENT = b"weights"
DEFAULT_MODEL = "smollm2-135m-instruct"


class _Backend:
    def __init__(self, priority: float) -> None:
        self.priority = priority


def _entry(name: str, purpose: str) -> Entry:
    return Entry(
        name=name,
        title=name,
        purpose=purpose,
        note="",
        license_title="",
        context_tokens=1,
        memory_bytes=1,
        machine_gb=1,
        files=(File("w.bin", len(CONTENT), hashlib.sha256(CONTENT).hexdigest()),),
    )


@pytest.fixture
def healthy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """A computer where everything is as it should be."""
    monkeypatch.delenv("GALAXY_GITHUB_TOKEN", raising=False)
    models = tmp_path / "models"
    entries = [_entry(DEFAULT_MODEL, "prose"), _entry("vectors", "embeddings"), _entry("large", "prose")]
    for entry in entries[:2]:
        (models / entry.name).mkdir(parents=True)
        (models / entry.name / "w.bin").write_bytes(CONTENT)
    return Doctor(
        DataFolder(tmp_path / "data"),
        catalog=lambda: Catalog(entries, models),
        free=lambda folder: 50 * doctor.GIGABYTE,
        keyring=lambda: _Backend(5),
        stored_token=lambda settings: "secret",
        github=lambda settings, gate: 4999,
        permissions=lambda settings, gate, repositories: (_result("Reads issues", Ability.YES),),
        environment={"DISPLAY": ":0"},
        platform="linux",
    )


def _result(feature: str, ability: Ability, *, needed: bool = True) -> PermissionResult:
    sentence = f"{feature}: {ability}."
    return PermissionResult(feature=feature, permission="x: read", ability=ability, sentence=sentence, needed=needed)


def _raising(error: Exception) -> Callable[..., Any]:
    def fail(*_: object) -> Any:
        raise error

    return fail


def _verdicts(findings: tuple[Finding, ...]) -> set[Verdict]:
    return {finding.verdict for finding in findings if finding.name != "Tray"}


def test_a_healthy_computer_lacks_nothing(healthy: Doctor) -> None:
    assert _verdicts(healthy.findings()) == {Verdict.GOOD}


def test_the_token_itself_is_never_shown(healthy: Doctor) -> None:
    assert "secret" not in "\n".join(doctor.as_lines(healthy.findings()))


def test_little_disk_is_missing_with_what_to_do(healthy: Doctor) -> None:
    finding = dataclasses.replace(healthy, free=lambda folder: 10).disk()
    assert finding.verdict is Verdict.MISSING
    assert "Free some space" in finding.advice


@pytest.mark.parametrize(("token", "verdict"), [("", Verdict.MISSING), ("t", Verdict.UNKNOWN)])
def test_no_keyring_matters_only_without_a_token_in_the_environment(
    healthy: Doctor, monkeypatch: pytest.MonkeyPatch, token: str, verdict: Verdict
) -> None:
    monkeypatch.setenv("GALAXY_GITHUB_TOKEN", token)
    assert dataclasses.replace(healthy, keyring=lambda: _Backend(0)).keyring_backend().verdict is verdict


def test_a_keyring_that_breaks_is_a_finding_not_an_error(healthy: Doctor) -> None:
    finding = dataclasses.replace(healthy, keyring=_raising(RuntimeError("locked"))).keyring_backend()
    assert (finding.verdict, finding.sentence) == (Verdict.MISSING, "It cannot be opened (RuntimeError).")


def test_no_token_is_no_failure(healthy: Doctor) -> None:
    assert dataclasses.replace(healthy, stored_token=lambda settings: None).token(Settings()).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (OfflineError("GitHub cannot be reached."), Verdict.UNKNOWN),
        (LimitError("Used up.", datetime(2026, 1, 1, tzinfo=UTC)), Verdict.UNKNOWN),
        (TokenRejectedError("The token is wrong."), Verdict.MISSING),
    ],
)
def test_offline_is_normal_and_a_rejected_token_is_not(healthy: Doctor, error: GalaxyError, verdict: Verdict) -> None:
    finding = dataclasses.replace(healthy, github=_raising(error)).reach_github(Settings(), OpenGate())
    assert (finding.verdict, finding.sentence) == (verdict, str(error))


def test_what_a_token_can_do_is_one_line_and_each_thing_it_cannot_another(healthy: Doctor) -> None:
    results = (
        _result("Reads issues", Ability.YES),
        _result("Reads commits", Ability.YES),
        _result("Reads pull requests", Ability.NO),
        _result("Reads boards", Ability.NO, needed=False),
        _result("Sends changes", Ability.UNKNOWN, needed=False),
    )
    tried = dataclasses.replace(healthy, permissions=lambda settings, gate, repositories: results)
    assert [(f.verdict, f.sentence) for f in tried.token_permissions(doctor.Profile(), OpenGate())] == [
        (Verdict.GOOD, "Reads issues; Reads commits."),
        (Verdict.MISSING, "Reads pull requests: no."),
        (Verdict.UNKNOWN, "Reads boards: no."),
        (Verdict.UNKNOWN, "Sends changes: unknown."),
    ]


def test_without_a_token_or_an_answer_no_permission_is_claimed(healthy: Doctor) -> None:
    unsigned = dataclasses.replace(healthy, stored_token=lambda settings: None)
    offline = dataclasses.replace(healthy, permissions=_raising(OfflineError("GitHub cannot be reached.")))
    assert unsigned.token_permissions(doctor.Profile(), OpenGate()) == ()
    assert offline.token_permissions(doctor.Profile(), OpenGate()) == ()


def test_a_network_that_is_switched_off_is_told_and_nobody_is_asked(healthy: Doctor, now: datetime) -> None:
    with Store.open(healthy.folder.make()) as store:
        store.set_setting("network", "false", "test", now).result()
    asking = dataclasses.replace(
        healthy, github=_raising(AssertionError("asked")), permissions=_raising(AssertionError())
    )
    last = asking.findings()[-1]
    assert (last.name, last.verdict) == ("Network", Verdict.UNKNOWN)


def test_what_the_doctor_asked_is_in_the_ledger_and_the_log(healthy: Doctor, now: datetime) -> None:
    Store.open(healthy.folder.make()).close()

    with serving({"GET /rate_limit": Page(200, {})}) as server:
        asking = dataclasses.replace(healthy, github=doctor._ask_github)
        with Store.open(healthy.folder) as store:
            store.set_setting("api_url", server.url, "test", now).result()
        asking.findings()
    with Store.open(healthy.folder) as store:
        assert [(row.host, row.connections) for row in store.traffic()] == [("127.0.0.1", 1)]
        assert [(one.path, one.status) for one in store.exchanges()] == [("/rate_limit", 200)]


def test_damaged_weights_are_found_by_their_hash(healthy: Doctor) -> None:
    (healthy.catalog().folder_of("vectors") / "w.bin").write_bytes(b"damaged")
    bad = [f for f in healthy.weights(DEFAULT_MODEL) if f.verdict is Verdict.MISSING]
    assert [(f.name, f.advice) for f in bad] == [("vectors", "Type: python3 installer setup")]


def test_a_large_model_is_looked_at_only_when_it_is_chosen(healthy: Doctor) -> None:
    assert "large" not in {finding.name for finding in healthy.weights(DEFAULT_MODEL)}
    chosen = {finding.name: finding for finding in healthy.weights("large")}["large"]
    said = "Download it on the Models page, or type: galaxy-desktop models download large"
    assert (chosen.verdict, chosen.advice) == (Verdict.MISSING, said)


def test_a_chosen_model_nobody_knows_is_told(healthy: Doctor) -> None:
    assert "is not in the list" in healthy.weights("unheard-of")[-1].sentence


def test_a_list_of_models_that_cannot_be_read_is_a_finding(healthy: Doctor) -> None:
    broken = dataclasses.replace(healthy, catalog=_raising(ModelError("The list cannot be read.")))
    assert [f.sentence for f in broken.weights(DEFAULT_MODEL)] == ["The list cannot be read."]


def test_a_session_without_a_screen_can_still_use_the_commands(healthy: Doctor) -> None:
    assert dataclasses.replace(healthy, environment={}).screen().verdict is Verdict.UNKNOWN
    assert dataclasses.replace(healthy, environment={}, platform="darwin").screen().verdict is Verdict.GOOD


def test_a_database_that_opens_brings_the_chosen_model(healthy: Doctor, now: datetime) -> None:
    store = Store.open(healthy.folder.make())
    store.set_setting("model", "large", "test", now).result()
    store.close()
    finding, profile = healthy.database()
    assert finding.verdict is Verdict.GOOD
    assert profile.settings.text("model") == "large"


def test_a_file_that_is_no_database_is_a_finding(healthy: Doctor) -> None:
    healthy.folder.make().database.write_bytes(b"not a database" * 100)
    assert healthy.database()[0].verdict is Verdict.MISSING


@pytest.mark.parametrize(("free", "code"), [(50, 0), (0, 1)])
def test_the_exit_code_says_whether_something_is_missing(
    healthy: Doctor, monkeypatch: pytest.MonkeyPatch, free: int, code: int
) -> None:
    patient = dataclasses.replace(healthy, free=lambda folder: free * doctor.GIGABYTE)
    monkeypatch.setattr(doctor, "Doctor", lambda folder: patient)
    printed: list[str] = []
    assert asyncio.run(doctor.run(healthy.folder, printed.append, as_json=True)) == code
    assert json.loads(printed[0])["findings"][0]["verdict"] == ("missing" if code else "ok")


def test_each_finding_is_a_word_a_sentence_and_what_to_do() -> None:
    lines = doctor.as_lines([Finding("Disk", Verdict.MISSING, "0.1 GB are free.", "Free some space.")])
    assert lines == ["missing Disk: 0.1 GB are free.", "        Free some space.", "1 of 1 checks need you."]
