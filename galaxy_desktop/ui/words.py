"""Numbers, days and states as a person would say them.

Wording only: nothing here decides or computes a finding. Month and day names are our own, because Qt
sets the C library's locale and `strftime` would answer in half of another language.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.findings import Effort, Forecast, NoForecast, Recommendation, Severity
from galaxy_desktop.domain.ledger import HIGHEST, LOWEST
from galaxy_desktop.explain.templates import LONG_DAYS
from galaxy_desktop.explain.words import odds as in_odds

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SPACE = "\u00a0"
MINUS = "\u2212"
BREAK = "\u200b"
_ISO_DAY = re.compile(r"(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-])")
_SENTENCE_END = re.compile(r"(?<=\.) +(?=[A-Z])")
_ENDLESS = re.compile(r"\S{24}(?=\S)")

WHY_NONE = {
    NoForecast.NO_END: "No end date",
    NoForecast.END_PASSED: "End passed",
    NoForecast.TOO_LITTLE_HISTORY: "Too early",
    NoForecast.ALL_DONE: "All done",
    NoForecast.CLOSED: "Closed",
}
SEVERITY = {
    Severity.LOW: "Low",
    Severity.MEDIUM: "Medium",
    Severity.HIGH: "High",
    Severity.CRITICAL: "Critical",
}
EFFORT = {Effort.SMALL: "Minutes of work", Effort.MEDIUM: "Hours of work", Effort.LARGE: "Days of work"}


def percent(share: float) -> str:
    """A share as a whole percentage: "62 %"."""
    return f"{round(share * 100)}{SPACE}%"


def odds(share: float) -> str:
    """A probability as something one can imagine, in the words of the explanation: "about 5 in 8"."""
    return f"about {in_odds(share)}"


def probability(share: float) -> str:
    """A probability as shown: never beyond 5 or 95 %, because nothing open is certain."""
    if share <= LOWEST:
        return f"{percent(LOWEST)} or less"
    if share >= HIGHEST:
        return f"{percent(HIGHEST)} or more"
    return percent(share)


def chance(forecast: Forecast) -> tuple[str, str]:
    """The forecast in two short lines: the number and the odds, or why there is no number and what there is instead."""
    if forecast.probability is not None:
        return probability(forecast.probability), odds(forecast.probability)
    reason = forecast.why_none or NoForecast.TOO_LITTLE_HISTORY
    if reason is NoForecast.TOO_LITTLE_HISTORY:
        return WHY_NONE[reason], "to give a number"
    return WHY_NONE[reason], "" if forecast.completion is None else "likely dates inside"


def points(delta: float) -> str:
    """A change in probability in percentage points, with its sign: "+9 pts"."""
    value = round(delta * 100)
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return f"{sign}{abs(value)}{SPACE}{'pt' if abs(value) == 1 else 'pts'}"


def gain(recommendation: Recommendation) -> str:
    """What an action is worth: "+9 pts (±2)", or that nothing can be said."""
    if recommendation.delta_probability is None:
        return "No number"
    text = points(recommendation.delta_probability)
    if recommendation.interval is not None:
        text += f" (±{half_width(recommendation.interval)})"
    return text


def half_width(interval: tuple[float, float]) -> int:
    """The "give or take" of an interval of shares, in whole points."""
    return round((interval[1] - interval[0]) * 50)


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 item", "3 items"."""
    return f"{number:,}{SPACE}{one if number == 1 else many or one + 's'}"


def listed(things: Sequence[str]) -> str:
    """Several things in a row: "a, b and c"."""
    if len(things) < 2:
        return "".join(things)
    return f"{', '.join(things[:-1])} and {things[-1]}"


def day(value: date, today: date) -> str:
    """A day as people write it, with the year only when it is another one: "Fri 8 May"."""
    text = f"{WEEKDAYS[value.weekday()]} {value.day} {MONTHS[value.month - 1]}"
    return text if value.year == today.year else f"{text} {value.year}"


def whole_day(value: date) -> str:
    """A day with its year, for lists that reach far back: "8 May 2026"."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def with_days(text: str, today: date, name: str = "") -> str:
    """A stored sentence with its days as people write them: those who store it do not know when it will be read.

    `name` stays as it is wherever it stands in the sentence: sprints may be called after a day.
    """
    if name:
        return name.join(with_days(part, today) for part in text.split(name))

    def written(found: re.Match[str]) -> str:
        try:
            return day(date.fromisoformat(found[0]), today)
        except ValueError:
            return found[0]

    return _ISO_DAY.sub(written, text)


def completion_day(value: date, today: date) -> str:
    """A day of the forecast; beyond the horizon of the simulation there is no day to name."""
    if (value - today).days > LONG_DAYS:
        return "after 3 years"
    # Far away the year matters and the weekday does not.
    return day(value, today) if value.year == today.year else whole_day(value)


def away(value: date, today: date) -> str:
    """How far a day is from today: "in 3 days", "yesterday"."""
    days = (value - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in near:
        return near[days]
    return f"in {count(days, 'day')}" if days > 0 else f"{count(-days, 'day')} ago"


def due(value: date | None, today: date, *, closed: bool = False) -> str:
    """A sprint's due day in words: "due Fri 8 May, in 2 days"."""
    if value is None:
        return "no due date"
    if closed:
        return f"was due {day(value, today)}"
    verb = "was due" if value < today else "due"
    return f"{verb} {day(value, today)}, {away(value, today)}"


def clock(moment: datetime, now: datetime) -> str:
    """A moment by the user's clock: the time alone today, with the day before it otherwise."""
    local = moment.astimezone(now.tzinfo)
    time = f"{local.hour:02}:{local.minute:02}"
    when = local_day(moment, now)
    return time if when == now.date() else f"{day(when, now.date())} {time}"


def duration(seconds: float) -> str:
    """How long something took: "0.4 s", "12 s", "3 min 05 s"."""
    if seconds < 10:
        return f"{seconds:.1f}{SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}{SPACE}min {rest:02}{SPACE}s" if minutes else f"{rest}{SPACE}s"


def repository(full_name: str) -> str:
    """The name of a repository without its owner, for narrow places."""
    return full_name.rpartition("/")[2]


def in_lines(text: str) -> str:
    """The same text with a line for each sentence, so that a long formula can be read in its parts."""
    return _SENTENCE_END.sub("\n", text)


def breakable(text: str) -> str:
    """The same text, whose endless words (addresses, hashes, code) may go on in the next line."""
    return _ENDLESS.sub(f"\\g<0>{BREAK}", text)


def reference(evidence_id: str) -> str:
    """A short readable name of an evidence id: "api#12", "web@1f3a9c2", "due date of api, milestone 3"."""
    kind, _, rest = evidence_id.removeprefix("external:").partition(":")
    if kind == "feature":
        return rest.rpartition("/")[2].replace("_", " ")
    if kind == "iteration":
        return "iteration"
    place, mark, number = rest.partition("#") if "#" in rest else rest.partition("@")
    name = repository(place)
    if kind in ("issue", "pr"):
        return f"{name}#{number}"
    if kind == "commit":
        return f"{name}@{number[:7]}"
    return f"{kind} {name}{mark}{number}"


def rule(kind: str) -> str:
    """The name of a rule or an action as words: "stale_review" is "Stale review"."""
    return kind.replace("_", " ").replace("-", " ").capitalize().replace("Ci ", "CI ").replace("Pr ", "PR ")
