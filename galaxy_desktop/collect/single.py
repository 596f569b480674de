"""One thing instead of a list, asked under its ETag."""

from __future__ import annotations

from galaxy_desktop.collect.answers import Answer
from galaxy_desktop.collect.reading import Reading
from galaxy_desktop.domain.sync import Validator


def ask_one(reading: Reading, path: str) -> tuple[Answer, Validator | None]:
    """The answer for a path, 304 when it is as it was, and the ETag to be kept with what it says."""
    url = f"{path}#{reading.github.fingerprint}"
    known = reading.local.validator(reading.repository.id, url)
    answer = reading.github.get(path, None, known.etag if known else None)
    if answer.etag is None or answer.not_modified:
        return answer, None
    return answer, Validator(repository_id=reading.repository.id, url=url, etag=answer.etag)
