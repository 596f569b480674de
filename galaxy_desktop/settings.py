"""Every setting, declared once: the form, the docs, the checks and the store read this table.

Values live in the database as text (tokens never do: they belong to the keyring). `Settings` is an
immutable view; changing a value makes a new one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from types import MappingProxyType
from urllib.parse import SplitResult, urlsplit

from galaxy_desktop.domain.code_folders import code_folders_of, written
from galaxy_desktop.domain.days_off import days_off_of
from galaxy_desktop.domain.providers import order_of
from galaxy_desktop.errors import RefusedError, WrongUseError

DEFAULT_API = "https://api.github.com"
DEFAULT_ARCHIVE = "https://data.gharchive.org"
DEFAULT_MIRROR = "https://huggingface.co"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _split(text: str, example: str) -> SplitResult:
    """The parts of an address; raises `WrongUseError` for what is none, or holds more than one."""
    try:
        parts = urlsplit(text)
        known = bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, known = urlsplit(""), False
    if parts.scheme not in ("http", "https") or not known or any(letter.isspace() for letter in text):
        raise WrongUseError(f"write it like {example}, not {text!r}.")
    if parts.username or parts.password:
        raise WrongUseError("leave out name and password: settings are stored readably.")
    if parts.query or parts.fragment:
        raise WrongUseError(f"leave out what follows the address; write it like {example}.")
    return parts


def _api_address(text: str) -> str:
    """The address of a GitHub API; what is known to be another address is named."""
    if not text:
        return ""
    parts = _split(text, "https://github.example.com/api/v3")
    if parts.hostname in ("github.com", "www.github.com"):
        raise WrongUseError(f"that is GitHub's web address; the API is at {DEFAULT_API}. Leave it empty for that.")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise WrongUseError("the token would travel readably; use https.")
    return text.rstrip("/")


def _proxy_address(text: str) -> str:
    """The address of a proxy: host and port, nothing behind them."""
    if not text:
        return ""
    parts = _split(text, "http://proxy.example.com:3128")
    if parts.path not in ("", "/"):
        raise WrongUseError("leave out what follows the port; write it like http://proxy.example.com:3128.")
    return text.rstrip("/")


def _archive_address(text: str) -> str:
    """The address of GH Archive or a mirror of it."""
    if text:
        _split(text, DEFAULT_ARCHIVE)
    return text.rstrip("/") or DEFAULT_ARCHIVE


def _mirrors(text: str) -> str:
    """Addresses of model mirrors, separated by commas; each with https, or on this computer."""
    found = [one.strip().rstrip("/") for one in text.replace("\n", ",").split(",") if one.strip()]
    for one in found:
        parts = _split(one, DEFAULT_MIRROR)
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise WrongUseError(f"over plain http anybody could change a file; use https for {parts.hostname}.")
    return ", ".join(dict.fromkeys(found))


def _order(text: str) -> str:
    """Names of providers in order, separated by commas; "local" is the model of this computer."""
    try:
        return ", ".join(order_of(text)) or "local"
    except ValueError as wrong:
        raise WrongUseError(f"{wrong}; write names such as ollama, local.") from None


def _client_id(text: str) -> str:
    """The client id of an OAuth app: letters, digits and dots."""
    if text and not (text.isascii() and text.replace(".", "").replace("_", "").isalnum()):
        raise WrongUseError(f"a client id such as Iv1.0123456789abcdef, not {text!r}.")
    return text


def _days_off(text: str) -> str:
    """Days off of the team and of single people."""
    try:
        days_off_of(text)
    except ValueError as wrong:
        raise WrongUseError(str(wrong)) from None
    return text


def _code_folders(text: str) -> str:
    """Folders of local clones; whether they are there is said when they are indexed."""
    try:
        return written(code_folders_of(text))
    except ValueError as wrong:
        raise WrongUseError(str(wrong)) from None


def _time_of_day(text: str) -> str:
    """A time of day, or nothing."""
    if text in ("", "off"):
        return text
    try:
        return time.fromisoformat(text).isoformat(timespec="minutes")
    except ValueError:
        raise WrongUseError(f"a time such as 09:00, not {text!r}.") from None


WAYS = ("balloon", "tray", "digest", "off")
"""Where an alert may go: a notification, a count in the tray, the morning digest, or the Activity page alone."""


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
    variable: str = ""
    """The variable of the environment that wins over the stored value while it is set; "" for none."""
    check: Callable[[str], str] | None = None
    """Looks at a text and returns it as it is kept, or raises `WrongUseError` with what would be right."""

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
        return self._checked(text)

    def of_environment(self) -> str:
        """What the environment says instead of the stored value, "" when it says nothing."""
        return os.environ.get(self.variable, "") if self.variable else ""

    def _checked(self, text: str) -> str:
        if self.check is None:
            return text
        try:
            return self.check(text.strip())
        except WrongUseError as wrong:
            raise WrongUseError(f"{self.label}: {wrong}") from None

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
        "theme",
        str,
        "system",
        "Theme",
        "Follow the system, or always light or dark, or with more contrast.",
        ("system", "light", "dark", "high contrast"),
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
        "days_off",
        str,
        "",
        "Days off",
        "Days on which nobody works, or one person does not, such as 2026-12-24, 2026-12-28..2026-12-31; "
        "ann: 2026-05-04..2026-05-08. Forecasts count on fewer hands then.",
        check=_days_off,
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
        "model_waits_on_battery",
        bool,
        True,
        "Model waits on battery",
        "On battery the model answers questions only; explanations come from templates until the plug is back.",
    ),
    Setting(
        "model_gpu",
        str,
        "auto",
        "Graphics processor",
        "Let the model use the graphics processor where the program was built for it, or never.",
        ("auto", "off"),
    ),
    Setting(
        "model_idle_minutes",
        int,
        10,
        "Free the model's memory",
        "After so many minutes without work the model's memory is given back; 0 keeps it.",
        low=0,
        high=1440,
    ),
    Setting(
        "model_sessions_mb",
        int,
        1000,
        "Model's memory on disk",
        "Megabytes on disk for what the model has already read, so that it is not read again; 0 keeps nothing.",
        low=0,
        high=100_000,
    ),
    *(
        Setting(
            name,
            str,
            "local",
            label,
            f"Who words {what}, asked in this order, such as ollama, local. A provider is asked only after you agreed "
            "to what is sent. Facts alone always come last.",
            check=_order,
        )
        for name, label, what in (
            ("prose_providers", "Models for explanations", "the explanation of a sprint"),
            ("question_providers", "Models for questions", "the answer to a question"),
        )
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
        "Above this many balloons a day the rest waits for the morning digest.",
        low=0,
        high=100,
    ),
    Setting(
        "digest_at",
        str,
        "09:00",
        "Morning digest",
        "Time of the one notification on working days that brings what was held back; off for none.",
        check=_time_of_day,
    ),
    Setting(
        "quiet_from",
        str,
        "20:00",
        "Quiet from",
        "From this time on no balloon is shown; what comes up waits for the digest. Empty for no quiet hours.",
        check=_time_of_day,
    ),
    Setting("quiet_until", str, "07:00", "Quiet until", "Until this time no balloon is shown.", check=_time_of_day),
    Setting("alerts_on_weekends", bool, False, "Alerts on days off", "Show balloons on weekends and holidays as well."),
    *(
        Setting(
            name,
            str,
            "balloon",
            label,
            f"{what}: a balloon, a count in the tray, a line of the morning digest, or nothing.",
            WAYS,
        )
        for name, label, what in (
            ("alert_probability", "When P falls", "A sprint's probability fell below a band"),
            (
                "alert_blocker",
                "When work is blocked",
                "An item holds up others and decides when the sprint is done",
            ),
            (
                "alert_overdue",
                "When a sprint is overdue",
                "A sprint's end passed with work left",
            ),
            ("alert_build", "When a build breaks", "A default branch is red"),
            ("alert_action", "When an action is late", "An accepted action is not done in time"),
        )
    ),
    Setting(
        "network",
        bool,
        True,
        "Network",
        "Let the program talk to the network; switched off, nothing leaves it and work goes on with what is stored.",
    ),
    Setting(
        "api_url",
        str,
        "",
        "GitHub address",
        "Address of the API of a GitHub Enterprise server, such as https://github.example.com/api/v3; empty for github.com.",
        variable="GALAXY_GITHUB_API",
        check=_api_address,
    ),
    Setting(
        "proxy",
        str,
        "",
        "Proxy",
        "Proxy on the way to GitHub, such as http://proxy.example.com:3128; empty for that of the environment.",
        check=_proxy_address,
    ),
    Setting(
        "ca_bundle",
        str,
        "",
        "Certificates",
        "File (PEM) with the certificates of your company's proxy or server; empty for the usual ones.",
        check=str.strip,
    ),
    Setting(
        "oauth_client_id",
        str,
        "",
        "Client ID",
        "Client ID of an OAuth app with device flow, to sign in with a code instead of a token; empty for none.",
        variable="GALAXY_OAUTH_CLIENT_ID",
        check=_client_id,
    ),
    Setting(
        "archive_url",
        str,
        DEFAULT_ARCHIVE,
        "Archive address",
        "Address from which hours of GH Archive are downloaded; a mirror has the same file names.",
        variable="GALAXY_ARCHIVE_URL",
        check=_archive_address,
    ),
    Setting(
        "model_mirrors",
        str,
        "",
        "Model mirrors",
        "Addresses from which models are downloaded, tried in this order, separated by commas; "
        "empty for https://huggingface.co. A mirror has the same paths.",
        variable="GALAXY_MODEL_MIRRORS",
        check=_mirrors,
    ),
    Setting(
        "model_speed_limit",
        int,
        0,
        "Download limit",
        "Most kilobytes a second that a model download may take; 0 for no limit. Holds at once.",
        high=10_000_000,
    ),
    Setting(
        "code_folders",
        str,
        "",
        "Local clones",
        "Folders of clones whose code and docs are indexed on this computer, such as owner/name = /home/me/name; "
        "separated by semicolons. Nothing in them is run or changed; empty for none.",
        check=_code_folders,
    ),
    Setting(
        "search_model",
        str,
        "all-minilm-l6-v2",
        "Search model",
        "Name of the folder in the models folder (sentence-transformers, safetensors) whose vectors the search uses; a "
        "provider is chosen on the Models page. Another one is indexed in the background; the old index answers until that "
        "is done.",
        check=str.strip,
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

    def api_url(self) -> str:
        """Base URL of the GitHub API: `GALAXY_GITHUB_API`, else the setting, else the public one."""
        return (BY_NAME["api_url"].of_environment() or self.text("api_url") or DEFAULT_API).rstrip("/")

    def archive_url(self) -> str:
        """Base URL of GH Archive: `GALAXY_ARCHIVE_URL`, else the setting."""
        return (BY_NAME["archive_url"].of_environment() or self.text("archive_url")).rstrip("/")

    def model_mirrors(self) -> tuple[str, ...]:
        """Base addresses of models, in the order to try: `GALAXY_MODEL_MIRRORS`, else the setting; () for the usual."""
        text = BY_NAME["model_mirrors"].of_environment() or self.text("model_mirrors")
        return tuple(one for one in _mirrors(text).split(", ") if one)

    def proxy(self) -> str | None:
        """The proxy that was set, or `None`: then `requests` uses that of the environment, if any."""
        return self.text("proxy") or None

    def ca_bundle(self) -> str | None:
        """The file of certificates that was set, or `None` for the usual ones.

        Raises:
            RefusedError: the file is not there (any more). It may be on a drive that comes later, so this is said when
                it is needed and not when it is set.
        """
        named = self.text("ca_bundle")
        if not named:
            return None
        path = Path(named).expanduser()
        if not path.is_file():
            raise RefusedError(f"The file of certificates, {path}, is not there. Correct it in Settings.")
        return str(path)

    def client_id(self) -> str:
        """Client ID for signing in: `GALAXY_OAUTH_CLIENT_ID`, else the setting; "" when there is none."""
        return BY_NAME["oauth_client_id"].of_environment() or self.text("oauth_client_id")


KEY_VARIABLE = "GALAXY_GITHUB_TOKEN"


def environment_token() -> str | None:
    """The token from `GALAXY_GITHUB_TOKEN`, for machines without a keyring."""
    return os.environ.get(KEY_VARIABLE) or None
