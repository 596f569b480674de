"""Light and dark: a few named colors, a Qt palette and a small style sheet made from them.

Widgets that paint themselves ask the `Look` for its colors when they paint, and repaint when it changed.
Sizes follow the user's own font, so that a larger system font or a scaled screen needs nothing from us.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QLabel

from galaxy_desktop.paths import resources_folder
from galaxy_desktop.ui.icons import Icons
from galaxy_desktop.ui.style import SHEET


@dataclass(frozen=True, slots=True, kw_only=True)
class Colors:
    """The colors of one appearance, each named after its use."""

    window: str
    side: str
    surface: str
    hover: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    good: str
    good_soft: str
    watch: str
    watch_soft: str
    bad: str
    bad_soft: str


LIGHT = Colors(
    window="#f5f6fa",
    side="#eaecf4",
    surface="#ffffff",
    hover="#f0f1f9",
    line="#d4d8e6",
    text="#171b2b",
    muted="#525a72",
    accent="#4347c9",
    on_accent="#ffffff",
    accent_soft="#e3e4fb",
    good="#17693f",
    good_soft="#def3e7",
    watch="#854a00",
    watch_soft="#fdeed3",
    bad="#ab241c",
    bad_soft="#fce3e1",
)
DARK = Colors(
    window="#12141d",
    side="#0d0f16",
    surface="#1b1e2a",
    hover="#252938",
    line="#343a4d",
    text="#eceef6",
    muted="#a6aec4",
    accent="#a9acff",
    on_accent="#12141d",
    accent_soft="#2a2d52",
    good="#6bd79b",
    good_soft="#17352a",
    watch="#f0b95b",
    watch_soft="#3a2d14",
    bad="#ff9a92",
    bad_soft="#45211f",
)
LIGHT_CONTRAST = Colors(
    window="#ffffff",
    side="#ffffff",
    surface="#ffffff",
    hover="#eceef9",
    line="#5b6379",
    text="#000000",
    muted="#2c3242",
    accent="#1f2299",
    on_accent="#ffffff",
    accent_soft="#e3e4fb",
    good="#0b4a2a",
    good_soft="#def3e7",
    watch="#5c3300",
    watch_soft="#fdeed3",
    bad="#8a120b",
    bad_soft="#fce3e1",
)
DARK_CONTRAST = Colors(
    window="#000000",
    side="#000000",
    surface="#000000",
    hover="#1f2333",
    line="#9aa2b8",
    text="#ffffff",
    muted="#d9deec",
    accent="#cfd1ff",
    on_accent="#000000",
    accent_soft="#24264a",
    good="#8df0b9",
    good_soft="#0f2b20",
    watch="#ffd587",
    watch_soft="#33270e",
    bad="#ffbdb8",
    bad_soft="#3b1a18",
)
"""Texts with at least 7 to 1 and lines around controls with at least 3 to 1, for whoever asks for more contrast."""
HIGH_CONTRAST = "high contrast"
"""The choice of more contrast, light or dark as the system is; "system" has it too where the system asks for it."""


class Tone(StrEnum):
    """What a color says; a word or a shape always says it too."""

    GOOD = "good"
    WATCH = "watch"
    BAD = "bad"
    QUIET = "quiet"
    ACCENT = "accent"


HEALTH_TONE = {"Sustain": Tone.GOOD, "Observe": Tone.WATCH, "Act": Tone.BAD}
SEVERITY_TONE = {"low": Tone.QUIET, "medium": Tone.WATCH, "high": Tone.BAD, "critical": Tone.BAD}
"""By the value of a `Severity`: importing the findings would make the first paint wait."""
TONE_ICON = {Tone.GOOD: "sustain", Tone.WATCH: "observe", Tone.BAD: "act", Tone.QUIET: "none", Tone.ACCENT: "info"}


def ink(colors: Colors, tone: Tone) -> str:
    """The color of text and shapes in this tone."""
    return {
        Tone.GOOD: colors.good,
        Tone.WATCH: colors.watch,
        Tone.BAD: colors.bad,
        Tone.QUIET: colors.muted,
        Tone.ACCENT: colors.accent,
    }[tone]


def paper(colors: Colors, tone: Tone) -> str:
    """The background that goes with `ink` in this tone."""
    return {
        Tone.GOOD: colors.good_soft,
        Tone.WATCH: colors.watch_soft,
        Tone.BAD: colors.bad_soft,
        Tone.QUIET: colors.hover,
        Tone.ACCENT: colors.accent_soft,
    }[tone]


def track(colors: Colors) -> str:
    """The part of a bar that is not filled: a line, but pale where lines are strong, so that the filled part is seen."""
    return colors.accent_soft if colors in (LIGHT_CONTRAST, DARK_CONTRAST) else colors.line


class Role(StrEnum):
    """How a piece of text is set."""

    TITLE = "title"
    HEADING = "heading"
    BODY = "body"
    STRONG = "strong"
    SMALL = "small"
    FIGURE = "figure"


_SCALE = {
    Role.TITLE: (1.65, QFont.Weight.DemiBold),
    Role.HEADING: (1.16, QFont.Weight.DemiBold),
    Role.BODY: (1.0, QFont.Weight.Normal),
    Role.STRONG: (1.0, QFont.Weight.DemiBold),
    Role.SMALL: (0.92, QFont.Weight.Normal),
    Role.FIGURE: (1.9, QFont.Weight.DemiBold),
}
SMALLEST_POINTS = 10.0


def font(role: Role) -> QFont:
    """The user's own font in the size and weight of a role."""
    made = QFont(QApplication.font())
    scale, weight = _SCALE[role]
    made.setPointSizeF(made.pointSizeF() * scale)
    made.setWeight(weight)
    return made


