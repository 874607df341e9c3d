"""What a hook is made of: its settings, tokens, connections, session. Each is made when it is first needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.client.cancellation import CancelEvent
from airflow_provider_orgauth.compat import BaseHook
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.hooks.connection_type import CONNECTION_TYPE, HOOK_NAME
from airflow_provider_orgauth.hooks.loop_sessions import LoopSessions
from airflow_provider_orgauth.hooks.once import once

if TYPE_CHECKING:
    from airflow_provider_orgauth.cache.token_state import Actor
    from airflow_provider_orgauth.cache.variable_text import MakeVariable
    from airflow_provider_orgauth.client.observer import Observer
    from airflow_provider_orgauth.client.rate_limit import RateLimit
    from airflow_provider_orgauth.client.retry_policy import RetryPolicy
    from airflow_provider_orgauth.client.session import OrgSession
    from airflow_provider_orgauth.client.token_source import TokenSource
    from airflow_provider_orgauth.client.transport import BoundedAdapter
    from airflow_provider_orgauth.hooks.connection import ConnectionSettings
    from airflow_provider_orgauth.oauth.renewal_report import RenewalReport
    from airflow_provider_orgauth.oauth.store import TokenStore


class HookParts(BaseHook):
    """The parts of an :class:`~.orgauth.OrgAuthHook`, whose docstring has the parameters."""

    conn_name_attr = "org_conn_id"
    default_conn_name = "orgauth_default"
    conn_type = CONNECTION_TYPE
    hook_name = HOOK_NAME

    def __init__(
        self,
        org_conn_id: str = default_conn_name,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] | None = None,
        max_attempts: int | None = None,
    ) -> None:
        super().__init__()
        if max_attempts is not None and (type(max_attempts) is not int or max_attempts < 1):
            raise ConfigurationError("max_attempts", "is no number of attempts", advice="Write 1 or more.")
        self.org_conn_id = org_conn_id
        self._clock = clock
        self._sleep = sleep
        self._max_attempts = max_attempts
        self._cancelled = CancelEvent()
        self._loops = LoopSessions(lambda: self._session, self._cancelled)
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Keep what was looked up."""
        self.making = threading.RLock()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as what it was made from: the connection's id, and nothing that was looked up with it."""
        made_by: Callable[..., HookParts] = type(self)
        if self._max_attempts is not None:  # which the class of a user may not take
            made_by = partial(made_by, max_attempts=self._max_attempts)
        return made_by, (self.org_conn_id,)

    @property
    def is_cancelled(self) -> bool:
        """Whether :meth:`cancel` was called."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """End waits and attempts of this hook: its task is being killed.

        Safe in a signal handler: it takes no lock that the interrupted code may hold, so another thread sets the event.
        """
        threading.Thread(target=self._cancelled.set, daemon=True).start()

    @once
    def _settings(self) -> ConnectionSettings:
        from airflow_provider_orgauth.hooks import masking
        from airflow_provider_orgauth.hooks.connection_lookup import settings_of
        from airflow_provider_orgauth.hooks.last_words import say_errors_last

        say_errors_last()
        settings = settings_of(self.org_conn_id, self.get_connection)
        masking.mask_client(settings.client)
        masking.mask_headers(settings.http.headers)
        return settings

    @once
    def observer(self) -> Observer | None:
        """Return who is told of requests, token requests, retries and waits; None: nobody."""
        from airflow_provider_orgauth.observers.choice import observer_of
        from airflow_provider_orgauth.observers.request_tally import request_tally

        settings = self._settings
        tally = request_tally(settings.client, self._clock) if settings.cache == "variable" else None
        return observer_of(self.org_conn_id, send_traceparent=settings.http.send_traceparent, tally=tally)

    @once
    def _retry(self) -> RetryPolicy:
        from airflow_provider_orgauth.client.retry_policy import RetryPolicy

        return RetryPolicy(
            self._max_attempts or self._settings.http.max_attempts,
            clock=self._clock,
            # A test's clock moves with its sleep; of the two real ones, only one cannot be set back.
            timer=time.monotonic if self._clock is time.time else self._clock,
            sleep=self._sleep,
            cancelled=self._cancelled,
            further_statuses=self._settings.http.retry_statuses,
        )

    @once
    def _tokens(self) -> TokenSource:
        from airflow_provider_orgauth.cache.store_choice import shared_store
        from airflow_provider_orgauth.client.token_endpoint import TokenEndpoint
        from airflow_provider_orgauth.hooks.token_sources import clock_of, token_source

        settings = self._settings
        clock = clock_of(settings, self._clock)
        endpoint = TokenEndpoint(
            settings.http,
            self._retry,
            self._announce,
            adapter=self._connections,
            clock=clock,
            observer=self.observer,
        )
        shared = shared_store(settings.cache, settings.client, variable=self._variable_text())
        return token_source(
            settings,
            endpoint,
            self._retry,
            shared,
            variable=self._variable_text(),
            on_renewal=self._note_renewal(shared),
            observer=self.observer,
        )

    def _variable_text(self) -> MakeVariable:
        """Return how a text is kept in a Variable here: in a task or a trigger, as every hook's."""
        from airflow_provider_orgauth.cache.variable_text import VariableText

        return VariableText

    def _actor(self) -> Actor:
        """Return who asks for tokens with this hook."""
        from airflow_provider_orgauth.hooks.renewal_record import task_actor

        return task_actor(self.org_conn_id)

    def _note_renewal(self, shared: TokenStore) -> Callable[[RenewalReport], None]:
        """Return what keeps account of renewals: where Variables are shared, beside the token; elsewhere nothing."""
        if self._settings.cache != "variable":
            return lambda _: None

        def note(report: RenewalReport) -> None:  # a process that renews nothing need not import any of it
            from airflow_provider_orgauth.cache.state_store import StateStore
            from airflow_provider_orgauth.hooks.renewal_record import RenewalRecord

            states = StateStore.of(self._settings.client, self._variable_text())
            RenewalRecord(self._settings.client, states, shared, self._clock, self._actor)(report)

        return note

    @once
    def _session(self) -> OrgSession:
        from airflow_provider_orgauth.client.session import OrgSession

        settings = self._settings
        return OrgSession(
            settings.server,
            self._tokens,
            settings.http,
            self._retry,
            self._announce,
            adapter=self._connections,
            admission=self._rate_limit(self._retry),
            observer=self.observer,
        )

    @once
    def _connections(self) -> BoundedAdapter:
        """Return the pool of open connections: the first call uses that of the token request again."""
        from airflow_provider_orgauth.client.settings import MAX_CONCURRENCY
        from airflow_provider_orgauth.client.transport import BoundedAdapter

        return BoundedAdapter(pool_maxsize=MAX_CONCURRENCY)

    def _rate_limit(self, retry: RetryPolicy) -> RateLimit | None:
        settings = self._settings
        if settings.http.rate_limit is None:
            return None
        from airflow_provider_orgauth.client.rate_limit import RateLimit

        key = f"{settings.server.origin} {settings.client.client_id}"
        return RateLimit(settings.http.rate_limit, key, retry, observer=self.observer)

    def _announce(self, problem: str, wait: float, attempt: int) -> None:
        self.log.warning(
            "%s, attempt %d of %d; trying again in %.1f s.",
            problem[:1].upper() + problem[1:],
            attempt,
            self._retry.max_attempts,
            wait,
        )
