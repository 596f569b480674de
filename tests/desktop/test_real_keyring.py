"""The token in a real Secret Service: GNOME Keyring on a session bus of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store.database import Store
from tests.desktop.conftest import Desk

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("dbus-run-session", "gnome-keyring-daemon")
SESSION = 'printf "\\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$0" -c "$1"'
SCRIPT = """
import keyring
from galaxy_desktop.services.credentials import Credentials
mine, other = Credentials("https://api.github.com"), Credentials("https://github.example/api/v3")
mine.save("a-token-of-the-user")
print(Credentials("https://api.github.com").token(), other.token())
mine.forget()
mine.forget()
print(mine.token(), keyring.get_keyring().name)
"""

PROMPT = "/usr/libexec/gcr-prompter"

pytestmark = [
    pytest.mark.desktop,
    pytest.mark.skipif(any(shutil.which(tool) is None for tool in TOOLS), reason=f"needs {' and '.join(TOOLS)}"),
]


def test_a_real_keyring_keeps_the_token_of_each_host_and_forgets_it(tmp_path: Path) -> None:
    names = ("GALAXY_GITHUB_TOKEN", "DBUS_SESSION_BUS_ADDRESS")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data"), "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", SESSION, sys.executable, SCRIPT],
        env={**kept, **home}, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    kept_and_forgotten, service = done.stdout.strip().split("\n")
    assert kept_and_forgotten == "a-token-of-the-user None", done.stderr[-2000:]
    assert service.startswith("None SecretService")
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert all(b"a-token-of-the-user" not in file.read_bytes() for file in files)


@pytest.mark.skipif(not Path(PROMPT).exists(), reason=f"needs {PROMPT}")
@pytest.mark.parametrize("demo", [True, False])
def test_the_program_ends_while_the_keyring_asks_for_a_password_and_a_demo_never_makes_it_ask(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, demo: bool
) -> None:
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "home"), "XDG_RUNTIME_DIR": str(tmp_path / "run")}
    (tmp_path / "run").mkdir(mode=0o700)
    home["GALAXY_GITHUB_API"] = "http://127.0.0.1:9"
    for name, value in home.items():
        monkeypatch.setitem(desk.environment, name, value)
    monkeypatch.delitem(desk.environment, "GALAXY_GITHUB_TOKEN", raising=False)
    keyring = subprocess.Popen(
        ["gnome-keyring-daemon", "--start", "--foreground", "--components=secrets"],
        env=desk.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        mine = desk.folder / "mine"
        with Store.open(DataFolder(mine).make()) as store:
            store.track("acme/api").result()
        app = desk.start("real", *(["--demo", "healthy"] if demo else ["--data-dir", str(mine)]))
        app.wait_for("Showing")
        if demo:
            app.wait_for("Started")
            desk.tool("xdotool", "windowactivate", "--sync", desk.window(), "key", "t")
            app.wait_for("AskForToken")
            app.wait_for("Prose for")
        else:
            app.wait_for("Started")
            desk.until(lambda: bool(_prompts(desk)))
        assert bool(_prompts(desk)) is not demo
        assert app.stop() == 0
        assert app.troubles == []
    finally:
        keyring.kill()
        keyring.wait()


def _prompts(desk: Desk) -> list[str]:
    return desk.tool("xdotool", "search", "--class", "gcr-prompter").split()
