"""Which files of a clone are read, what they are, and what never enters an index: secrets.

Left out are files that nobody wrote by hand (vendored, generated, minified, lock files), files that are no text, files
that are too large, and files whose name says that they hold secrets. Secrets inside other files are blanked.
"""

from __future__ import annotations

import re
from enum import StrEnum

LARGEST = 400_000
"""Bytes of a file that is read at most."""
LONGEST_LINE = 2_000
LONG_LINES = 200
"""Text whose lines are longer than this on average was not written by a person."""

LANGUAGES = {
    "py": "python", "pyi": "python", "js": "javascript", "mjs": "javascript", "cjs": "javascript", "jsx": "javascript",
    "ts": "typescript", "mts": "typescript", "cts": "typescript", "tsx": "tsx", "go": "go", "rs": "rust", "java": "java",
    "c": "c", "h": "cpp", "cc": "cpp", "cpp": "cpp", "cxx": "cpp", "hpp": "cpp", "hh": "cpp", "hxx": "cpp", "rb": "ruby",
}  # fmt: skip
"""Languages whose functions are known, by the ending of a file."""
OTHER_CODE = frozenset(
    {
        "sh", "bash", "zsh", "fish", "ps1", "sql", "kt", "kts", "swift", "php", "cs", "fs", "scala", "clj", "cljs", "lua",
        "pl", "pm", "r", "jl", "dart", "ex", "exs", "erl", "hs", "ml", "mli", "vue", "svelte", "css", "scss", "less", "proto",
        "graphql", "tf", "gradle", "groovy", "cmake", "m", "mm", "zig", "nim", "sol",
    }
)  # fmt: skip
PROSE = frozenset({"md", "markdown", "mdx", "rst", "adoc", "txt"})
NAMED_CODE = frozenset({"makefile", "dockerfile", "rakefile", "gemfile", "justfile", "cmakelists.txt"})

_LEFT_OUT_FOLDERS = frozenset(
    {
        "node_modules", "bower_components", "vendor", "vendored", "third_party", "third-party", "thirdparty", "external",
        "dist", "build", "out", "target", "__pycache__", ".venv", "venv", "site-packages", ".tox", ".mypy_cache", ".git",
        "Pods", "Carthage", ".next", ".nuxt", "coverage", ".gradle", ".idea", ".terraform",
    }
)  # fmt: skip
_SECRET_NAME = re.compile(
    r"^(\.env(\..*)?|.*\.env|\.netrc|\.npmrc|\.pypirc|\.pgpass|\.htpasswd|id_(rsa|dsa|ecdsa|ed25519).*|.*\.(pem|key|p12|pfx|jks"
    r"|keystore|kdbx|asc|gpg|ppk|tfstate|tfvars)|(.*[._-])?(secrets?|credentials?|passwords?)([._-].*)?\.(ya?ml|json|toml|ini|txt|cfg))$",
    re.IGNORECASE,
)
_NOT_BY_HAND = re.compile(
    r"(\.min\.(js|css)|[._]pb2?(_grpc)?\.(py|go|cc|h)|_pb2(_grpc)?\.pyi?|\.g\.dart|\.generated\.\w+|_generated\.\w+|\.bundle\.js"
    r"|(package-lock|composer)\.json|\.lock|\.designer\.cs)$",
    re.IGNORECASE,
)
_GENERATED = re.compile(
    r"@generated\b|\bDO NOT EDIT\b|\bauto-?generated\b|\b(code|file) (is |was )?generated\b", re.IGNORECASE
)
_TEST_PATH = re.compile(
    r"(^|/)(tests?|specs?|__tests__|testing|test_suite|e2e)/|(^|/)(test_[^/]*|conftest)\.\w+$|[._-](test|tests|spec)\.\w+$"
    r"|_(test|spec)\.\w+$|(^|/)[A-Z]\w*(Test|Tests|Spec|IT)\.(java|kt|cs|scala|swift)$"
)
_SECRETS = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,})"),
    re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    re.compile(r"\bAIza[\w-]{30,}"),
    re.compile(r"\b(?:sk|rk|pk)[-_](?:live|test|ant|proj)?[-_]?[A-Za-z0-9_-]{20,}"),
    re.compile(r"\bxox[abeprs]-[\w-]{10,}"),
    re.compile(r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{5,}"),
    re.compile(r"\bnpm_[A-Za-z0-9]{30,}|\bpypi-[\w-]{30,}|\bhf_[A-Za-z0-9]{30,}"),
    re.compile(r"(?<=://)[^\s/:@'\"]{1,80}:[^\s/@'\"]{3,200}(?=@)"),
    re.compile(
        r"(?i)(?<=[\w'\"])?(?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|auth)"
        r"\w*['\"]?\s*(?::=|=>|[:=])\s*(?:[rbuf]?)(['\"])(?P<value>[^'\"\n]{8,})\1"
    ),
)
REDACTED = "[secret left out]"


class FileKind(StrEnum):
    """What a text of a clone is; the filters of a search."""

    CODE = "code"
    DOCS = "docs"
    TEST = "test"


def ending(path: str) -> str:
    """The ending of a file's name in lower case, without the dot; "" for none."""
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2].casefold() if "." in name.strip(".") else ""


def left_out_folder(name: str) -> bool:
    """Whether a folder of this name holds what others wrote or a program made."""
    return name in _LEFT_OUT_FOLDERS or name.endswith(".egg-info")


def worth_reading(path: str) -> bool:
    """Whether a file may be indexed, by its path alone."""
    *folders, name = path.split("/")
    if any(left_out_folder(one) for one in folders) or _SECRET_NAME.match(name) or _NOT_BY_HAND.search(name):
        return False
    known = ending(path)
    return known in LANGUAGES or known in OTHER_CODE or known in PROSE or name.casefold() in NAMED_CODE


def kind_of(path: str) -> FileKind:
    """What a file is, by its path: prose is documentation also among tests."""
    if ending(path) in PROSE and path.rpartition("/")[2].casefold() not in NAMED_CODE:
        return FileKind.DOCS
    return FileKind.TEST if _TEST_PATH.search(path) else FileKind.CODE


def text_of(data: bytes) -> str | None:
    """The text of a file with its secrets blanked; `None` for what is no text or was not written by hand."""
    if b"\0" in data[:8_192]:
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    lines = text.splitlines()
    if not lines or max(map(len, lines)) > LONGEST_LINE or len(text) / len(lines) > LONG_LINES:
        return None
    if _GENERATED.search(text[:1_000]):
        return None
    return without_secrets(text)


def without_secrets(text: str) -> str:
    """The text with `REDACTED` in place of what looks like a key or a password; lines stay where they are."""
    for pattern in _SECRETS:
        text = pattern.sub(_blanked, text)
    return text


def _blanked(match: re.Match[str]) -> str:
    whole = match[0]
    if "value" in match.re.groupindex:
        start = match.start("value") - match.start()
        return f"{whole[:start]}{REDACTED}{whole[start + len(match['value']) :]}"
    return REDACTED + "\n" * whole.count("\n")
