"""The real program on a real desktop: window, tray, balloon, second start, close to tray, stop."""

from __future__ import annotations

import signal

import pytest

from tests.desktop.conftest import HEIGHT, NOTHING_DUE, WIDTH, App, Desk, balloon_points

pytestmark = pytest.mark.desktop
EFFECT_S = 5.0
"""How long a click on the icon is given to have an effect."""


def started(desk: Desk, *arguments: str) -> App:
    """The program with its window on the screen."""
    app = desk.start(*arguments)
    app.wait_for("Started")
    desk.window()
    return app


def test_what_never_happens_is_said_to_have_not(desk: Desk) -> None:
    assert not desk.happens(lambda: False, 0.3)


def test_a_first_start_shows_the_demo_and_a_balloon_in_the_tray(desk: Desk) -> None:
    app = desk.start("real")
    app.wait_for("The window stands")
    desk.window()
    app.wait_for("Showing demo: slipping")
    app.wait_for("Balloon for alert")
    desk.until(lambda: len(balloon_points(desk.picture("balloon.png"))) > 300)
    assert app.stop() == 0
    assert app.troubles == []
    assert app.lines[-1].endswith("Stopped")


def test_an_alert_is_not_shown_again_after_a_restart(desk: Desk) -> None:
    first = desk.start("real", "--demo", "blocked")
    first.wait_for("Balloon for alert")
    assert first.stop() == 0
    second = desk.start("real", "--demo", "blocked")
    second.wait_for("Evaluated")
    second.wait_for(NOTHING_DUE)
    assert second.stop() == 0
    assert not any("Balloon" in line for line in second.lines)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_stops_cleanly(desk: Desk, number: int) -> None:
    app = started(desk, "fake")
    assert app.stop(number) == 0
    assert app.troubles == []
    desk.until(lambda: desk.windows() == [])


def test_a_stop_in_the_middle_of_the_start_is_clean_too(desk: Desk) -> None:
    app = desk.start("real", "--demo", "healthy")
    app.wait_for("The window stands")
    assert app.stop() == 0
    assert app.troubles == []


def test_a_click_on_the_balloon_opens_the_exact_item(desk: Desk) -> None:
    app = started(desk, "fake")
    found: list[tuple[int, int]] = []
    desk.until(lambda: bool(found.extend(balloon_points(desk.picture("balloon.png"))) or len(found) > 300))
    x, y = sorted(found)[len(found) // 2]
    desk.tool("xdotool", "mousemove", str(x), str(y), "click", "1")
    app.wait_for("Asked for: OpenAlert")
    assert app.stop() == 0


def test_a_second_start_brings_the_first_window_forward(desk: Desk) -> None:
    first = started(desk, "fake")
    window = desk.window()
    desk.tool("xdotool", "windowminimize", window)
    desk.until(lambda: desk.windows() == [])
    second = desk.start("fake")
    assert second.process.wait(timeout=60) == 0
    desk.until(lambda: desk.windows() == [window])
    assert first.stop() == 0


def test_closing_leaves_the_program_in_the_tray_when_it_is_set_so(desk: Desk) -> None:
    app = started(desk, "fake")
    window = desk.window()
    desk.tool("xdotool", "windowactivate", "--sync", window, "key", "alt+F4")
    desk.until(lambda: desk.windows() == [])
    assert app.process.poll() is None
    open_from_the_tray(desk)
    assert app.stop() == 0


def open_from_the_tray(desk: Desk) -> None:
    """Click on the icon in the corner until the window is there: the icon may come late, and a second click would hide it again."""

    def opened() -> bool:
        desk.tool("xdotool", "mousemove", str(WIDTH - 14), str(HEIGHT - 14), "click", "1")
        return desk.happens(lambda: bool(desk.windows()), EFFECT_S)

    desk.until(opened)


def test_a_hidden_start_lives_in_the_tray_alone(desk: Desk) -> None:
    app = desk.start("fake", "--hidden")
    app.wait_for("Started")
    assert desk.windows() == []
    open_from_the_tray(desk)
    assert app.stop() == 0


def test_closing_ends_the_program_otherwise(desk: Desk) -> None:
    app = started(desk, "real", "--demo", "healthy")
    window = desk.window()
    desk.tool("xdotool", "windowactivate", "--sync", window, "key", "alt+F4")
    app.wait_for("Stopped")
    assert app.process.wait(timeout=60) == 0
