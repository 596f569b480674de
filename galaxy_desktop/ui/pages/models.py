"""Models: which language models there are, whether each fits this computer, and what is being fetched.

The table names them all; below it stands the one that is selected, with its arithmetic and everything that can be done.
The page reads the desk when it is opened and every few seconds while it is on the screen (memory and disk change by
themselves); between two readings it follows the news of transfers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QMargins, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from galaxy_desktop.domain.events import Event, ModelStood, ProseArrived, ProsePending, SearchIndexMoved, TransferMoved
from galaxy_desktop.domain.models import (
    ModelFacts,
    ModelsOverview,
    Presence,
    Standing,
    Transfer,
    TransferKind,
    TransferState,
)
from galaxy_desktop.ui import models_words
from galaxy_desktop.ui.models_wishes import (
    AddAddress,
    Cancel,
    CancelImport,
    Download,
    ImportFile,
    ModelsWish,
    Pause,
    ReadModels,
    RemoveModel,
    StopLoading,
    Told,
    UseModel,
    Verify,
)
from galaxy_desktop.ui.pages.models_card import CANCEL, DOWNLOAD, PAUSE, REMOVE, STOP, USE, VERIFY, ModelCard
from galaxy_desktop.ui.pages.models_parts import GaugesCard, TransferLine
from galaxy_desktop.ui.pages.models_search_card import SearchModelsCard
from galaxy_desktop.ui.pages.page import Page
from galaxy_desktop.ui.rows.models import model_table
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.throttle import Throttle
from galaxy_desktop.ui.view import Situation, View
from galaxy_desktop.ui.widgets.fitted_table import FittedTable
from galaxy_desktop.ui.widgets.notices import EmptyState
from galaxy_desktop.ui.widgets.surface import Card, ScrollPage, restyle
from galaxy_desktop.ui.widgets.text import ElidedLabel

READ_EVERY_MS = 4000
INTRO = "They run on this computer. Nothing is downloaded before you say so, and everything also works without one."
WISHES: dict[str, Callable[[ModelFacts, Told], ModelsWish]] = {
    DOWNLOAD: Download,
    PAUSE: Pause,
    CANCEL: Cancel,
    VERIFY: Verify,
    USE: UseModel,
    STOP: StopLoading,
    REMOVE: RemoveModel,
}


class ImportCard(Card):
    """An import under way: the file is no model yet, so it has no row."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.name = ""
        self._title = ElidedLabel("", Role.STRONG)
        self.line = TransferLine(look)
        self.cancel = QPushButton("Cancel")
        row = QHBoxLayout()
        row.addWidget(self._title, 1)
        row.addWidget(self.cancel)
        self.body.addLayout(row)
        self.body.addWidget(self.line)
        self.hide()

    def show_transfer(self, transfer: Transfer) -> None:
        """Show how far it is."""
        self.name = transfer.name
        self._title.set_text(transfer.name)
        self.cancel.setAccessibleName(f"Cancel importing {transfer.name}")
        self.line.say(transfer)
        self.show()


