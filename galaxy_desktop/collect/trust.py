"""Which certificates are trusted: those of the system's own store, of `certifi`, and those that were named.

A company that looks into its employees' connections puts its root certificate into the system's store. `requests`
knows only the roots of Mozilla, which come with `certifi`, and so would refuse every connection there. `truststore`
asks the system instead; a file named by the user, REQUESTS_CA_BUNDLE or SSL_CERT_FILE comes on top.
"""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter


class _SystemAdapter(HTTPAdapter):
    """Connections with one context of their own, also those that lead through a proxy."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(max_retries=0)

    def init_poolmanager(self, *sizes: Any, **more: Any) -> None:
        """Give the context to direct connections."""
        super().init_poolmanager(*sizes, **more, ssl_context=self._context)

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:
        """Give the context to connections behind a proxy."""
        return super().proxy_manager_for(proxy, **more, ssl_context=self._context)


def trust_the_system(session: requests.Session) -> None:
    """Let a session trust what the system trusts; what a request's `verify` names comes on top."""
    session.mount("https://", _SystemAdapter(_context()))


def _context() -> ssl.SSLContext:
    import truststore  # noqa: PLC0415 - only those who connect with encryption pay for it

    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    named = os.environ.get("SSL_CERT_FILE", "")
    if named and Path(named).is_file():
        context.load_verify_locations(cafile=named)
    return context
