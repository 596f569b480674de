"""The form of settings, generated from the one table that declares them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QLineEdit, QSpinBox, QWidget

from galaxy_desktop.settings import ALL, Setting, Settings
from galaxy_desktop.ui.theme import Role, text_label
from galaxy_desktop.ui.view import ModelChoice
from galaxy_desktop.ui.widgets.calm import CalmComboBox, CalmSpinBox
from galaxy_desktop.ui.widgets.surface import restyle

ELSEWHERE = ("first_run_done", "alerts_paused_until")
"""Settings with a place of their own: the welcome steps, and the buttons that pause alerts."""
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
                elif isinstance(field, QLineEdit) and not field.hasFocus() and name not in self._refused:
                    field.setText(settings.text(name))

    def say(self, name: str, sentence: str) -> None:
        """Say under a field what is wrong with it; "" says its help again."""
        (self._refused.add if sentence else self._refused.discard)(name)
        note = self._notes[name]
        setting = next(s for s in ALL if s.name == name)
        note.setText(sentence or setting.help)
        note.setProperty("tone", "bad" if sentence else None)
        note.setProperty("muted", None if sentence else True)
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
