"""The form of settings, generated from the one table that declares them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QLineEdit, QSpinBox, QWidget

from galaxy_desktop.settings import ALL, BY_NAME, Setting, Settings
from galaxy_desktop.ui.theme import Role, Tone, text_label
from galaxy_desktop.ui.view import ModelChoice
from galaxy_desktop.ui.widgets.calm import CalmComboBox, CalmSpinBox
from galaxy_desktop.ui.widgets.surface import restyle

ELSEWHERE = ("first_run_done", "alerts_paused_until", "code_folders", "prose_providers", "question_providers")
"""Settings with a place of their own: welcome steps, buttons that pause alerts, the parts about clones and providers."""
Changed = Callable[[str, str], None]
FIELD_WIDTH = 220


class SettingsForm(QWidget):
    """One row for each setting: label, field, help; what is wrong is said under the field."""

    def __init__(self, changed: Changed) -> None:
        super().__init__()
        self._changed = changed
        self.fields: dict[str, QWidget] = {}
        self._notes: dict[str, QLabel] = {}
        self._refused: set[str] = set()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(0, 1)
        shown = [s for s in ALL if s.name not in ELSEWHERE]
        for number, setting in enumerate(shown):
            self._add(grid, number * 3, setting)

    def show_values(self, settings: Settings, models: tuple[ModelChoice, ...]) -> None:
        """Show the settings in force; a text that was refused stays beside the sentence that says why."""
        for name, field in self.fields.items():
            with QSignalBlocker(field):
                if isinstance(field, QCheckBox):
                    field.setChecked(settings.flag(name))
                    field.setText(_on_or_off(settings.flag(name)))
                elif isinstance(field, QSpinBox):
                    field.setValue(settings.number(name))
                elif isinstance(field, QComboBox):
                    _fill_models(field, models) if name == "model" else None
                    field.setCurrentIndex(max(0, field.findData(settings.text(name))))
                elif isinstance(field, QLineEdit):
                    self._show_line(name, field, settings.text(name))

    def _show_line(self, name: str, field: QLineEdit, stored: str) -> None:
        """Show the text in force; one that the environment says can be read here and changed only there."""
        setting = BY_NAME[name]
        outside = setting.of_environment()
        if field.isReadOnly() != bool(outside):
            field.setReadOnly(bool(outside))
            self._refused.discard(name)
            field.setToolTip("")
            self._say(name, overridden(setting, stored) if outside else "", None)
            restyle(field)
        if outside:
            field.setText(without_password(outside))
            field.setToolTip(field.text())
            field.setCursorPosition(0)
        elif not field.hasFocus() and name not in self._refused:
            field.setText(stored)

    def say(self, name: str, sentence: str) -> None:
        """Say under a field what is wrong with it; "" says its help again."""
        (self._refused.add if sentence else self._refused.discard)(name)
        self._say(name, sentence, Tone.BAD)

    def remark(self, name: str, sentence: str) -> None:
        """Say under a field what is odd about it though it is in force; what is wrong with a new text comes first."""
        if name not in self._refused:
            self._say(name, sentence, Tone.WATCH)

    def note(self, name: str) -> str:
        """What is said under a field."""
        return self._notes[name].text()

    def _say(self, name: str, sentence: str, tone: Tone | None) -> None:
        note = self._notes[name]
        toned = str(tone) if sentence and tone else None
        note.setText(sentence or BY_NAME[name].help)
        note.setProperty("tone", toned)
        note.setProperty("muted", None if sentence else True)
        self.fields[name].setAccessibleDescription(note.text())
        restyle(note)

    def _add(self, grid: QGridLayout, row: int, setting: Setting) -> None:
        label = text_label(setting.label, Role.STRONG)
        field = self._field(setting)
        field.setAccessibleName(setting.label)
        field.setAccessibleDescription(setting.help)
        label.setBuddy(field)
        note = text_label(setting.help, Role.SMALL, muted=True, wrap=True)
        grid.addWidget(label, row, 0)
        grid.addWidget(note, row + 1, 0)
        grid.addWidget(field, row, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        if row:
            grid.setRowMinimumHeight(row - 1, 10)
        self.fields[setting.name] = field
        self._notes[setting.name] = note

    def _field(self, setting: Setting) -> QWidget:
        tell = partial(self._changed, setting.name)
        if setting.kind is bool:
            return _check_box(tell)
        if setting.kind is int:
            return _spin_box(setting, tell)
        if setting.choices or setting.name == "model":
            return _combo(setting, tell)
        line = QLineEdit()
        _size(line)
        line.editingFinished.connect(lambda: tell(line.text().strip()) if line.isModified() else None)
        return line


def overridden(setting: Setting, stored: str) -> str:
    """Why a field cannot be changed here, and what holds without the environment."""
    kept = f"the value kept here, {stored}, holds" if stored else "the usual one holds"
    return (
        f"Set by {setting.variable} in the environment, which wins. "
        f"Start the program without it to change this here; then {kept}."
    )


def without_password(address: str) -> str:
    """An address as it may stand on a screen: the environment, unlike the settings, may hold a name and a password."""
    scheme, mark, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}"


def _size(field: QWidget) -> None:
    field.setFixedWidth(FIELD_WIDTH)


def _check_box(tell: Callable[[str], None]) -> QCheckBox:
    box = QCheckBox(_on_or_off(False))
    box.toggled.connect(lambda on: box.setText(_on_or_off(on)))
    box.toggled.connect(lambda on: tell("true" if on else "false"))
    return box


def _on_or_off(on: bool) -> str:
    return "On" if on else "Off"


def _spin_box(setting: Setting, tell: Callable[[str], None]) -> QSpinBox:
    box = CalmSpinBox()
    box.setRange(setting.low, setting.high)
    box.setKeyboardTracking(False)
    _size(box)
    box.valueChanged.connect(lambda value: tell(str(value)))
    return box


def _combo(setting: Setting, tell: Callable[[str], None]) -> QComboBox:
    combo = CalmComboBox()
    _size(combo)
    for choice in setting.choices:
        combo.addItem(choice.capitalize(), choice)
    combo.activated.connect(lambda index: tell(combo.itemData(index)))
    return combo


def _fill_models(combo: QComboBox, models: tuple[ModelChoice, ...]) -> None:
    combo.clear()
    for one in models:
        text = one.title if one.present else f"{one.title}, not on this computer"
        combo.addItem(text, one.name)
        combo.setItemData(combo.count() - 1, f"{one.size}. {one.note}", 3)
