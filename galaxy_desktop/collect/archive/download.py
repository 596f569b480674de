"""Fetching hours: into a `.part` file that is gone on with after a break, checked, then renamed.

Hour files of a hundred megabytes break off. What came is kept; the next try asks for the rest (HTTP Range, only if
the file is still the same one by its ETag), takes the whole where a server ignores that, and begins anew where the pieces do not
fit. A file gets its name only after its gzip stream was unpacked to the end, and its SHA-256 is remembered.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests
from requests import exceptions
from urllib3.exceptions import HTTPError

from galaxy_desktop import __version__
from galaxy_desktop.collect.archive.hours import SUFFIX
from galaxy_desktop.collect.archive.lines import DamagedFileError, check_to_the_end
from galaxy_desktop.collect.archive.manifest import Manifest, digest
from galaxy_desktop.collect.connection import ANSWER_S, CONNECT_S, network_sentence
from galaxy_desktop.collect.raw_http import Route, bare_host
from galaxy_desktop.collect.trust import trust_the_system
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import (
    BrokenAnswerError,
    CancelledByUserError,
    GalaxyError,
    OfflineError,
    RefusedError,
    StoreError,
)

logger = logging.getLogger(__name__)

PURPOSE = "GH Archive"
REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 3
_CHUNK = 2**16

Progress = Callable[[int, int | None], None]
"""Hears how many bytes of a file are there, of how many where that is known."""


class Downloader:
    """Fetches hours into a folder; blocking, for a thread of its own."""

    def __init__(self, base_url: str, folder: Path, route: Route | None = None, stop: StopFlag | None = None) -> None:
        """Connects to nothing yet; makes the folder.

        Raises:
            RefusedError: the address cannot be one.
            StoreError: the folder cannot be made.
        """
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RefusedError(f"The address of the archive, {base_url!r}, is not an address. Correct it in Settings.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"The folder {folder} cannot be made ({error.strerror}). Name another one.") from error
        self._base = base_url.rstrip("/")
        self._folder = folder
        self._route = route or Route()
        self._stop = stop
        self._manifest = Manifest(folder)
        self._session = requests.Session()
        trust_the_system(self._session)
        # Compressed files must arrive as they are; without a word on it `requests` would unpack them.
        self._session.headers.update({"User-Agent": f"galaxy-desktop/{__version__}", "Accept-Encoding": "identity"})

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def present(self, hour: str) -> Path | None:
        """The file of an hour if it is there, undamaged since it was downloaded."""
        path = self._folder / f"{hour}{SUFFIX}"
        if not path.is_file() or self._manifest.get(path.name) is None:
            return None
        try:
            self._manifest.check(path)
        except DamagedFileError as damage:
            logger.info("%s It is fetched again.", damage)
            return None
        return path

    def fetch(self, hour: str, progress: Progress = lambda done, total: None) -> Path | None:
        """One try at an hour: its file, or `None` where the archive has no such hour (yet).

        Raises:
            BrokenAnswerError: it broke off or is damaged; another try goes on where this one ended.
            OfflineError: the archive cannot be reached.
            RefusedError: it says no.
        """
        path = self._folder / f"{hour}{SUFFIX}"
        part = path.with_name(f"{path.name}.part")
        try:
            if not self._fetched(f"{self._base}/{path.name}", part, progress):
                return None
            check_to_the_end(part)
            self._manifest.keep(path.name, digest(part))
            part.replace(path)
        except DamagedFileError as damage:
            forget(part)
            raise BrokenAnswerError(f"{path.name} arrived damaged. It has to be fetched anew.") from damage
        except OSError as error:
            raise _disk_error(error, self._folder) from error
        forget(part)
        return path

    def _fetched(self, url: str, part: Path, progress: Progress) -> bool:
        """Whether the whole of it is in the part file now; false for a file that does not exist."""
        have = part.stat().st_size if part.exists() else 0
        mark = _mark(part)
        tag = mark.read_text(encoding="utf-8") if mark.exists() else ""
        headers = {"Range": f"bytes={have}-", **({"If-Range": tag} if tag else {})} if have else {}
        try:
            with self._asked(url, headers) as response:
                return self._received(response, part, have, progress)
        except exceptions.RequestException as error:
            raise self._sentence(error, url) from error

    def _asked(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        """The answer, after redirects; every host is announced before it is asked."""
        for _ in range(MOST_REDIRECTS):
            parts = urlsplit(url)
            self._route.gate.pass_out(parts.hostname or "", parts.port or _port(parts.scheme), PURPOSE)
            response = self._session.get(
                url,
                headers=headers,
                timeout=(CONNECT_S, ANSWER_S),
                proxies=self._route.proxies(url),
                verify=self._route.ca_bundle or True,
                allow_redirects=False,
                stream=True,
            )
            if response.status_code not in REDIRECTS or "Location" not in response.headers:
                return response
            response.close()
            url = urljoin(url, response.headers["Location"])
        raise RefusedError(f"{bare_host(url)} sends from one address to the next. Check the address in Settings.")

    def _received(self, response: requests.Response, part: Path, have: int, progress: Progress) -> bool:
        status, host = response.status_code, bare_host(response.url)
        if status == 404:
            return False
        if status == 416 and response.headers.get("Content-Range") == f"bytes */{have}":
            return True
        if status == 416:
            forget(part)
            raise BrokenAnswerError(f"{host} does not have the rest of {part.stem}. It has to be fetched anew.")
        if status in (401, 403, 451):
            raise RefusedError(f"{host} refuses to send {part.stem} (status {status}). Check the address in Settings.")
        if status not in (200, 206):
            raise BrokenAnswerError(f"{host} answered with status {status} for {part.stem}. Try again later.")
        goes_on = status == 206 and have > 0 and _begin(response) == have
        if status == 206 and not goes_on:
            forget(part)
            raise BrokenAnswerError(f"{host} sent another piece of {part.stem} than asked. It has to be fetched anew.")
        self._write(response, part, have if goes_on else 0, progress)
        return True

    def _write(self, response: requests.Response, part: Path, have: int, progress: Progress) -> None:
        tag = response.headers.get("ETag", "")
        _mark(part).write_text("" if tag.startswith("W/") else tag, encoding="utf-8")
        promised = response.headers.get("Content-Length", "")
        total = have + int(promised) if promised.isdigit() else None
        done, host = have, urlsplit(response.url).hostname or ""
        with part.open("ab" if have else "wb") as file:
            try:
                while chunk := response.raw.read(_CHUNK, decode_content=False):
                    file.write(chunk)
                    done += len(chunk)
                    progress(done, total)
                    if self._stop is not None and self._stop.is_set():
                        raise CancelledByUserError("Stopped.")
            except (HTTPError, ConnectionError, TimeoutError) as error:
                raise BrokenAnswerError(
                    f"The connection to {host} broke off at {done:,} bytes of {part.stem}."
                ) from error
            finally:
                self._route.gate.count(host, PURPOSE, done - have, 0)
        if total is not None and done != total:
            raise BrokenAnswerError(f"{host} sent {done:,} of {total:,} bytes of {part.stem}.")

    @staticmethod
    def _sentence(error: exceptions.RequestException, url: str) -> GalaxyError:
        host = bare_host(url)
        said = network_sentence(error, host)
        if isinstance(said, OfflineError):
            return OfflineError(f"The archive cannot be reached at {host}. What was downloaded before is kept.")
        if isinstance(said, RefusedError):
            return said
        return BrokenAnswerError(f"The connection to {host} broke off.")


def forget(part: Path) -> None:
    """Remove a part file and what is remembered of it."""
    part.unlink(missing_ok=True)
    _mark(part).unlink(missing_ok=True)


def _mark(part: Path) -> Path:
    """Where the ETag of the file in the part file is kept: a rest is asked for only while it is the same file."""
    return part.with_name(f"{part.name}.etag")


def _port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _begin(response: requests.Response) -> int | None:
    """At which byte a piece begins, by its Content-Range."""
    unit, _, span = response.headers.get("Content-Range", "").partition(" ")
    first = span.partition("-")[0]
    return int(first) if unit == "bytes" and first.isdigit() else None


def _disk_error(error: OSError, folder: Path) -> GalaxyError:
    if error.errno == errno.ENOSPC:
        return StoreError(f"The disk that holds {folder} is full. Free some space; what was downloaded is kept.")
    return StoreError(f"The folder {folder} cannot be written ({error.strerror or error}). Check who may write there.")
