"""One chart of the Flow page with what everyone expects around it: the finding, the data, the formula, the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QPushButton, QSizePolicy

from galaxy_desktop.domain.flow import Head
from galaxy_desktop.ui.flow_plot import Cell, Figure, Sheet, csv_of, heading
from galaxy_desktop.ui.flow_wishes import SaveFlow
from galaxy_desktop.ui.pages.sprint_parts import link_button
from galaxy_desktop.ui.rows.table import Column, Table
from galaxy_desktop.ui.theme import Look, Role, font, text_label
from galaxy_desktop.ui.view import Claim
from galaxy_desktop.ui.widgets.fitted_table import FittedTable
from galaxy_desktop.ui.widgets.flow import FlowLayout
from galaxy_desktop.ui.widgets.plot_view import PlotView
from galaxy_desktop.ui.widgets.surface import Card

Row = tuple[int, tuple[Cell, ...], str]
"""The number of a row, its cells, and the evidence id that it opens."""
LONG = 12
VIEW_DATA, VIEW_CHART = "View data", "View chart"


class FlowCard(Card):
    """Shows one of a few figures that are variants of each other, as a chart or as its table."""

    def __init__(
        self,
        look: Look,
        *,
        opener: Callable[[Claim], None],
        open_item: Callable[[str, str, str], None],
        saver: Callable[[SaveFlow], None],
        height: int = 290,
    ) -> None:
        """`opener` shows a claim, `open_item` an item by title, id and address, `saver` asks for a file."""
        super().__init__()
        self._look = look
        self._opener = opener
        self._open_item = open_item
        self._saver = saver
        self._figures: tuple[Figure, ...] = ()
        self._heads: tuple[Head, ...] = ()
        self._rule = ""
        self._day = date.min
        self._chosen = 0
        self._table: Table[Row] | None = None
        self._numbers: FittedTable[Row] | None = None
        self._name = text_label("", Role.SMALL, muted=True)
        self._finding = text_label("", Role.HEADING, wrap=True)
        self._legend = text_label("", Role.SMALL, muted=True, wrap=True)
        self._choices = QHBoxLayout()
        self._choices.setSpacing(6)
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self.choose)
        self.chart = PlotView(look, height)
        self.chart.opened.connect(self._open)
        self.turn = link_button(VIEW_DATA, self._turn)
        self.formula = link_button("Formula", self._explain)
        self.save = QPushButton("Save as…")
        self.save.setProperty("link", True)
        self._menu = QMenu(self.save)
        for kind in ("CSV", "PNG", "SVG"):
            self._menu.addAction(kind, lambda kind=kind: self.save_as(kind))
        self.save.setMenu(self._menu)
        self._lay_out()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self._name, 1)
        top.addLayout(self._choices)
        self.body.addLayout(top)
        self.body.addWidget(self._finding)
        self.body.addWidget(self.chart)
        self.body.addWidget(self._legend)
        self._actions = FlowLayout(gap=18)
        for button in (self.turn, self.formula, self.save):
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            self._actions.addWidget(button)
        self.body.addLayout(self._actions)
        self.body.addStretch()

    @property
    def finding(self) -> str:
        """The title: what the chart says, or what is missing."""
        return self._finding.text()

    @property
    def figure(self) -> Figure | None:
        """The variant that is chosen."""
        return self._figures[self._chosen] if self._figures else None

    @property
    def head(self) -> Head:
        """The formula and the evidence of the variant that is chosen."""
        return self._heads[min(self._chosen, len(self._heads) - 1)]

    @property
    def rule(self) -> str:
        """What was counted; how points are found is said where points are shown."""
        figure = self.figure
        return self._rule if figure is not None and figure.choice in ("", "Points") else ""

    @property
    def numbers(self) -> FittedTable[Row] | None:
        """The table, once it was asked for."""
        return self._numbers

    def show_figures(self, figures: Sequence[Figure], heads: Sequence[Head], day: date, rule: str = "") -> None:
        """Show these variants, each with formula and evidence of its head; `rule` says what was counted."""
        names = [figure.choice for figure in figures]
        if names != [figure.choice for figure in self._figures]:
            self._fill_choices(names)
            self._chosen = 0
        self._figures, self._heads, self._day, self._rule = tuple(figures), tuple(heads), day, rule
        self._show()

    def choose(self, number: int) -> None:
        """Show another variant."""
        self._chosen = number
        self._show()

    def save_as(self, kind: str) -> None:
        """Ask for a file and write the chart or its numbers to it."""
        figure = self.figure
        if figure is None:
            return
        name = f"{slug(figure.name)}{'-' + slug(figure.choice) if figure.choice else ''}-{self._day.isoformat()}"
        writers: dict[str, Callable[[Path], None]] = {
            "CSV": lambda path: write_csv(path, figure.sheet),
            "PNG": self.chart.save_png,
            "SVG": self.chart.save_svg,
        }
        suffix = kind.lower()
        self._saver(
            SaveFlow(f"Save {figure.name.lower()} as {kind}", f"{name}.{suffix}", f"{kind} (*.{suffix})", writers[kind])
        )

    def _fill_choices(self, names: Sequence[str]) -> None:
        for button in self._group.buttons():
            self._group.removeButton(button)
            self._choices.removeWidget(button)
            button.deleteLater()
        for number, name in enumerate(names if len(names) > 1 else ()):
            button = QPushButton(name)
            button.setCheckable(True)
            button.setChecked(number == 0)
            self._group.addButton(button, number)
            self._choices.addWidget(button)

    def _show(self) -> None:
        figure = self.figure
        if figure is None:
            return
        self._name.setText(heading(figure))
        self.setAccessibleName(figure.name)
        self._finding.setText(figure.finding)
        drawn = bool(figure.plots)
        self._finding.setFont(font(Role.HEADING if drawn else Role.BODY))
        if drawn:
            self.chart.show_figure(figure)
        as_table = self._numbers is not None and not self._numbers.isHidden()
        self.chart.setVisible(drawn and not as_table)
        self._legend.setText(" ".join(part for part in (figure.legend, self.rule) if part))
        self._legend.setVisible(bool(self._legend.text()))
        self.turn.setVisible(bool(figure.sheet.rows))
        self.formula.setVisible(bool(self.head.formula))
        for action, kind in zip(self._menu.actions(), ("CSV", "PNG", "SVG"), strict=True):
            action.setVisible(bool(figure.sheet.rows) if kind == "CSV" else drawn)
        self.save.setVisible(drawn or bool(figure.sheet.rows))
        if as_table:
            self._fill_table(figure.sheet)

    def _turn(self) -> None:
        as_table = self._numbers is None or self._numbers.isHidden()
        if as_table and self.figure is not None:
            self._fill_table(self.figure.sheet)
        if self._numbers is not None:
            self._numbers.setVisible(as_table)
        self.turn.setText(VIEW_CHART if as_table and self.figure and self.figure.plots else VIEW_DATA)
        if as_table and not (self.figure and self.figure.plots):
            self.turn.setText("Hide data")
        self._show()

    def _fill_table(self, sheet: Sheet) -> None:
        names = [column.name for column in self._table.columns] if self._table is not None else []
        if self._table is None or names != list(sheet.columns):
            if self._numbers is not None:
                self.body.removeWidget(self._numbers)
                self._numbers.deleteLater()
            self._table = Table(self._look, _columns(sheet), lambda row: str(row[0]))
            texts = _elastic(sheet)
            self._numbers = FittedTable(
                self._table,
                f"Numbers of {self.figure.name.lower() if self.figure else ''}",
                elastic=texts,
                wide_least=160,
                in_page=True,
            )
            self._numbers.opened.connect(lambda row: self._open(row[2]))
            self.body.insertWidget(self.body.indexOf(self.chart) + 1, self._numbers)
        keys = sheet.keys or ("",) * len(sheet.rows)
        self._table.replace([(n, cells, key) for n, (cells, key) in enumerate(zip(sheet.rows, keys, strict=True))])

    def _explain(self) -> None:
        note = "\n\n".join(part for part in (self.head.formula, self.rule) if part)
        self._opener(Claim(self.finding, note, self.head.evidence))

    def _open(self, key: str) -> None:
        figure = self.figure
        if not key or figure is None:
            return
        sheet = figure.sheet
        row = sheet.keys.index(key) if key in sheet.keys else -1
        title, url = (str(sheet.rows[row][1]), sheet.urls[row]) if row >= 0 else (key, "")
        self._open_item(title, key, url)


def write_csv(path: Path, sheet: Sheet) -> None:
    """Write numbers for a spreadsheet; the mark at the beginning tells Excel that it is UTF-8."""
    path.write_bytes(b"\xef\xbb\xbf" + csv_of(sheet).encode())


def slug(name: str) -> str:
    """A name for a file: "Cycle time" is "cycle-time"."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _elastic(sheet: Sheet) -> tuple[str, ...]:
    """The columns that give way in a narrow window: those with long texts, and all where none is long."""
    wide = _wide(sheet)
    names = [name for n, name in enumerate(sheet.columns) if n != wide]
    long = [
        name
        for n, name in enumerate(sheet.columns)
        if n != wide and any(isinstance(row[n], str) and len(str(row[n])) > LONG for row in sheet.rows)
    ]
    return tuple(long or names)


def _wide(sheet: Sheet) -> int:
    return sheet.columns.index("Title") if "Title" in sheet.columns else 0


def _columns(sheet: Sheet) -> tuple[Column[Row], ...]:
    wide = _wide(sheet)
    return tuple(_column(sheet, number, wide=number == wide) for number in range(len(sheet.columns)))


def _column(sheet: Sheet, number: int, *, wide: bool) -> Column[Row]:
    return Column(
        name=sheet.columns[number],
        text=lambda row: _shown(row[1][number]),
        order=lambda row: _order(row[1][number]),
        wide=wide,
        right=any(isinstance(row[number], int | float) for row in sheet.rows),
    )


def _shown(cell: Cell) -> str:
    if cell is None:
        return ""
    return (
        cell
        if isinstance(cell, str)
        else f"{cell:,.2f}".rstrip("0").rstrip(".")
        if isinstance(cell, float)
        else f"{cell:,}"
    )


def _order(cell: Cell) -> tuple[int, float, str]:
    if cell is None:
        return (0, 0.0, "")
    return (2, 0.0, cell.casefold()) if isinstance(cell, str) else (1, float(cell), "")