def text_label(text: str, role: Role = Role.BODY, *, muted: bool = False, wrap: bool = False) -> QLabel:
    """A label of plain text: what comes from outside is never read as markup."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(font(role))
    label.setWordWrap(wrap)
    if muted:
        label.setProperty("muted", True)
    return label


def palette(colors: Colors) -> QPalette:
    """The Qt palette of an appearance, also for the controls that we do not style."""
    made = QPalette()
    group = QPalette.ColorRole
    for role, color in (
        (group.Window, colors.window),
        (group.WindowText, colors.text),
        (group.Base, colors.surface),
        (group.AlternateBase, colors.hover),
        (group.Text, colors.text),
        (group.Button, colors.surface),
        (group.ButtonText, colors.text),
        (group.ToolTipBase, colors.surface),
        (group.ToolTipText, colors.text),
        (group.PlaceholderText, colors.muted),
        (group.Highlight, colors.accent),
        (group.HighlightedText, colors.on_accent),
        (group.Link, colors.accent),
        (group.Light, colors.hover),
        (group.Midlight, colors.line),
        (group.Mid, colors.line),
        (group.Dark, colors.muted),
        (group.Shadow, colors.line),
    ):
        made.setColor(role, QColor(color))
    for role in (group.WindowText, group.Text, group.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(colors.muted))
    return made


def style_sheet(colors: Colors) -> str:
    """The small style sheet: surfaces, buttons and the places where Fusion's defaults look dated."""
    folder, tint = resources_folder() / "icons", "dark" if colors in (DARK, DARK_CONTRAST) else "light"
    sheet = SHEET
    for name in ("chevron", "tick", "up"):
        sheet = sheet.replace(f"@{name}@", (folder / f"{name}-{tint}.svg").as_posix())
    for name in sorted(Colors.__dataclass_fields__, key=len, reverse=True):
        sheet = sheet.replace(f"@{name}@", getattr(colors, name))
    return sheet


class Look(QObject):
    """The appearance in force: follows the system unless the user chose one."""

    changed = Signal()

    def __init__(self, app: QApplication, choice: str = "system") -> None:
        super().__init__(app)
        self._app = app
        self.icons = Icons()
        self.colors = LIGHT
        app.setStyle("Fusion")
        own = app.font()
        if own.pointSizeF() < SMALLEST_POINTS:
            own.setPointSizeF(SMALLEST_POINTS)
            app.setFont(own)
        self._choice = choice
        self._apply()
        app.styleHints().colorSchemeChanged.connect(self._system_changed)
        app.styleHints().accessibility().contrastPreferenceChanged.connect(self._system_changed)

    @property
    def dark(self) -> bool:
        """Whether the dark colors are in force."""
        return self.colors in (DARK, DARK_CONTRAST)

    def choose(self, choice: str) -> None:
        """Follow "system", or be "light", "dark" or `HIGH_CONTRAST` always."""
        if choice != self._choice:
            self._choice = choice
            self._apply()

    def _system_changed(self) -> None:
        if self._choice in ("system", HIGH_CONTRAST):
            self._apply()

    def _apply(self) -> None:
        hints = self._app.styleHints()
        system_dark = hints.colorScheme() is Qt.ColorScheme.Dark
        dark = self._choice == "dark" or (system_dark and self._choice != "light")
        asked = hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast
        if self._choice == HIGH_CONTRAST or (asked and self._choice == "system"):
            self.colors = DARK_CONTRAST if dark else LIGHT_CONTRAST
        else:
            self.colors = DARK if dark else LIGHT
        self._app.setPalette(palette(self.colors))
        self._app.setStyleSheet(style_sheet(self.colors))
        self.changed.emit()
