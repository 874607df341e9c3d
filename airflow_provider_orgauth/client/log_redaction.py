"""Keep credentials that travel in a query string out of urllib3's DEBUG log.

urllib3 logs the path and query of each request, and the Organization API documents credentials in the query.
"""

from __future__ import annotations

import logging

from airflow_provider_orgauth.oauth.text_redaction import redact

LOGGERS = ("urllib3.connectionpool", "urllib3.util.retry", "urllib3.connection")


class CredentialFilter(logging.Filter):
    """Rewrites credentials in a record's message and arguments; never drops a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact ``record`` in place."""
        if isinstance(record.msg, str):
            record.msg = redact(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(
                arg if arg is None or isinstance(arg, int | float) else redact(str(arg)) for arg in record.args
            )
        return True


_FILTER = CredentialFilter()


def install() -> None:
    """Put the filter on urllib3's loggers. A second call changes nothing."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)
