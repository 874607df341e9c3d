"""Keep credentials that travel in a query string out of urllib3's DEBUG log.

urllib3 logs the path and query of each request, and the Organization API documents credentials in the query. Those of
other servers may have names that tell nothing: what a token request carries is known by its value.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from airflow_provider_orgauth.oauth.text_redaction import redact

LOGGERS = ("urllib3.connectionpool", "urllib3.util.retry", "urllib3.connection")

_UNDER_WAY: ContextVar[frozenset[str]] = ContextVar("orgauth_secrets_under_way", default=frozenset())


@contextmanager
def hiding(secrets: frozenset[str]) -> Iterator[None]:
    """Keep ``secrets`` out of what this thread's request has urllib3 log, whatever their names."""
    before = _UNDER_WAY.set(secrets)
    try:
        yield
    finally:
        _UNDER_WAY.reset(before)


class CredentialFilter(logging.Filter):
    """Rewrites credentials in a record's message and arguments; never drops a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact ``record`` in place."""
        secrets = _UNDER_WAY.get()
        if isinstance(record.msg, str):
            record.msg = redact(record.msg, secrets)
        if isinstance(record.args, tuple):
            record.args = tuple(
                arg if arg is None or isinstance(arg, int | float) else redact(str(arg), secrets) for arg in record.args
            )
        return True


_FILTER = CredentialFilter()


def install() -> None:
    """Put the filter on urllib3's loggers. A second call changes nothing."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)