class ModelsPage(Page):
    """The table of models, and the one that is selected."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "Models")
        self.overview: ModelsOverview | None = None
        self._asked = False
        self.importing = ImportCard(look)
        self.gauges = GaugesCard(look)
        self.card = ModelCard(look)
        self.search = SearchModelsCard(look)
        self.model = model_table(look)
        self.table: FittedTable[ModelFacts] = FittedTable(
            self.model, "Models", elastic=("For", "State"), wide_least=220, in_page=True
        )
        self.offline = text_label(models_words.OFFLINE, wrap=True)
        self.offline.setProperty("tone", str(Tone.WATCH))
        self.note = text_label("", wrap=True)
        self._wanted = ""
        self._doing = ""
        self.import_file = QPushButton("Import file…")
        self.add_address = QPushButton("Add from address…")
        self.nothing = EmptyState("Reading the models", "This takes a moment.")
        self._pace: Throttle[Transfer] = Throttle(self._take, self)
        self._timer = QTimer(self)
        self._timer.setInterval(READ_EVERY_MS)
        self._timer.timeout.connect(self.read)
        self._lay_out()
        self._wire()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(text_label("Models", Role.TITLE), 1)
        top.addWidget(self.import_file)
        top.addWidget(self.add_address)
        page = ScrollPage()
        page.body.addLayout(top)
        page.body.addWidget(text_label(INTRO, muted=True, wrap=True))
        for label in (self.offline, self.note):
            page.body.addWidget(label)
            label.hide()
        self._shown = QWidget()
        column = QVBoxLayout(self._shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(page.body.spacing())
        framed = Card()
        framed.body.setContentsMargins(QMargins(4, 4, 4, 4))
        framed.body.addWidget(self.table)
        for widget in (self.importing, framed, self.card, self.search, self.gauges):
            column.addWidget(widget)
        column.addStretch()
        self._shown.hide()
        page.body.addWidget(self.nothing, 1)
        page.body.addWidget(self._shown, 1)
        self.set_content(page)

    def _wire(self) -> None:
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._show_chosen())
        self.model.modelReset.connect(self._show_chosen)
        self.card.wanted.connect(self._act)
        self.search.wished.connect(self.wished)
        self.importing.cancel.clicked.connect(lambda _checked: self._cancel_import())
        self.import_file.clicked.connect(lambda _checked: self._begin(ImportFile(self._say)))
        self.add_address.clicked.connect(lambda _checked: self._begin(AddAddress(self.choose, self._say)))

    def situation(self, view: View) -> Situation:
        """Models can be read as soon as a workspace is open."""
        return view.situation if view.failure or view.loading else Situation.READY

    def fill(self, view: View, before: View | None) -> None:
        """Read the desk where something may have changed; a tick of the clock is no reason."""
        if before is None or not self._asked or (before.settings, before.profile) != (view.settings, view.profile):
            self.read()

    def showEvent(self, event: QShowEvent) -> None:
        """Keep reading while the page is on the screen."""
        super().showEvent(event)
        self._timer.start()
        if self._asked:
            self.read()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: nothing needs to be read."""
        super().hideEvent(event)
        self._timer.stop()

    def read(self) -> None:
        """Read how every model stands."""
        self._asked = True
        self.wished.emit(ReadModels(self.show_overview, self._say_failure))
        self.search.read()

    def choose(self, name: str) -> None:
        """Select a model as soon as it is on the list."""
        self._wanted = "" if self.table.choose(name) else name
        self.read()

    def show_overview(self, overview: ModelsOverview) -> None:
        """Show what the desk said."""
        self.overview = overview
        self.offline.setVisible(not overview.network_on)
        self.gauges.show_overview(overview)
        self.model.replace(overview.models)
        if self._wanted and self.table.choose(self._wanted):
            self._wanted = ""
        if self.table.chosen() is None and overview.models:
            self.table.choose(_first_to_show(overview.models))
        self._show_chosen()
        self._turn(readable=True)

    def hear(self, event: Event) -> None:
        """Follow a transfer between two readings, and the model in use while it loads and writes."""
        if isinstance(event, ProsePending | ProseArrived):
            self._doing = event.state if isinstance(event, ProsePending) else ""
            self._show_chosen()
        elif isinstance(event, SearchIndexMoved):
            self.search.show_state(event.state)
        elif isinstance(event, ModelStood):
            self._stand(event.standing)
        elif isinstance(event, TransferMoved):
            if event.transfer.active:
                self._pace.push(event.transfer)
            else:
                self._pace.flush()
                self._take(event.transfer)
                self.read()

    def _stand(self, standing: Standing) -> None:
        """Show how the model in use stands in the engine."""
        if self.overview is not None:
            models = tuple(
                replace(one, standing=standing if one.name == standing.name else None) for one in self.overview.models
            )
            self.overview = replace(self.overview, models=models)
            self.model.replace(models)
            self._show_chosen()

    def _take(self, transfer: Transfer) -> None:
        """Show how far a transfer is."""
        if transfer.kind is TransferKind.IMPORT:
            self._take_import(transfer)
        if self.overview is None:
            return
        models = tuple(_with(one, transfer) if one.name == transfer.name else one for one in self.overview.models)
        self.overview = replace(self.overview, models=models)
        self.model.replace(models)
        self._show_chosen()

    def _take_import(self, transfer: Transfer) -> None:
        if transfer.active:
            self.importing.show_transfer(transfer)
            return
        self.importing.hide()
        if transfer.sentence:
            tone = Tone.BAD if transfer.state is TransferState.FAILED else Tone.GOOD
            self._say_note(transfer.sentence, tone)

    def _show_chosen(self) -> None:
        facts = self.table.chosen()
        self.card.setVisible(facts is not None)
        if facts is not None:
            self.card.show_model(facts)
            self.card.say_doing(self._doing if facts.in_use and facts.purpose == models_words.PROSE else "")

    def _act(self, action: str, facts: ModelFacts) -> None:
        def told(problem: str) -> None:
            if self.card.facts is not None and self.card.facts.name == facts.name:
                self.card.say(problem, Tone.BAD)
            self.read()

        self.wished.emit(WISHES[action](facts, told))

    def _begin(self, wish: ImportFile | AddAddress) -> None:
        self._say("")
        self.wished.emit(wish)

    def _cancel_import(self) -> None:
        self.wished.emit(CancelImport(self.importing.name, self._say))

    def _say(self, problem: str) -> None:
        self._say_note(problem, Tone.BAD)

    def _say_note(self, sentence: str, tone: Tone) -> None:
        self.note.setText(sentence)
        self.note.setVisible(bool(sentence))
        self.note.setProperty("tone", str(tone))
        restyle(self.note)

    def _turn(self, *, readable: bool) -> None:
        self.nothing.setVisible(not readable)
        self._shown.setVisible(readable)

    def _say_failure(self, sentence: str) -> None:
        if self.overview is None:
            self.nothing.say("The models cannot be read", sentence)
            self._turn(readable=False)
        else:
            self._say_note(sentence, Tone.BAD)


def _first_to_show(models: tuple[ModelFacts, ...]) -> str:
    """The model that is being fetched, else the one in use that writes, else the first."""
    moving = [one.name for one in models if one.transfer is not None and one.transfer.active]
    used = [one.name for one in sorted(models, key=lambda one: one.purpose != models_words.PROSE) if one.in_use]
    return (*moving, *used, models[0].name)[0]


def _with(facts: ModelFacts, transfer: Transfer) -> ModelFacts:
    """The facts as the news of a transfer change them, until they are read again."""
    here = facts.bytes_here
    if transfer.kind is TransferKind.DOWNLOAD and transfer.done and facts.presence is not Presence.HERE:
        here = transfer.done
    presence = Presence.PART if here and facts.presence is Presence.ABSENT else facts.presence
    return replace(facts, transfer=transfer, bytes_here=here, presence=presence)
