"""Contrast, and signs that do not depend on color."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from galaxy_desktop.domain.findings import Severity
from galaxy_desktop.paths import resources_folder
from galaxy_desktop.settings import BY_NAME
from galaxy_desktop.ui.theme import (
    DARK,
    DARK_CONTRAST,
    HEALTH_TONE,
    HIGH_CONTRAST,
    LIGHT,
    LIGHT_CONTRAST,
    SEVERITY_TONE,
    TONE_ICON,
    Colors,
    Look,
    Role,
    Tone,
    font,
    ink,
    paper,
    style_sheet,
    track,
)
from galaxy_desktop.ui.tray import TrayState

READABLE = 4.5
EASY = 7.0
SEEN = 3.0
"""What WCAG asks of the borders of controls."""


def brightness(color: str) -> float:
    """The relative luminance of WCAG."""
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in QColor(color).getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG."""
    low, high = sorted((brightness(one), brightness(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("paper_name", ["window", "side", "surface", "hover"])
@pytest.mark.parametrize("ink_name", ["text", "muted", "accent", "good", "watch", "bad"])
def test_every_text_can_be_read_on_every_surface(colors: Colors, paper_name: str, ink_name: str) -> None:
    assert contrast(getattr(colors, ink_name), getattr(colors, paper_name)) >= READABLE


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("tone", list(Tone))
def test_every_tone_can_be_read_on_its_own_paper(colors: Colors, tone: Tone) -> None:
    assert contrast(ink(colors, tone), paper(colors, tone)) >= READABLE
    assert contrast(colors.text, paper(colors, tone)) >= READABLE


@pytest.mark.parametrize("colors", [LIGHT_CONTRAST, DARK_CONTRAST], ids=["light", "dark"])
def test_high_contrast_is_easy_to_read_and_shows_where_controls_end(colors: Colors) -> None:
    papers = [colors.window, colors.side, colors.surface, colors.hover, *(paper(colors, tone) for tone in Tone)]
    inks = [colors.text, colors.muted, *(ink(colors, tone) for tone in Tone)]
    assert min(contrast(one, other) for one in inks for other in papers) >= EASY
    assert contrast(colors.on_accent, colors.accent) >= EASY
    assert min(contrast(colors.line, one) for one in papers) >= SEEN


@pytest.mark.parametrize("colors", [LIGHT, DARK, LIGHT_CONTRAST, DARK_CONTRAST])
@pytest.mark.parametrize("tone", [Tone.ACCENT, Tone.GOOD, Tone.WATCH, Tone.BAD])
def test_what_is_filled_of_a_bar_is_seen_beside_the_rest(colors: Colors, tone: Tone) -> None:
    assert contrast(ink(colors, tone), track(colors)) >= SEEN


def test_more_contrast_is_a_choice_and_follows_the_systems_light_or_dark(look: Look) -> None:
    look.choose(HIGH_CONTRAST)
    assert look.colors is (DARK_CONTRAST if look.dark else LIGHT_CONTRAST)
    assert HIGH_CONTRAST in BY_NAME["theme"].choices
    look.choose("light")
    assert look.colors is LIGHT


@pytest.mark.parametrize(("choice", "dark"), [("system", DARK_CONTRAST), ("light", LIGHT), ("dark", DARK)])
def test_where_the_system_asks_for_more_contrast_it_is_followed_unless_somebody_chose(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, choice: str, dark: Colors
) -> None:
    look = Look(qapp, choice)
    preference = SimpleNamespace(contrastPreference=lambda: Qt.ContrastPreference.HighContrast)
    hints = SimpleNamespace(colorScheme=lambda: Qt.ColorScheme.Dark, accessibility=lambda: preference)
    monkeypatch.setattr(look, "_app", SimpleNamespace(styleHints=lambda: hints, setPalette=str, setStyleSheet=str))
    look._apply()
    assert look.colors is dark


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_the_primary_button_can_be_read(colors: Colors) -> None:
    assert contrast(colors.on_accent, colors.accent) >= READABLE


def test_health_words_differ_by_shape_too() -> None:
    assert len({TONE_ICON[tone] for tone in HEALTH_TONE.values()}) == len(HEALTH_TONE)


def test_every_severity_has_a_tone() -> None:
    assert set(SEVERITY_TONE) == set(Severity)


def test_every_icon_that_is_named_exists(look: Look) -> None:
    names = {*TONE_ICON.values(), *(f"tray-{s}" for s in TrayState), "low", "open", "close", "sync", "app"}
    for name in names:
        assert not look.icons.icon(name).isNull()


@pytest.mark.parametrize("present", [(1.0,), (1.25, 2.0), ()])
def test_icons_are_drawn_for_the_screens_that_are_there_and_no_other(
    look: Look, monkeypatch: pytest.MonkeyPatch, present: tuple[float, ...]
) -> None:
    screens = [SimpleNamespace(devicePixelRatio=lambda scale=scale: scale) for scale in reversed(present)]
    monkeypatch.setattr("galaxy_desktop.ui.icons.QGuiApplication.screens", lambda: screens)
    drawn: list[float] = []
    monkeypatch.setattr(look.icons, "pixmap", lambda *words: drawn.append(words[3]) or QPixmap(1, 1))
    look.icons.icon("open", "#123456", 20)
    assert tuple(drawn) == (present or (1.0,))


def test_tray_states_are_different_drawings() -> None:
    drawings = {(resources_folder() / "icons" / f"tray-{s}.svg").read_text(encoding="utf-8") for s in TrayState}
    assert len(drawings) == len(TrayState)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_the_style_sheet_leaves_no_placeholder(colors: Colors) -> None:
    assert "@" not in style_sheet(colors)


def test_another_choice_changes_the_colors_and_says_so(look: Look) -> None:
    heard: list[bool] = []
    look.changed.connect(lambda: heard.append(look.dark))
    look.choose("dark")
    look.choose("dark")
    look.choose("light")
    assert heard == [True, False]


def test_sizes_follow_the_users_font(look: Look, qapp: QApplication) -> None:
    before = font(Role.TITLE).pointSizeF()
    own = qapp.font()
    bigger = qapp.font()
    bigger.setPointSizeF(own.pointSizeF() * 2)
    qapp.setFont(bigger)
    assert font(Role.TITLE).pointSizeF() == pytest.approx(before * 2)
    qapp.setFont(own)


def test_an_icon_is_drawn_for_the_scale_of_the_screen(look: Look) -> None:
    sharp = look.icons.pixmap("act", "#ff0000", 16, 2.0)
    assert sharp.width() == 32
    assert sharp.devicePixelRatio() == 2.0


def test_a_plain_widget_takes_the_palette(look: Look, qapp: QApplication) -> None:
    look.choose("dark")
    assert QWidget().palette().window().color().name() == DARK.window
    look.choose("light")
