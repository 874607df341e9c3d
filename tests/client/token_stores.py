"""What processes keep tokens in, in a test's hands, and the wire that their token requests go over."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager

from airflow_provider_orgauth.client.renew_ahead import RenewalMoments
from airflow_provider_orgauth.client.transport import BoundedAdapter
from airflow_provider_orgauth.oauth.steps import Lease
from airflow_provider_orgauth.oauth.store import Reach


class Store:
    """A store that notes what is done to it; others put into `token` what they like."""

    def __init__(self) -> None:
        self.token, self.log = None, []
        self.lease = self.note = None
        self.reach = Reach.WHOLE
        self.locked = False
        self.kept = None

    def load(self, good=None):
        self.log.append("load")
        return self.token

    def save(self, token):
        self.log.append("save")
        if self.token is not None and self.token.generation >= token.generation:
            return self.token
        self.kept, self.token = token, token.without_refresh_token()
        return self.token

    def take_refresh_token(self, of):
        kept, self.kept = self.kept, None
        return kept if kept is not None and kept.is_same(of) else None

    @contextmanager
    def lock(self, *, wait=0.0):
        if self.locked and not wait:
            self.log.append("locked")
            yield False
            return
        self.log.append("lock")
        yield True
        self.log.append("unlock")


class Memory(Store):
    """What one process holds: the last token that it was given."""

    def save(self, token):
        self.token = token
        return token

    def take_refresh_token(self, of):
        held, self.token = self.token, self.token and self.token.without_refresh_token()
        return held if held is not None and held.refresh_token and held.is_same(of) else None


class LeaseBeside:
    """A lease that notes in its store's log what is done to it."""

    def __init__(self, store) -> None:
        self.store, self.value = store, Lease()

    def read(self):
        self.store.log.append("read lease")
        return self.value

    def write(self, lease):
        self.store.log.append("write lease")
        self.value = lease
        return True


class Wire(BoundedAdapter):
    """The connections to the token endpoint, with what happens meanwhile: each is called once.

    :ivar on_its_way: called when a token request is about to be sent.
    :ivar answered: called when its answer is there, or is lost.
    """

    def __init__(self) -> None:
        super().__init__(pool_maxsize=1)
        self.on_its_way: Callable[[], object] | None = None
        self.answered: Callable[[], object] | None = None

    def send(self, *about, **more):
        self._happens("on_its_way")
        try:
            return super().send(*about, **more)
        finally:
            self._happens("answered")

    def _happens(self, name: str) -> None:
        happens = getattr(self, name)
        setattr(self, name, None)
        if happens is not None:
            happens()


class DrawnMoments(RenewalMoments):
    """Moments that tell of the one that was drawn last, and let a test draw one."""

    def draw(self, *about, **more):
        self.last = super().draw(*about, **more)
        return self.last

    def put(self, source, token, moment: float) -> None:
        """Let the moment for the successor of ``token`` be ``moment`` (epoch seconds)."""
        self.draw(source.client.fingerprint, token, now=0.0, margin=30, uniform=lambda first, last: moment)
