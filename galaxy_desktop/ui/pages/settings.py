"""Settings: the generated form, GitHub, alerts, and which workspace is open."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from galaxy_desktop.domain import days_off
from galaxy_desktop.ui import words
from galaxy_desktop.ui.pages.account import GitHubCard, ProfileCard
from galaxy_desktop.ui.pages.clones_card import ClonesCard
from galaxy_desktop.ui.pages.page import Page
from galaxy_desktop.ui.pages.providers_card import ProvidersCard
from galaxy_desktop.ui.pages.settings_form import SettingsForm
from galaxy_desktop.ui.theme import Look, Role, text_label
from galaxy_desktop.ui.tray import paused_until, tomorrow_morning
from galaxy_desktop.ui.view import Situation, View
from galaxy_desktop.ui.widgets.flow import FlowLayout
from galaxy_desktop.ui.widgets.surface import Card, ScrollPage
from galaxy_desktop.ui.wishes import ChangeSetting, OpenPage, PauseAlerts, SetUp

MODELS = "Download, import, check and remove models, and see which of them fit this computer, on the Models page (M)."


class SettingsPage(Page):
    """Every change takes effect at once and is written to the audit log."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "Settings")
        self.github = GitHubCard(look)
        self.profiles = ProfileCard(look)
        self.providers = ProvidersCard(look)
        self.clones = ClonesCard()
        self.clones.wished.connect(self.wished)
        self.form = SettingsForm(self._changed)
        self.providers.wished.connect(self.wished)
        self.github.wished.connect(self.wished)
        self.profiles.wished.connect(self.wished)
        page = ScrollPage()
        page.body.addWidget(text_label("Settings", Role.TITLE))
        page.body.addWidget(text_label("Changes take effect at once.", muted=True))
        general = Card("General")
        general.body.addWidget(self.form)
        for card in (
            self.github,
            self._models_card(),
            self.providers,
            general,
            self.clones,
            self._alerts_card(),
            self.profiles,
        ):
            page.body.addWidget(card)
        page.body.addStretch()
        self.set_content(page)

    def _models_card(self) -> Card:
        card = Card("Language models")
        card.body.addWidget(text_label(MODELS, wrap=True))
        self.models = QPushButton("Open Models")
        self.models.clicked.connect(lambda _checked: self.wished.emit(OpenPage("models")))
        card.body.addWidget(self.models, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    def _alerts_card(self) -> Card:
        card = Card("Alerts")
        self._paused = text_label("", wrap=True)
        row = FlowLayout(gap=8)
        self.hour = QPushButton("Pause for 1 hour")
        self.hour.clicked.connect(lambda _checked: self._pause(hours=1))
        self.day = QPushButton("Pause until tomorrow 9:00")
        self.day.clicked.connect(lambda _checked: self._pause())
        self.resume = QPushButton("Resume")
        self.resume.clicked.connect(lambda _checked: self.wished.emit(PauseAlerts(None)))
        again = QPushButton("Go through the welcome steps")
        again.clicked.connect(lambda _checked: self.wished.emit(SetUp()))
        for button in (self.hour, self.day, self.resume):
            row.addWidget(button)
        row.addWidget(again)
        card.body.addWidget(self._paused)
        card.body.addLayout(row)
        return card

    def situation(self, view: View) -> Situation:
        """There is something to set as soon as a workspace is open."""
        return view.situation if view.failure or view.loading else Situation.READY

    def fill(self, view: View, before: View | None) -> None:
        """Show what is in force."""
        self.providers.read()
        self.clones.show_view(view)
        if view.analysis is not None:
            self.form.remark("days_off", days_off.in_words(view.analysis.strangers))
        if before is not None and (before.settings, before.profile) == (view.settings, view.profile):
            seen = [r.repository.full_name for r in before.analysis.repositories] if before.analysis else []
            there = [r.repository.full_name for r in view.analysis.repositories] if view.analysis else []
            if seen == there and before.situation == view.situation:
                self.github.show_states(view)
                return
        self.form.show_values(view.settings, view.models)
        self.github.show_view(view)
        self.profiles.show_view(view)
        paused = paused_until(view.settings.text("alerts_paused_until"), view.now)
        said = f"Paused until {words.clock(paused, view.now)}." if paused else "Alerts are shown as they come."
        self._paused.setText(said)
        self.resume.setVisible(paused is not None)

    def _changed(self, name: str, text: str) -> None:
        self.wished.emit(ChangeSetting(name, text, lambda problem: self.form.say(name, problem)))

    def _pause(self, hours: int = 0) -> None:
        if self.view is not None:
            now = self.view.now
            self.wished.emit(PauseAlerts(now + timedelta(hours=hours) if hours else tomorrow_morning(now)))
