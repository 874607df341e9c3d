"""A ``requests.Session`` for one server: relative paths, a token that is valid now, retries, timeouts."""

from __future__ import annotations

import threading
from collections.abc import Mapping, MutableMapping
from copy import copy
from typing import Any, cast
from urllib.parse import quote, urljoin, urlsplit

import requests
from requests.auth import AuthBase
from requests.hooks import dispatch_hook

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.client import errors_from_requests, log_redaction, request_validation, response_body
from airflow_provider_orgauth.client.admission_control import AdmissionControl
from airflow_provider_orgauth.client.api_header import ApiHeader
from airflow_provider_orgauth.client.auth import BearerAuth, answer_of
from airflow_provider_orgauth.client.body_rewind import can_rewind, rewind
from airflow_provider_orgauth.client.exchange import Answer, Asked, Unanswered, exchange
from airflow_provider_orgauth.client.exchange_driver import ExchangeDriver
from airflow_provider_orgauth.client.exchange_end import response_of
from airflow_provider_orgauth.client.observer import Observer
from airflow_provider_orgauth.client.origin import Origin
from airflow_provider_orgauth.client.query import form_of, is_form, is_query_text, query_of
from airflow_provider_orgauth.client.redirects import legs
from airflow_provider_orgauth.client.request_template import RequestTemplate, entries
from airflow_provider_orgauth.client.retry_policy import RetryPolicy
from airflow_provider_orgauth.client.settings import MAX_CONCURRENCY, HttpSettings
from airflow_provider_orgauth.client.token_endpoint import Announce
from airflow_provider_orgauth.client.token_source import TokenSource
from airflow_provider_orgauth.client.transport import BoundedAdapter
from airflow_provider_orgauth.client.watched_body import BodyError, WatchedBody
from airflow_provider_orgauth.exceptions import ForeignOriginError
from airflow_provider_orgauth.oauth.text_redaction import one_line

_NO_HOOKS = requests.Request().hooks
_ASCII = "".join(map(chr, range(0x80)))


