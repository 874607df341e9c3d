"""The newest of the refresh tokens that descend from the one that a connection gives to begin with.

It is needed by all hosts, and a server may take it once: so it is in a Variable of its own, and first of all, because
that is quicker, in a file of the host whose process got it. Its text is sealed with a key that is made from the one to
begin with, and with no key of another Variable: that could be deleted or written anew, and the refresh token with it.
So the Variable's name need not make Airflow mask it, which would cost more with each renewal.
"""

from __future__ import annotations

import logging

from airflow_provider_orgauth.cache.host_file import HostFile
from airflow_provider_orgauth.cache.refresh_token_record import refresh_token_from_text, refresh_token_to_text
from airflow_provider_orgauth.cache.seal import Seal, UnreadableRecordError
from airflow_provider_orgauth.cache.shared_lease import SharedLease
from airflow_provider_orgauth.cache.text_store import SHADOWED, TextStore
from airflow_provider_orgauth.oauth.steps import RefreshToken

log = logging.getLogger(__name__)


class RefreshTokenStore:
    """Keeps the newest refresh token of one family.

    :param first: the one to begin with.
    :param texts: where all hosts read it.
    :param host: where the processes of this host find it, too.
    :param sending: where a process says that it sends one.
    :param sent: where it says that its request has come to its end.
    """

    def __init__(
        self, first: str, texts: TextStore, seal: Seal, host: HostFile, *, sending: SharedLease, sent: SharedLease
    ) -> None:
        self._first = RefreshToken(first)
        self._texts = texts
        self._seal = seal
        self._host = host
        self._last = self._first
        self.sending = sending
        self.sent = sent

    @property
    def name(self) -> str:
        """Where all hosts read it: ``the Variable orgauth_refresh_…``."""
        return self._texts.description

    def load(self) -> RefreshToken:
        """Return the newest one that is known here: of all hosts, of this host, of this process, or the first.

        :raises UnreadableRecordError: what all hosts read cannot be read, so that there may be a newer one.
        """
        return max(self._shared(), self.load_of_host(), self._last, key=lambda known: known.generation)

    def load_of_host(self) -> RefreshToken:
        """Return the newest one in the host's file; the first where there is none."""
        try:
            return self._opened(self._host.read())
        except UnreadableRecordError as error:
            log.debug("The host's file of %s cannot be used (%s).", self.name, error)
            return self._first

    def save(self, refresh_token: RefreshToken) -> str:
        """Keep it, unless one of its generation or a newer one is kept; return why all hosts cannot read it, or "".

        Where they cannot, the host's file and this process keep it all the same.
        """
        sealed = self._seal.close(refresh_token_to_text(refresh_token))
        if refresh_token.generation > self._last.generation:
            self._last = refresh_token
        if self.load_of_host().generation < refresh_token.generation:
            self._host.write(sealed)
        try:
            if self._shared().generation >= refresh_token.generation:
                return ""
            self._texts.write(sealed)
            if self._shared().generation < refresh_token.generation:
                return f"what is written there does not stay; {SHADOWED}"
        except UnreadableRecordError as error:
            return str(error)
        except Exception as error:  # whatever its backend raises
            return f"it cannot be written ({type(error).__name__})"
        return ""

    def _shared(self) -> RefreshToken:
        try:
            # Twice: for Airflow 3, there is none also where an API server fails for a moment.
            sealed = self._text() or self._text()
        except Exception as error:  # whatever its backend raises
            raise UnreadableRecordError(f"{self.name} cannot be read ({type(error).__name__})") from None
        try:
            return self._opened(sealed)
        except UnreadableRecordError as error:
            raise UnreadableRecordError(f"what {self.name} holds cannot be used ({error})") from None

    def _text(self) -> object:
        return next(iter(self._texts.read()), None)

    def _opened(self, sealed: object) -> RefreshToken:
        text = None if sealed is None else self._seal.open(sealed)
        return self._first if text is None else refresh_token_from_text(text)
