"""Calls that we make to providers: what every such call has in common."""

from __future__ import annotations

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, NewConnectionError


def own_session() -> requests.Session:
    """Make a session that nothing on this machine diverts, and that tries once.

    Whoever uses it asks with `allow_redirects=False`.
    """
    session = requests.Session()
    session.trust_env = False  # neither a proxy nor a netrc may take the place of what is set
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=0))
    return session


def never_left(exc: requests.RequestException) -> bool:
    """Tell whether there was no connection, so that surely nothing was handed over."""
    cause = exc.args[0] if exc.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(exc, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)
