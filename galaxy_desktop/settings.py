"""Every setting, declared once: the form, the docs, the checks and the store read this table.

Values live in the database as text (tokens never do: they belong to the keyring). `Settings` is an
immutable view; changing a value makes a new one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from galaxy_desktop.errors import WrongUseError

DEFAULT_API = "https://api.github.com"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: `kind` is bool, int or str; `choices` limits a str, `low` and `high` an int."""

    name: str
    kind: type
    default: bool | int | str
    label: str
    help: str
    choices: tuple[str, ...] = ()
    low: int = 0
    high: int = 1_000_000

    def parse(self, text: str) -> bool | int | str:
        """The value written as `text`; raises `WrongUseError` with what would be right."""
        if self.kind is bool:
            if text.lower() not in ("true", "false"):
                raise WrongUseError(f"{self.label}: say true or false, not {text!r}.")
            return text.lower() == "true"
        if self.kind is int:
            return self._number(text)
        if self.choices and text not in self.choices:
            raise WrongUseError(f"{self.label}: one of {', '.join(self.choices)}, not {text!r}.")
        return text

    def _number(self, text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise WrongUseError(f"{self.label}: a whole number, not {text!r}.") from None
        if not self.low <= value <= self.high:
            raise WrongUseError(f"{self.label}: between {self.low} and {self.high}, not {value}.")
        return value


ALL: tuple[Setting, ...] = (
    Setting(
        "theme", str, "system", "Theme", "Follow the system, or always light or dark.", ("system", "light", "dark")
    ),
    Setting(
        "poll_seconds", int, 60, "Fastest polling", "Seconds between polls while something moves.", low=30, high=3600
    ),
    Setting(
        "poll_rest_seconds",
        int,
        900,
        "Slowest polling",
        "Seconds between polls when nothing moves.",
        low=60,
        high=86_400,
    ),
    Setting(
        "holidays",
        str,
        "",
        "Holidays",
        "Country code (such as DE or US-CA) whose public holidays are days off; empty for none.",
    ),
    Setting(
        "prose",
        bool,
        True,
        "Model's prose",
        "Let the local language model word the explanation; every sentence is checked first.",
    ),
    Setting(
        "model",
        str,
        "smollm2-135m-instruct",
        "Model",
        "Name in the model catalog of the weights that write the prose.",
    ),
    Setting(
        "close_to_tray", bool, False, "Close to tray", "Closing the window leaves the program running in the tray."
    ),
    Setting("balloons", bool, True, "Balloons", "Show alerts as notifications; the tray icon changes either way."),
    Setting(
        "alerts_paused_until",
        str,
        "",
        "Alerts paused until",
        "Moment (ISO) until which no alert is shown; empty when not paused.",
    ),
    Setting(
        "alerts_per_day",
        int,
        5,
        "Alerts a day",
        "Above this many balloons a day the rest waits in the Activity page.",
        low=0,
        high=100,
    ),
    Setting("first_run_done", bool, False, "First run done", "Whether the welcome steps were finished or skipped."),
)

BY_NAME: Mapping[str, Setting] = MappingProxyType({setting.name: setting for setting in ALL})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force: defaults, overridden by stored values."""

    values: Mapping[str, bool | int | str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def from_text(cls, stored: Mapping[str, str]) -> Settings:
        """Settings from stored text; values that are unknown or no longer valid fall back to the default."""
        values: dict[str, bool | int | str] = {}
        for name, text in stored.items():
            setting = BY_NAME.get(name)
            if setting is None:
                continue
            try:
                values[name] = setting.parse(text)
            except WrongUseError:
                values[name] = setting.default
        return cls(MappingProxyType(values))

    def __getitem__(self, name: str) -> bool | int | str:
        """The value in force; `KeyError` for a name that was never declared."""
        return self.values.get(name, BY_NAME[name].default)

    def flag(self, name: str) -> bool:
        """A yes-or-no setting."""
        return bool(self[name])

    def number(self, name: str) -> int:
        """A whole-number setting."""
        return int(self[name])

    def text(self, name: str) -> str:
        """A text setting."""
        return str(self[name])


def api_url() -> str:
    """Base URL of the GitHub API: `GALAXY_GITHUB_API`, or the public one."""
    return (os.environ.get("GALAXY_GITHUB_API") or DEFAULT_API).rstrip("/")


def environment_token() -> str | None:
    """The token from `GALAXY_GITHUB_TOKEN`, for machines without a keyring."""
    return os.environ.get("GALAXY_GITHUB_TOKEN") or None
