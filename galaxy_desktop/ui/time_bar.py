"""The time machine's control: a button in the header, and below it a bar with a slider in days, a day, and the way back.

The bar is made when it is first opened. While the past is shown it cannot be closed, only left: it says which moment is
on the screen, that nothing can be changed there, and what had to be taken from today.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from PySide6.QtCore import QDateTime, QLocale, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QDateTimeEdit,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from galaxy_desktop.ui import words
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.time_wishes import BackToNow, LookBack, OpenTimeBar
from galaxy_desktop.ui.widgets.surface import restyle
from galaxy_desktop.ui.widgets.text import tinted

SETTLE_MS = 250
"""A slider that rests so long has arrived."""
MOST_DAYS = 730
EVENING = time(18, 0)
FORMAT = "ddd d MMM yyyy HH:mm"
HINT = "Now. Go back to see every page as it was."
ALWAYS_NOW = frozenset({"outbox", "activity", "sync", "settings", "models"})
"""Pages that show now, whatever moment is looked at."""


class TimeBar(QFrame):
    """Slider, day buttons and a field; emits the moment that is wanted, or that one wants back."""

    wanted = Signal(object)
    left = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._now: datetime | None = None
        self._moment: datetime | None = None
        self._blind: tuple[str, ...] = ()
        self._reading = False
        self._page = ""
        self.setAccessibleName("Time machine")
        self.earlier = _tool("Previous day", "Previous day ( [ )", lambda: self.step(-1))
        self.later = _tool("Next day", "Next day ( ] )", lambda: self.step(1))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Day to look at; the right end is now")
        self.slider.setSingleStep(1)
        self.slider.setPageStep(7)
        self.slider.setMinimumWidth(120)
        self.slider.setMinimumHeight(24)
        self.slider.valueChanged.connect(self._slid)
        self.day = QDateTimeEdit()
        self.day.setAccessibleName("Day and time to look at")
        self.day.setLocale(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
        self.day.setDisplayFormat(FORMAT)
        self.day.setCalendarPopup(True)
        self.day.setKeyboardTracking(False)
        self.day.dateTimeChanged.connect(self._typed)
        self.back = QPushButton("Back to now")
        self.back.clicked.connect(lambda _checked: self.left.emit())
        self._sign = QLabel()
        self._said = text_label(HINT, Role.SMALL, wrap=True)
        self._said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLE_MS)
        self._settling.timeout.connect(self._arrived)
        self._lay_out()
        look.changed.connect(self._tint)
        self._dress()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 7, 10, 7)
        column.setSpacing(5)
        words_row = QHBoxLayout()
        words_row.setSpacing(8)
        words_row.addWidget(self._sign)
        words_row.addWidget(self._said, 1)
        words_row.addWidget(self.back)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.earlier)
        row.addWidget(self.slider, 1)
        row.addWidget(self.later)
        row.addSpacing(6)
        row.addWidget(self.day)
        column.addLayout(row)
        column.addLayout(words_row)

    @property
    def sentence(self) -> str:
        """What is said under the slider."""
        return self._said.text()

    @property
    def reach(self) -> int:
        """How many days one can go back."""
        return self.slider.maximum()

    def offer(self, earliest: datetime | None, now: datetime) -> None:
        """Offer the days from `earliest` to now; both are aware moments in the user's zone."""
        self._now = now
        days = min((now.date() - earliest.date()).days, MOST_DAYS) if earliest is not None else 0
        with QSignalBlocker(self.slider), QSignalBlocker(self.day):
            self.slider.setRange(0, max(days, 0))
            self.slider.setValue(self._place(self._moment))
            self.day.setDateTimeRange(_qt(now - timedelta(days=max(days, 0))), _qt(now))
            self.day.setDateTime(_qt(self._moment or now))
        self._dress()

    def step(self, days: int) -> None:
        """Go some days on or back; beyond the last day lies now."""
        self.slider.setValue(self.slider.value() + days)

    def show_page(self, name: str) -> None:
        """Another page is shown."""
        self._page = name
        self._dress()

    def say_reading(self, moment: datetime) -> None:
        """The past is being read."""
        self._moment, self._reading = moment, True
        self._follow(moment)
        self._dress()

    def say_past(self, moment: datetime, blind: tuple[str, ...]) -> None:
        """The past is on the screen."""
        self._moment, self._blind, self._reading = moment, blind, False
        self._follow(moment)
        self._dress()

    def say_now(self) -> None:
        """Now is on the screen."""
        self._settling.stop()
        self._moment, self._blind, self._reading = None, (), False
        self._follow(None)
        self._dress()

    def _follow(self, moment: datetime | None) -> None:
        with QSignalBlocker(self.slider), QSignalBlocker(self.day):
            self.slider.setValue(self._place(moment))
            if self._now is not None:
                self.day.setDateTime(_qt(moment or self._now))

    def _place(self, moment: datetime | None) -> int:
        if moment is None or self._now is None:
            return self.slider.maximum()
        return self.slider.maximum() - (self._now.date() - moment.date()).days

    def _at(self, place: int) -> datetime | None:
        """The moment of a place on the slider: that day's evening, or the time of day that is looked at; `None` for now."""
        back = self.slider.maximum() - place
        if back <= 0 or self._now is None:
            return None
        day = self._now.date() - timedelta(days=back)
        return datetime.combine(day, self._moment.time() if self._moment else EVENING, self._now.tzinfo)

    def _slid(self, place: int) -> None:
        moment = self._at(place)
        with QSignalBlocker(self.day):
            if self._now is not None:
                self.day.setDateTime(_qt(moment or self._now))
        self._settling.start()
        self._dress()

    def _typed(self) -> None:
        if self._now is None:
            return
        moment = _python(self.day.dateTime(), self._now)
        with QSignalBlocker(self.slider):
            self.slider.setValue(self._place(moment))
        self._settling.stop()
        if moment >= self._now.replace(second=0, microsecond=0):
            self.left.emit()
        else:
            self.wanted.emit(moment)

    def _arrived(self) -> None:
        moment = self._at(self.slider.value())
        if moment is None:
            self.left.emit()
        else:
            self.wanted.emit(moment)

    def _dress(self) -> None:
        past = self._moment is not None
        self.earlier.setEnabled(self.slider.value() > 0)
        self.later.setEnabled(self.slider.value() < self.slider.maximum())
        self.slider.setEnabled(self.slider.maximum() > 0)
        self.back.setVisible(past)
        self._said.setText(self._words())
        self._said.setToolTip("\n".join(self._blind))
        wanted = "watch" if past else "plain"
        if self.property("bar") != wanted:
            self.setProperty("bar", wanted)
            restyle(self)
        self._tint()

    def _words(self) -> str:
        if self._moment is None or self._now is None:
            return HINT if self.slider.maximum() > 0 else "Nothing older is stored yet, so there is no past to look at."
        when = words.clock(self._moment, self._now)
        when = f"today {when}" if ":" in when[:3] else when
        if self._reading:
            return f"Reading how things stood: {when} …"
        said = f"You look at {when}. Nothing can be changed there."
        if self._page in ALWAYS_NOW:
            said += " This page shows now."
        elif self._blind:
            said += f" {self._blind[0]}" + (f" And {len(self._blind) - 1} more." if len(self._blind) > 1 else "")
        return said

    def _tint(self) -> None:
        self.earlier.setIcon(tinted(self._look, "earlier"))
        self.later.setIcon(tinted(self._look, "later"))
        past = self._moment is not None
        self._sign.setPixmap(tinted(self._look, "clock", Tone.WATCH if past else Tone.QUIET, 18).pixmap(18, 18))


