"""Settings, the parts about GitHub, and the welcome steps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit, QSpinBox
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.services.demo import SCENARIOS
from galaxy_desktop.settings import ALL, BY_NAME, Settings
from galaxy_desktop.ui.pages.activity import ActivityPage
from galaxy_desktop.ui.pages.settings import SettingsPage
from galaxy_desktop.ui.pages.settings_form import ELSEWHERE
from galaxy_desktop.ui.sign_in_wishes import AskHowToSignIn, SignInWithCode
from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.view import Filters, ModelChoice, View
from galaxy_desktop.ui.wishes import (
    AddRepository,
    AskForToken,
    ChangeSetting,
    OpenAlert,
    PauseAlerts,
    ReadActivity,
    Requeue,
    SaveToken,
    SwitchProfile,
    TestToken,
    Wish,
)
from galaxy_desktop.ui.wizard import MODEL, REPOSITORIES, START, TOKEN, Wizard
from tests.ui.fakes import Answer, report
from tests.ui.samples import API, NOW

MODELS = (
    ModelChoice(name="small", title="Small", note="Starts anywhere.", size="0.1 GB", present=True),
    ModelChoice(name="large", title="Large", note="Writes well.", size="4.9 GB", present=False),
)


@pytest.fixture
def page(look: Look, qtbot: QtBot, wishes: list[Wish], view: View) -> SettingsPage:
    made = SettingsPage(look)
    qtbot.addWidget(made)
    made.wished.connect(wishes.append)
    made.show_view(replace(view, models=MODELS))
    made.show()
    return made


def changes(wishes: list[Wish]) -> list[tuple[str, str]]:
    """The settings that were changed."""
    return [(w.name, w.text) for w in wishes if isinstance(w, ChangeSetting)]


def test_every_setting_has_a_field_or_a_place_of_its_own(page: SettingsPage) -> None:
    assert {*page.form.fields, *ELSEWHERE} == {s.name for s in ALL}


def test_every_field_has_a_name_and_a_help_for_screen_readers(page: SettingsPage) -> None:
    for setting in ALL:
        if setting.name not in ELSEWHERE:
            field = page.form.fields[setting.name]
            assert field.accessibleName() == setting.label
            assert field.accessibleDescription() == setting.help


def test_showing_values_changes_nothing(page: SettingsPage, wishes: list[Wish]) -> None:
    assert changes(wishes) == []


def test_each_kind_of_field_tells_its_change(page: SettingsPage, wishes: list[Wish], qtbot: QtBot) -> None:
    fields = page.form.fields
    flag, number, choice, text = (fields[n] for n in ("balloons", "poll_seconds", "theme", "holidays"))
    assert isinstance(flag, QCheckBox)
    assert isinstance(number, QSpinBox)
    assert isinstance(choice, QComboBox)
    assert isinstance(text, QLineEdit)
    flag.setChecked(False)
    number.setValue(90)
    choice.activated.emit(choice.findData("dark"))
    qtbot.keyClicks(text, "DE")
    qtbot.keyClick(text, Qt.Key.Key_Return)
    assert changes(wishes)[:4] == [
        ("balloons", "false"),
        ("poll_seconds", "90"),
        ("theme", "dark"),
        ("holidays", "DE"),
    ]


def test_what_is_wrong_is_said_at_the_field(page: SettingsPage) -> None:
    page.form.say("holidays", "There is no country XX.")
    assert "There is no country XX." in [w.text() for w in page.form.findChildren(QLabel)]
    page.form.say("holidays", "")
    assert "There is no country XX." not in [w.text() for w in page.form.findChildren(QLabel)]


def test_a_refused_text_stays_beside_the_sentence_until_it_is_corrected(page: SettingsPage) -> None:
    field = page.form.fields["proxy"]
    assert isinstance(field, QLineEdit)
    field.setText("proxy:3128")
    page.form.say("proxy", "Proxy: write it like http://proxy.example.com:3128.")
    page.form.show_values(Settings(), MODELS)
    assert field.text() == "proxy:3128"
    page.form.say("proxy", "")
    page.form.show_values(Settings.from_text({"proxy": "http://proxy.example.com:3128"}), MODELS)
    assert field.text() == "http://proxy.example.com:3128"


def test_a_field_that_the_environment_overrides_shows_its_value_and_why_and_cannot_be_changed(
    page: SettingsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = page.form.fields["api_url"]
    assert isinstance(field, QLineEdit)
    stored = Settings.from_text({"api_url": "https://set.example/api/v3"})
    monkeypatch.setenv("GALAXY_GITHUB_API", "https://me:secret@ghe.example/api/v3")
    page.form.show_values(stored, MODELS)
    assert (field.text(), field.isReadOnly()) == ("https://ghe.example/api/v3", True)
    assert "GALAXY_GITHUB_API in the environment" in page.form.note("api_url")
    assert "https://set.example/api/v3, holds" in field.accessibleDescription()
    monkeypatch.delenv("GALAXY_GITHUB_API")
    page.form.show_values(stored, MODELS)
    assert (field.text(), field.isReadOnly()) == ("https://set.example/api/v3", False)
    assert page.form.note("api_url") == BY_NAME["api_url"].help


def test_every_variable_of_the_environment_has_a_field_that_says_so(
    page: SettingsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = {s.name: s.variable for s in ALL if s.variable}
    assert set(variables.values()) == {
        "GALAXY_GITHUB_API",
        "GALAXY_OAUTH_CLIENT_ID",
        "GALAXY_ARCHIVE_URL",
        "GALAXY_MODEL_MIRRORS",
    }
    for variable in variables.values():
        monkeypatch.setenv(variable, "https://one.example")
    page.form.show_values(Settings(), MODELS)
    assert all(variable in page.form.note(name) for name, variable in variables.items())


def test_a_token_of_the_environment_is_named_and_leaves_nothing_to_enter(
    page: SettingsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GALAXY_GITHUB_TOKEN", "ghp_outside")
    page.github.show_token(True)
    assert any("GALAXY_GITHUB_TOKEN in the environment" in w.text() for w in page.github.findChildren(QLabel))
    assert page.github.token.isHidden()
    assert page.github.sign_in.sign_out.isHidden()
    monkeypatch.delenv("GALAXY_GITHUB_TOKEN")
    page.github.show_token(True)
    assert not page.github.token.isHidden()


def test_a_box_says_what_it_stands_for(page: SettingsPage) -> None:
    box = page.form.fields["network"]
    assert isinstance(box, QCheckBox)
    said = [box.text()]
    box.click()
    said.append(box.text())
    page.form.show_values(Settings(), MODELS)
    assert [*said, box.text()] == ["On", "Off", "On"]


def test_the_wheel_over_a_field_scrolls_the_page_and_changes_nothing(page: SettingsPage, wishes: list[Wish]) -> None:
    number = page.form.fields["poll_seconds"]
    assert isinstance(number, QSpinBox)
    at = QPointF(5, 5)
    turn = QWheelEvent(
        at,
        at,
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(number, turn)
    assert changes(wishes) == []


def test_models_say_whether_they_are_here(page: SettingsPage) -> None:
    models = page.form.fields["model"]
    assert isinstance(models, QComboBox)
    assert [models.itemText(i) for i in range(2)] == ["Small", "Large, not on this computer"]


def test_the_page_looks_for_a_token_and_says_what_it_found(page: SettingsPage, wishes: list[Wish]) -> None:
    asked = next(w for w in wishes if isinstance(w, AskForToken))
    assert any("Looking for a token" in w.text() for w in page.findChildren(QLabel))
    assert page.github.sign_in.sign_out.isHidden()
    asked.answered(True)
    assert any("A token is known" in w.text() for w in page.findChildren(QLabel))
    assert not page.github.sign_in.sign_out.isHidden()


def test_where_nobody_looked_for_a_token_nothing_is_claimed(page: SettingsPage) -> None:
    page.github.show_token(None)
    said = " ".join(w.text() for w in page.github.findChildren(QLabel))
    assert "nobody looked" in said
    assert "token is known" not in said
    assert page.github.sign_in.check.isHidden()


def test_a_token_is_saved_only_after_github_accepted_it(page: SettingsPage, wishes: list[Wish]) -> None:
    field = page.github.token
    field.line.setText("wrong")
    field.test()
    test = next(w for w in wishes if isinstance(w, TestToken))
    test.answered(Answer(False, "", "GitHub does not accept this token."))
    assert field.note == "GitHub does not accept this token."
    assert not any(isinstance(w, SaveToken) for w in wishes)


def test_a_saved_token_leaves_the_field(page: SettingsPage, wishes: list[Wish]) -> None:
    field = page.github.token
    field.line.setText("ghp_good")
    field.test()
    next(w for w in wishes if isinstance(w, TestToken)).answered(Answer(True, "ada", "It is ada's."))
    saving = next(w for w in wishes if isinstance(w, SaveToken))
    assert saving.token == "ghp_good"
    assert saving.answered is not None
    saving.answered("")
    assert field.line.text() == ""


def test_a_token_never_shows_in_a_log_line() -> None:
    assert "ghp_secret" not in repr(SaveToken("ghp_secret"))
    assert "ghp_secret" not in repr(TestToken("ghp_secret", lambda _answer: None))


def test_the_token_is_typed_unseen(page: SettingsPage) -> None:
    assert page.github.token.line.echoMode() is QLineEdit.EchoMode.Password


def test_a_name_that_is_none_is_said_at_the_field(page: SettingsPage, wishes: list[Wish]) -> None:
    page.github.repositories.line.setText("nonsense")
    page.github.repositories.add()
    wish = next(w for w in wishes if isinstance(w, AddRepository))
    assert wish.answered is not None
    wish.answered("Write it as owner/name.")
    assert page.github.repositories.note == "Write it as owner/name."
    assert page.github.repositories.line.text() == "nonsense"


def test_every_demo_can_be_opened(page: SettingsPage, wishes: list[Wish]) -> None:
    assert set(page.profiles.buttons) == {"main", *(f"demo: {name}" for name in SCENARIOS)}
    page.profiles.buttons["demo: blocked"].click()
    assert wishes[-1] == SwitchProfile("demo: blocked")


def test_the_open_profile_is_marked_and_has_no_button(page: SettingsPage) -> None:
    assert page.profiles.buttons["main"].isHidden()
    assert not page.profiles.buttons["demo: healthy"].isHidden()


def test_a_pause_is_told_and_can_be_ended(page: SettingsPage, view: View, wishes: list[Wish]) -> None:
    page.hour.click()
    assert wishes[-1] == PauseAlerts(NOW.replace(hour=13))
    paused = Settings.from_text({"alerts_paused_until": NOW.replace(hour=13).isoformat()})
    page.show_view(replace(view, settings=paused))
    assert any(w.text() == "Paused until 13:00." for w in page.findChildren(QLabel))
    page.resume.click()
    assert wishes[-1] == PauseAlerts(None)


# --- activity


@pytest.fixture
def activity(look: Look, qtbot: QtBot, wishes: list[Wish], view: View) -> ActivityPage:
    made = ActivityPage(look)
    qtbot.addWidget(made)
    made.wished.connect(wishes.append)
    made.show_view(view)
    made.show_report(report())
    return made


def tabs(page: ActivityPage) -> list[str]:
    """What the tabs say."""
    return [page.tabs.tabText(i) for i in range(page.tabs.count())]


def test_the_activity_is_asked_for_when_it_is_shown(activity: ActivityPage, wishes: list[Wish]) -> None:
    assert isinstance(wishes[0], ReadActivity)


def test_the_tabs_count_their_rows(activity: ActivityPage) -> None:
    assert tabs(activity) == [
        "Alerts (2)", "What ran (2)", "Jobs (2)", "Failed for good (1)", "Repositories (3)", "Morning digest",
    ]  # fmt: skip


def test_what_failed_says_why(activity: ActivityPage) -> None:
    failed = activity.executions.table.index(1, 6)
    assert failed.data() == "the model wrote no JSON"


def test_a_dead_job_gets_another_chance(activity: ActivityPage, wishes: list[Wish]) -> None:
    activity.requeue.click()
    assert wishes[-1] == Requeue(7)


def test_an_alert_leads_to_its_exact_item(activity: ActivityPage, wishes: list[Wish]) -> None:
    alert = activity.alerts.table.rows[0]
    activity.alerts.rows.opened.emit(alert)
    assert wishes[-1] == OpenAlert(alert)


def test_filters_act_on_the_activity_too(activity: ActivityPage, view: View) -> None:
    activity.show_view(replace(view, filters=Filters(first=NOW.date(), repository=API)))
    activity.show_report(report())
    assert tabs(activity)[0] == "Alerts (1)"
    assert tabs(activity)[4] == "Repositories (1)"


# --- welcome steps


@pytest.fixture
def wizard(look: Look, qtbot: QtBot, wishes: list[Wish]) -> Wizard:
    made = Wizard(None, look, MODELS)
    qtbot.addWidget(made)
    made.wished.connect(wishes.append)
    made.show()
    return made


def test_how_a_repository_stands_is_news_on_the_settings_too(page: SettingsPage, view: View) -> None:
    assert view.analysis is not None
    later = tuple(replace(one, state=RepositoryState.SYNCING) for one in view.analysis.repositories)
    page.github.repositories.line.setText("acme/n")
    page.show_view(replace(view, models=MODELS, analysis=replace(view.analysis, repositories=later)))
    said = [label.text() for label in page.github.findChildren(QLabel)]
    assert said.count("syncing") == len(later)
    assert page.github.repositories.line.text() == "acme/n"


def test_the_welcome_does_not_promise_that_nothing_is_ever_written(wizard: Wizard) -> None:
    said = " ".join(label.text() for label in wizard.findChildren(QLabel))
    assert "Nothing is written to GitHub that you did not look at" in said
    assert "Reads only" not in said


def test_there_are_at_most_four_steps(wizard: Wizard) -> None:
    assert wizard._steps.count() <= 4


def test_every_step_can_be_skipped(wizard: Wizard, wishes: list[Wish]) -> None:
    wizard.next.click()
    for step in (TOKEN, REPOSITORIES, MODEL):
        assert wizard.step == step
        wizard.skip.click()
    assert not wizard.isVisible()
    assert changes(wishes) == [("first_run_done", "true")]


def test_a_demo_needs_one_step(wizard: Wizard, wishes: list[Wish]) -> None:
    wizard.start.demo.setChecked(True)
    wizard.start.scenario.setCurrentIndex(wizard.start.scenario.findData("blocked"))
    assert wizard.next.text() == "Open the demo"
    wizard.next.click()
    assert wishes == [SwitchProfile("demo: blocked")]
    assert not wizard.isVisible()


def test_the_token_is_tested_before_its_step_is_left(wizard: Wizard, wishes: list[Wish]) -> None:
    wizard.next.click()
    wizard.token.field.line.setText("ghp_x")
    wizard.next.click()
    assert wizard.step == TOKEN
    test = next(w for w in wishes if isinstance(w, TestToken))
    test.answered(Answer(False, "", "GitHub does not accept this token."))
    assert wizard.step == TOKEN
    assert wizard.next.isEnabled()


def test_an_accepted_and_saved_token_leads_on(wizard: Wizard, wishes: list[Wish]) -> None:
    wizard.next.click()
    wizard.token.field.line.setText("ghp_x")
    wizard.next.click()
    next(w for w in wishes if isinstance(w, TestToken)).answered(Answer(True, "ada", "It is ada's."))
    saving = next(w for w in wishes if isinstance(w, SaveToken))
    assert saving.answered is not None
    saving.answered("")
    assert wizard.step == REPOSITORIES


def test_the_token_step_offers_a_code_where_a_client_id_is_configured(wizard: Wizard, wishes: list[Wish]) -> None:
    wizard.next.click()
    with_code = wizard.token.sign_in.with_code
    assert with_code.isHidden()
    next(w for w in wishes if isinstance(w, AskHowToSignIn)).answered(True)
    assert not with_code.isHidden()
    with_code.click()
    asked = wishes[-1]
    assert isinstance(asked, SignInWithCode)
    asked.answered("The code has expired. Sign in again.")
    assert (wizard.step, wizard.token.sign_in.note) == (TOKEN, "The code has expired. Sign in again.")
    asked.signed_in("Signed in as ada.")
    assert wizard.step == REPOSITORIES


def test_the_token_step_says_what_leaves_the_computer(wizard: Wizard) -> None:
    said = " ".join(w.text() for w in wizard.token.findChildren(QLabel))
    assert "nowhere else" in said
    assert "keyring" in said


def test_a_typed_repository_is_added_before_the_step_is_left(wizard: Wizard, wishes: list[Wish]) -> None:
    wizard.next.click()
    wizard.skip.click()
    wizard.repositories.field.line.setText("acme/api")
    wizard.next.click()
    wish = wishes[-1]
    assert isinstance(wish, AddRepository)
    assert wizard.step == REPOSITORIES
    assert wish.answered is not None
    wish.answered("")
    wizard.next.click()
    assert wizard.step == MODEL


def test_the_model_is_a_choice(wizard: Wizard, wishes: list[Wish]) -> None:
    wizard._show(MODEL)
    wizard.model.prose.setChecked(False)
    wizard.next.click()
    assert changes(wishes) == [("prose", "false"), ("first_run_done", "true")]


def test_back_leads_to_the_step_before(wizard: Wizard) -> None:
    wizard.next.click()
    wizard.back.click()
    assert wizard.step == START


def test_a_login_nobody_saw_is_said_under_days_off_until_it_turns_up(page: SettingsPage, view: View) -> None:
    assert view.analysis is not None
    page.show_view(replace(view, analysis=replace(view.analysis, strangers=("ann",))))
    assert "Nobody called “ann” was seen" in page.form.note("days_off")
    page.form.say("days_off", "write days like 2026-12-24.")
    page.show_view(replace(view, analysis=replace(view.analysis, strangers=("ben",))))
    assert page.form.note("days_off") == "write days like 2026-12-24."
    page.form.say("days_off", "")
    page.show_view(view)
    assert page.form.note("days_off") == BY_NAME["days_off"].help
