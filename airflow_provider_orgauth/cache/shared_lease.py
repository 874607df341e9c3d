"""The lease by which hosts agree who renews. Where it fails, one warning, and each host renews for itself."""

from __future__ import annotations

from airflow_provider_orgauth.cache.lease_record import lease_from_text, lease_to_text
from airflow_provider_orgauth.cache.text_store import SHADOWED, TextStore, warn_once
from airflow_provider_orgauth.oauth.steps import Lease


class SharedLease:
    """The lease in a text store that may be broken, hidden or out of reach.

    :ivar is_out_of_reach: whether the last read found that, so that hosts cannot agree.
    """

    def __init__(self, texts: TextStore) -> None:
        self._texts = texts
        self.is_out_of_reach = False
        self._trouble = ""
        self._last_read: object = None
        self._was_written = False
        self._doubt = ""
        """What to say if the next look finds what the last one found."""
        self._vanished = 0
        """Writes in a row that did not stay: the former text was there again. Once, it may be a late write."""

    def read(self) -> Lease | None:
        """Return the lease; an empty one where the text is no lease; None if it cannot be read."""
        try:
            text = next(iter(self._texts.read()), None)
        except Exception as error:  # a cache must not fail a task, whatever its backend raises
            self._trouble = f"it cannot be read ({type(error).__name__})"
            self.is_out_of_reach = True
            return None
        if self._doubt:
            self._vanished = self._vanished + 1 if text == self._last_read else 0
        self.is_out_of_reach = self._vanished > 1 or (self._vanished > 0 and not self._was_written)
        if self._doubt and self.is_out_of_reach:
            self._trouble = self._doubt
        self._last_read, self._doubt = text, ""
        return lease_from_text(text)

    def write(self, lease: Lease) -> bool:
        """Keep the lease if that is possible; return whether it surely worked."""
        try:
            self._texts.write(lease_to_text(lease))
        except Exception as error:
            # Perhaps another process wrote in the same instant: on some databases that is an error. A read will show.
            self._doubt, self._was_written = f"it cannot be written ({type(error).__name__})", False
            return False
        self._doubt, self._was_written = f"what is written there does not stay; {SHADOWED}", True
        return True

    def report(self) -> None:
        """Warn of the trouble there was, if any: to be called once the token is saved, for all to see.

        Where it is not, that is told, and is the same trouble.
        """
        if self._trouble:
            warn_once(
                self._texts.description,
                f"Hosts cannot agree through {self._texts.description} on which of them renews the token: "
                f"{self._trouble}. Work goes on, and may ask for more tokens than it needs.",
            )


class SurelyReadLease(SharedLease):
    """One where nothing depends on speed, and much on what is there."""

    def read(self) -> Lease | None:
        """Return the lease, looked at a second time where there seems to be none.

        Airflow 3 says that there is none also where an API server fails for a moment.
        """
        lease = super().read()
        return super().read() if lease == Lease() else lease
