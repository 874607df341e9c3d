"""``POST /oauth2/token``: the two grants, and the errors of RFC 6749 section 5.2."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from airflow_provider_orgauth.emulator.credentials import basic_pairs, matches
from airflow_provider_orgauth.emulator.messages import Answer, Pairs, Request, form_pairs, json_answer
from airflow_provider_orgauth.emulator.settings import Settings
from airflow_provider_orgauth.emulator.tokens import InvalidGrant, TokenStore

TOKEN_PATH = "/oauth2/token"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
NO_STORE = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))
GRANTS = ("client_credentials", "refresh_token")


class OAuthError(Exception):
    """A refusal: ``{"error": code, "error_description": description}``."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(code)
        self.code = code
        self.description = description


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Where a token request carries what: ``query``, ``body`` and ``json`` are parameters, ``basic`` the header."""

    query: Pairs = field(repr=False)
    body: Pairs = field(repr=False)
    basic: str = field(repr=False)
    json: Pairs = field(repr=False, default=())

    @property
    def grant(self) -> str:
        """The grant's name for the statistics: of the two, or ``other``, or ``none``."""
        asked = [value for name, value in (*self.query, *self.body, *self.json) if name == "grant_type"]
        if not asked:
            return "none"
        return asked[0] if asked[0] in GRANTS else "other"

    @property
    def credentials_in(self) -> list[str]:
        """Every place with client credentials: ``header``, ``query``, ``body``, ``json``."""
        return ["header"] * bool(self.basic) + self._places("client_secret")

    @property
    def grant_params_in(self) -> list[str]:
        """Every place with a ``grant_type``: ``query``, ``body``, ``json``."""
        return self._places("grant_type")

    @property
    def places(self) -> tuple[tuple[str, Pairs], ...]:
        """The parameters by their place."""
        return ("query", self.query), ("body", self.body), ("json", self.json)

    def _places(self, name: str) -> list[str]:
        return [place for place, pairs in self.places if any(key == name for key, _ in pairs)]


def read_token_request(request: Request) -> TokenRequest:
    """Return what a request to the token endpoint carries, right or wrong."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    text = request.body.decode("utf-8", "replace")
    body = form_pairs(text) if kind == FORM else ()
    basic = request.headers.get("authorization", "")
    return TokenRequest(request.query, body, basic, _json_pairs(text) if kind == JSON else ())


def _json_pairs(text: str) -> Pairs:
    """Return names and texts of a JSON object, in order; nothing of anything else."""
    try:
        found = json.loads(text, object_pairs_hook=tuple)
    except (ValueError, RecursionError):
        return ()
    pairs = found if isinstance(found, tuple) else ()
    return tuple((name, value) for name, value in pairs if isinstance(value, str))


def answer_token_request(asked: TokenRequest, settings: Settings, tokens: TokenStore) -> tuple[Answer, str]:
    """Return the answer and its outcome: ``issued``, or the code of the error."""
    try:
        answer = _issue(asked, settings, tokens)
    except OAuthError as error:
        return oauth_error(error, settings), error.code
    return answer, "issued"


def oauth_error(error: OAuthError, settings: Settings) -> Answer:
    """Return the error in the status that the settings want: 400 for all, or as RFC 6749 section 5.2 says."""
    payload = {"error": error.code, "error_description": error.description}
    if error.code == "invalid_client" and settings.rfc_status:
        return json_answer(payload, 401, (*NO_STORE, ("WWW-Authenticate", 'Basic realm="organization"')))
    return json_answer(payload, 400, NO_STORE)


def _issue(asked: TokenRequest, settings: Settings, tokens: TokenStore) -> Answer:
    params = _params(asked, settings.grants_in)
    grant = params.get("grant_type")
    if not grant:
        raise OAuthError("invalid_request", f"Parameter grant_type is missing (read in: {settings.grants_in}).")
    _authenticate(asked.basic, params, settings)
    if grant == "client_credentials":
        access, refresh = tokens.grant(settings, _scope(params, settings))
    elif grant == "refresh_token":
        access, refresh = _refresh(params, settings, tokens)
    else:
        raise OAuthError("unsupported_grant_type", "Grant type is not supported.")
    payload = {"access_token": access, "token_type": "Bearer", "expires_in": settings.token_lifetime}
    if refresh is not None:
        payload["refresh_token"] = refresh
    return json_answer({**payload, **settings.token_answer}, 200, NO_STORE)


def _params(asked: TokenRequest, grants_in: str) -> dict[str, str]:
    """Return the parameters of the places that are read; RFC 6749 section 3.2 forbids one that comes twice."""
    params: dict[str, str] = {}
    for place, pairs in asked.places:
        if grants_in != place and not (grants_in == "both" and place in ("query", "body")):
            continue
        for name, value in pairs:
            if name in params:
                raise OAuthError("invalid_request", "A parameter is included more than once.")
            params[name] = value
    return params


def _authenticate(basic: str, params: dict[str, str], settings: Settings) -> None:
    if basic and "client_secret" in params:
        raise OAuthError("invalid_request", "Client credentials are included in more than one way.")
    if basic:
        given = basic_pairs(basic, settings.basic_decoding)
    else:
        given = [(params.get("client_id", ""), params.get("client_secret", ""))]
    secrets = (settings.client_secret, settings.second_secret) if settings.second_secret else (settings.client_secret,)
    if not any(matches(given, (settings.client_id, secret)) for secret in secrets):
        raise OAuthError("invalid_client", "Client ID is not found or password is wrong.")


def _scope(params: dict[str, str], settings: Settings) -> str:
    scope = params.get("scope", "")
    if settings.required_scope and settings.required_scope not in scope.split():
        raise OAuthError("invalid_scope", "The required scope was not asked for.")
    return scope


def _refresh(params: dict[str, str], settings: Settings, tokens: TokenStore) -> tuple[str, str | None]:
    if not params.get("refresh_token"):
        raise OAuthError("invalid_request", "Parameter refresh_token is missing.")
    try:
        return tokens.refresh(settings, params["refresh_token"])
    except InvalidGrant:
        raise OAuthError("invalid_grant", "Refresh token is invalid or expired.") from None