class TimeMachine(QWidget):
    """The bar with the button that opens it: what the window holds. `wished` carries wishes of `time_wishes`."""

    wished = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._page = ""
        self._compact = False
        self._now: datetime | None = None
        self._moment: datetime | None = None
        self.bar: TimeBar | None = None
        self.button = QPushButton(" Now")
        self.button.setCheckable(True)
        self.button.setToolTip("Look back: show every page as it was at a moment (B)")
        self.button.setAccessibleName("Look back")
        self.button.clicked.connect(lambda checked: self.open(on=checked))
        column = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        column.setContentsMargins(24, 12, 24, 0)
        self.hide()
        look.changed.connect(self._tint)
        self._tint()

    @property
    def looking_back(self) -> bool:
        """Whether the past is on the screen, or on its way there."""
        return self._moment is not None

    def open(self, *, on: bool = True) -> None:
        """Open the bar, or close it: who closes it returns to now."""
        if on and self.bar is None:
            self._make()
        if on:
            self.wished.emit(OpenTimeBar(self._offer))
        elif self.looking_back:
            self.wished.emit(BackToNow())
        self.button.setChecked(on)
        self.setVisible(on)
        if on and self.bar is not None:
            self.bar.slider.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def turn(self) -> None:
        """Open the bar when it is closed, and the other way round."""
        self.open(on=self.isHidden())

    def step(self, days: int) -> None:
        """A day on or back, from anywhere; opens the bar first."""
        if self.isHidden() or self.bar is None:
            self.open()
        elif self.bar.reach:
            self.bar.step(days)

    def show_now(self, now: datetime) -> None:
        """The clock went on."""
        self._now = now

    def show_page(self, name: str) -> None:
        """Another page is shown."""
        self._page = name
        if self.bar is not None:
            self.bar.show_page(name)

    def say_reading(self, moment: datetime) -> None:
        """The past is being read."""
        self._say(moment)
        if self.bar is not None:
            self.bar.say_reading(moment)

    def say_past(self, moment: datetime, blind: tuple[str, ...] = ()) -> None:
        """The past is on the screen."""
        self._say(moment)
        if self.bar is not None:
            self.bar.say_past(moment, blind)

    def say_now(self) -> None:
        """Now is on the screen."""
        self._say(None)
        if self.bar is not None:
            self.bar.say_now()

    def forget(self) -> None:
        """Another workspace comes: the bar is closed, and asks anew when it is opened."""
        self.button.setChecked(False)
        self.hide()

    def be_compact(self, compact: bool) -> None:
        """Show the button's picture alone, for narrow windows."""
        self._compact = compact
        self._say(self._moment)

    def _make(self) -> None:
        bar = self.bar = TimeBar(self._look)
        bar.wanted.connect(lambda moment: self.wished.emit(LookBack(moment)))
        bar.left.connect(lambda: self.wished.emit(BackToNow()))
        bar.show_page(self._page)
        if self._now is not None:
            bar.offer(None, self._now)
        layout = self.layout()
        if layout is not None:
            layout.addWidget(bar)

    def _offer(self, earliest: datetime | None) -> None:
        if self.bar is not None and self._now is not None:
            self.bar.offer(earliest, self._now)

    def _say(self, moment: datetime | None) -> None:
        self._moment = moment
        text = "Now" if moment is None else words.day(moment.date(), (self._now or moment).date())
        self.button.setText("" if self._compact else f" {text}")  # the bar below names the day
        self.button.setAccessibleName("Look back" if moment is None else f"Looking at {text}")
        if moment is not None:
            self.button.setChecked(True)
            if self.bar is None:
                self._make()
                self.wished.emit(OpenTimeBar(self._offer))
            self.show()
        self._tint()

    def _tint(self) -> None:
        self.button.setIcon(tinted(self._look, "clock", Tone.WATCH if self._moment else Tone.QUIET))


def _tool(name: str, tip: str, pressed: Callable[[], None]) -> QToolButton:
    button = QToolButton()
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setAutoRepeat(True)
    button.clicked.connect(lambda _checked: pressed())
    return button


def _qt(moment: datetime) -> QDateTime:
    """The wall clock of a moment: the field knows no zones."""
    return QDateTime(moment.year, moment.month, moment.day, moment.hour, moment.minute, 0)


def _python(moment: QDateTime, now: datetime) -> datetime:
    day, clock = moment.date(), moment.time()
    return datetime(day.year(), day.month(), day.day(), clock.hour(), clock.minute(), tzinfo=now.tzinfo)
