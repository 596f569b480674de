"""Names that people type."""

from __future__ import annotations

import re

from galaxy_desktop.errors import WrongUseError

REPOSITORY = re.compile(r"^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$")


def repository_name(text: str) -> str:
    """The "owner/name" that was typed, also out of a GitHub URL; raises `WrongUseError` for anything else."""
    path = re.sub(r"^(https?://[^/]+/|git@[^:]+:)", "", text.strip())
    name = "/".join(path.removesuffix("/").removesuffix(".git").split("/")[:2])
    if not REPOSITORY.match(name):
        raise WrongUseError(f"{text!r} is not a repository. Write it like owner/name.")
    return name