class _SignedWhenSent(AuthBase):
    """Leaves a request as it is: :meth:`OrgSession.send` signs it before each attempt.

    Without any auth, requests would look for one in ``.netrc``.
    """

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return ``request``."""
        return request


class OrgSession(requests.Session):
    """All that ``requests`` does, for one server.

    ``session.get("/api/v1/organization/profile")`` resolves the path against the server. Every request carries a
    token, has a timeout, and is sent again where that is safe. Requests and redirects that lead elsewhere raise
    :class:`ForeignOriginError`. An answer has to keep coming, and without ``stream=True`` to fit in memory, else
    :class:`ResponseTooLargeError`. What is not sent because the task is being stopped raises
    :class:`TaskStoppedError`. Other exceptions are those of ``requests``; their text holds no query string.
    """

    def __init__(
        self,
        server: Origin,
        tokens: TokenSource,
        http: HttpSettings,
        retry: RetryPolicy,
        announce: Announce = lambda *_: None,
        *,
        adapter: BoundedAdapter | None = None,
        admission: AdmissionControl | None = None,
        observer: Observer | None = None,
    ) -> None:
        super().__init__()
        log_redaction.install()
        self.admission = admission
        self.observer = observer
        self._server = server
        self._http = http
        self.retry = retry
        self.announce = announce
        self.auth = self.bearer = BearerAuth(tokens, server, ApiHeader.of(http.api_header))
        self.verify = http.verify
        self.cert = http.client_cert
        self.headers.update(http.headers)
        self._template: RequestTemplate | None = None
        adapter = adapter or BoundedAdapter(pool_maxsize=MAX_CONCURRENCY)
        for scheme in ("https://", "http://"):
            self.mount(scheme, adapter)
        forks.watch(self)

    def after_fork(self) -> None:
        """Keep all that it knows; only the cookies have a lock, which no public method makes anew."""
        self.cookies._cookies_lock = threading.RLock()  # type: ignore[attr-defined]

    def request(self, method: str, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """Send a request to a path, or to a URL, of the server; else as :meth:`requests.Session.request`."""
        request_validation.check_method(method)
        return super().request(method, self._url(url), *args, **kwargs)

    def prepared(self, method: str, url: str | bytes, **about: Any) -> requests.PreparedRequest:
        """Return the request that :meth:`request` would send, not signed yet.

        :param about: ``params``, ``json``, ``data``, ``headers``, ``files`` of a :class:`requests.Request`.
        """
        request_validation.check_method(method)
        for name in {"params", "data"} & about.keys():
            about[name] = about[name] or {}  # as Session.request has them
        return self.prepare_request(requests.Request(method.upper(), self._url(url), **about))

    def checked(self, method: str, url: str | bytes, **about: Any) -> requests.PreparedRequest:
        """Return what :meth:`prepared` does, checked as :meth:`check` does.

        :raises ForeignOriginError, ConfigurationError: as :meth:`check`.
        """
        request = self.prepared(method, url, **about)
        self.check(request)
        return request

    def answer_to(self, request: requests.PreparedRequest) -> requests.Response:
        """Send what :meth:`prepared` returned as :meth:`request` sends it.

        :raises ForeignOriginError, ConfigurationError: as :meth:`check`.
        :raises BodyError: reading its body failed; it holds what that raised.
        """
        self.check(request)
        return self._send_legs(request, self.merge_environment_settings(request.url or "", {}, None, None, None))

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Prepare it as requests does, with the values of query and form in the texts that servers read."""
        if self._is_plain(request):
            return self._template_of(request).at(str(request.url), query_of(request.params))
        return self._prepared_anew(request)

    def _prepared_anew(self, request: requests.Request) -> requests.PreparedRequest:
        sendable = copy(request)
        if (request.auth or self.auth) is self.bearer:
            sendable.auth = _SignedWhenSent()
        params = request.params
        if isinstance(self.params, Mapping) and isinstance(params, Mapping | None):
            params = {**self.params, **(params or {})}  # a None stays: it takes out what the session has
        sendable.params = params if is_query_text(params) else form_of("params", params)
        if is_form(request.data):
            sendable.data = form_of("data", request.data, multipart=bool(request.files))
        return super().prepare_request(sendable)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a prepared request, again where that is safe and may help.

        What reading its body raises comes out as it was raised.
        """
        self.check(request)
        try:
            return self._send_legs(request, kwargs)
        except BodyError as failed:
            of_body = failed.error
        raise of_body  # out here: it has no context of ours

    def _send_legs(self, request: requests.PreparedRequest, kwargs: dict[str, Any]) -> requests.Response:
        """Send it, and follow redirects.

        :raises BodyError: reading its body failed.
        """
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self._http.timeout
        if not kwargs.pop("allow_redirects", True):
            return self._send_one(request, kwargs)
        rule = legs(request, self.leads_to, most=self.max_redirects)
        leg = next(rule)
        while True:
            response = self._send_one(leg, kwargs)
            try:
                leg = rule.send(response)
            except StopIteration as last:
                return cast(requests.Response, last.value)

    @property
    def is_unencrypted(self) -> bool:
        """Whether the server is spoken to with plain http, which the connection allows."""
        return self._server.scheme == "http"

    @property
    def timeout(self) -> float:
        """Seconds to connect, and seconds without a byte of the answer, where a request says nothing else."""
        return self._http.timeout

    def leads_to(
        self, response: requests.Response, request: requests.PreparedRequest
    ) -> requests.PreparedRequest | None:
        """Return the request that a redirect leads to, checked; None: it is none, or is not to be followed.

        :raises ForeignOriginError, ConfigurationError: as :meth:`check`.
        """
        if not response.is_redirect:
            return None
        leg = next(self.resolve_redirects(response, request, yield_requests=True), None)
        if leg is not None:
            self.check(leg)
        return leg

    def check(self, request: requests.PreparedRequest) -> None:
        """Refuse what must not be sent, or not there.

        :raises ForeignOriginError: it leads elsewhere.
        :raises ConfigurationError: no server reads it in the same way as the others.
        """
        if not self._server.owns(request.url or ""):
            raise self._foreign(request.url or "")
        request_validation.check_request(request)

    def _send_one(self, request: requests.PreparedRequest, kwargs: dict[str, Any]) -> requests.Response:
        """Send a checked request and follow no redirect, again where that is safe and may help."""
        asked = Asked(request.method or "GET", request.headers, can_rewind(request))
        return response_of(ExchangeDriver(self, request, kwargs).drive(exchange(asked, self.retry)), request)

    def merge_environment_settings(
        self,
        url: str | bytes | None,
        proxies: MutableMapping[str, str] | None,
        stream: bool | None,
        verify: bool | str | None,
        cert: Any,
    ) -> Any:
        """Let the connection's TLS verification win over ``REQUESTS_CA_BUNDLE``, unlike plain requests."""
        return super().merge_environment_settings(url, proxies, stream, self.verify if verify is None else verify, cert)

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Leave it: a leg leads nowhere else, and is signed when it is sent. requests would ask ``.netrc``."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where a redirect leads, or None if it is not to be followed.

        A 301 or 302 that would turn a write into a GET, as requests does, is not: the write would be lost.
        """
        if resp.status_code in (301, 302) and resp.request.method not in ("GET", "HEAD"):
            return None
        try:
            target = super().get_redirect_target(resp)
        except UnicodeDecodeError:  # bytes that are no UTF-8: they go back as they came, as browsers send them
            target = quote(resp.headers["Location"].encode("latin-1"), safe=_ASCII)
        try:
            leads_to = urljoin(resp.url, target)
        except ValueError:  # no URL
            return None
        if not _has_a_port(leads_to):
            raise self._foreign(leads_to)
        if target:
            response_body.skim(resp, timeout=self._http.timeout)  # or requests reads all of it, however much that is
        return target

    def transmitted(
        self, request: requests.PreparedRequest, access_token: str, kwargs: dict[str, Any]
    ) -> Answer[requests.Response] | Unanswered:
        """Send it once with this token, and return its answer, whose body is not read yet.

        :raises BodyError: reading its body failed.
        """
        rewind(request)
        self.bearer.sign(request, access_token)
        try:
            response = self._sent_once(request, {**kwargs, "stream": True})
        except errors_from_requests.NETWORK_ERRORS as error:
            return _lost(error, kwargs)
        return answer_of(response)

    def received(
        self, answer: Answer[requests.Response], kwargs: dict[str, Any]
    ) -> Answer[requests.Response] | Unanswered:
        """Show the answer to the request's hooks, and read the body, unless ``stream`` says that the caller does."""
        try:
            hooks = answer.response.request.hooks
            response: requests.Response = dispatch_hook("response", hooks, answer.response, **kwargs)  # type: ignore[no-untyped-call]
            if not kwargs.get("stream", self.stream):
                self._receive(response, response_body.seconds_of(kwargs["timeout"]))
        except errors_from_requests.NETWORK_ERRORS as error:
            return _lost(error, kwargs)
        return answer if response is answer.response else answer_of(response)

    def _sent_once(self, request: requests.PreparedRequest, kwargs: dict[str, Any]) -> requests.Response:
        """Send it.

        :raises BodyError: reading its body failed, whatever requests makes of that.
        """
        body, hooks = request.body, request.hooks
        watched = WatchedBody.of(body)
        request.body = watched or body  # type: ignore[assignment]  # requests takes whatever can be read
        request.hooks = {"response": []}  # they are for the answer, and this may be a 401 that is replayed
        try:
            return super().send(request, **kwargs, allow_redirects=False)
        except Exception:
            if watched is None or watched.failure is None:
                raise
        finally:
            request.body, request.hooks = body, hooks
        raise watched.failure

    def _template_of(self, request: requests.Request) -> RequestTemplate:
        hooks = {event: [some] if callable(some) else [*(some or ())] for event, some in (self.hooks or {}).items()}
        made_of = request.method, dict(request.headers), entries(self.headers), hooks
        template = self._template  # another thread may put its own there
        if template is None or template.made_of != made_of:
            bare = requests.Request(request.method, f"{self._server.origin}/", request.headers)
            template = self._template = RequestTemplate(made_of, self._prepared_anew(bare))
        return template

    def _is_plain(self, request: requests.Request) -> bool:
        """Tell whether nothing but URL and query can differ from one request to the next.

        Cookies may: which of them go along is a question of path and time. So may what someone's own ``auth`` adds.
        """
        url, params = request.url, request.params
        return (
            request.json is None
            and not (request.data or request.files or request.auth or request.cookies or request.hooks != _NO_HOOKS)
            and not (self.params or any(self.cookies))
            and self.auth is self.bearer
            and not isinstance(params, str | bytes)
            and isinstance(request.headers, Mapping)
            and isinstance(url, str)
            and url.startswith(f"{self._server.origin}/")
            and "#" not in url
        )

    def _receive(self, response: requests.Response, seconds: float | None) -> None:
        """Read the body; what it raises of ``errors_from_requests.NETWORK_ERRORS`` is an attempt that failed."""
        response_body.read_body(response, timeout=seconds)

    def _url(self, url: str | bytes) -> str:
        return self._server.url(url.decode() if isinstance(url, bytes) else url)

    def _foreign(self, url: str) -> ForeignOriginError:
        parts = urlsplit(url)
        place = one_line(f"{parts.scheme}://{(parts.netloc or '').rpartition('@')[2]}")
        return ForeignOriginError(
            f"A request or redirect leads to {place}, and the connection's server is {self._server.origin}; "
            "no credential is sent elsewhere.",
            advice="If the server has moved, for example to another region, change Server address.",
            server=self._server.origin,
        )


def _lost(error: Exception, kwargs: dict[str, Any]) -> Unanswered:
    why = errors_from_requests.lost_answer(error, timeout=response_body.seconds_of(kwargs["timeout"]))
    kind = errors_from_requests.error_class_of(error, why)
    return Unanswered(why, issubclass(kind, requests.Timeout), kind)


def _has_a_port(url: str) -> bool:
    try:
        _ = urlsplit(url).port
    except ValueError:
        return False
    return True
