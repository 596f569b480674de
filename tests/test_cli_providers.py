"""`galaxy-desktop providers`: nothing without a person's word, keys from stdin alone, answers as text and as JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop import cli
from galaxy_desktop.domain.providers import ProviderKind, ProviderUse, Purpose
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import clock
from galaxy_desktop.store.database import Store
from tests.services.provider_server import ProviderServer, chat, refused

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    made = ProviderServer(chat("ready"))
    yield made
    made.close()


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Runs one command; exit code, stdout, stderr."""

    def run(*words: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = cli.main(["providers", *words, "--data-dir", str(tmp_path)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_at_first_nothing_is_sent_anywhere(say: Say) -> None:
    code, out, _ = say("list")
    assert code == 0
    assert "nothing is sent anywhere" in out
    assert "Explanations of sprints: local, facts alone" in out


def test_from_adding_to_using(say: Say, server: ProviderServer) -> None:
    assert say("add", "mine", "--address", server.url, "--model", "large")[0] == 0
    assert "It said: “ready”" in say("test", "mine")[1]
    assert "mine is asked once you agreed" in say("use", "prose", "mine,local")[1]
    code, out, _ = say("consent", "mine", "prose", "--yes")
    assert (code, f"127.0.0.1:{server.port} (large) is sent" in out) == (0, True)
    shown = json.loads(say("list", "--json")[1])
    (one,) = shown["providers"]
    assert (list(one["consents"]), one["reach"], one["has_key"]) == (["prose"], "this computer", False)
    assert shown["orders"] == {"prose": ["mine", "local"], "questions": ["local"]}
    assert "nothing for that any more" in say("consent", "mine", "prose", "--withdraw")[1]
    assert say("remove", "mine")[0] == 0
    assert json.loads(say("list", "--json")[1])["orders"]["prose"] == ["local"]


def test_without_a_yes_nobody_agreed(say: Say, server: ProviderServer) -> None:
    say("add", "mine", "--address", server.url, "--model", "large")
    code, out, _ = say("consent", "mine", "questions")
    assert (code, "Nothing is sent: you did not agree." in out) == (2, True)
    assert json.loads(say("list", "--json")[1])["providers"][0]["consents"] == {}


def test_changing_the_address_asks_again_and_keeps_the_rest(say: Say, server: ProviderServer) -> None:
    say("add", "mine", "--address", server.url, "--model", "large", "--price-in", "1", "--tokens-a-day", "500")
    say("consent", "mine", "prose", "--yes")
    assert "does not hold" in say("add", "mine", "--address", "http://localhost:1")[1]
    say("add", "mine", "--tokens-a-day", "none")
    (one,) = json.loads(say("list", "--json")[1])["providers"]
    assert (one["model"], one["price_in"], one["tokens_a_day"], one["consents"]) == ("large", 1.0, None, {})


def test_a_provider_that_does_not_work_ends_with_3(say: Say, server: ProviderServer) -> None:
    server.turns = [refused(401)]
    say("add", "mine", "--address", server.url, "--model", "large")
    code, out, _ = say("test", "mine")
    assert (code, "wants a key" in out) == (3, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "x"), "needs --address and --model"),
        (("add", "x", "--address", "http://api.example.com", "--model", "m"), "Use https."),
        (("test", "nobody"), "There is no provider 'nobody'"),
        (("use", "prose", "nobody"), "There is no provider 'nobody'"),
        (("cost", "--days", "0"), "Look back between"),
    ],
)
def test_wrong_use_is_told_in_one_sentence(say: Say, words: tuple[str, ...], said: str) -> None:
    code, out, err = say(*words)
    assert (code, out, said in err, err.count("\n")) == (2, "", True, 1)


def test_a_key_is_read_from_stdin_and_kept_in_the_keyring(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, str] = {}

    class Fake:
        def set_password(self, service: str, _user: str, key: str) -> None:
            kept[service] = key

    monkeypatch.setattr("galaxy_desktop.services.keyring_thread._os_keyring", Fake)
    code, out, err = say("add", "x", "--address", "https://a.example.com", "--model", "m", "--key", stdin="sk-1234\n")
    assert (code, kept) == (0, {"galaxy-desktop provider: x": "sk-1234"})
    assert "sk-1234" not in out + err


def test_a_key_that_was_asked_for_and_not_entered_changes_nothing(say: Say) -> None:
    code, out, err = say("add", "x", "--address", "https://a.example.com", "--model", "m", "--key", stdin="\n")
    assert (code, out) == (2, "")
    assert "No key was entered, so nothing was changed." in err
    assert "x:" not in say("list")[1]


def test_the_cost_is_told_by_day(say: Say, tmp_path: Path) -> None:
    with Store.open(DataFolder(tmp_path)) as store:
        day: dict[str, Any] = {"day": clock.now().date(), "provider": "x", "purpose": Purpose.PROSE}
        store.spend_at_provider(ProviderUse(**day, requests=2, estimated=1, tokens_in=1200, tokens_out=30)).result()
    out = say("cost")[1]
    assert "1,200" in out
    assert "30 ~" in out
    assert "estimated in part" in out
    assert json.loads(say("cost", "--json")[1])["days"][0]["cost"] is None


def test_every_kind_can_be_named() -> None:
    assert [str(kind) for kind in ProviderKind] == ["openai-compatible", "anthropic"]
