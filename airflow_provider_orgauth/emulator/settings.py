"""Every switch of the emulator: a Python keyword, a command-line flag and a key of ``POST /_settings`` at once.

The defaults are what the vendor documents. Where the documents are silent, the default is the choice that most
servers make, and the setting is there for the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Self

CLIENT_ID = "oa2-client-id_Emu1at0r-Client_0rgan1zat10n-Ap1"
CLIENT_SECRET = "Emu1at0rSecret0nlyF0rL00pbackNeverReal40"
FIXED = frozenset({"seed", "devices"})


def _setting(default: Any, help_text: str, *, choices: tuple[str, ...] = (), minimum: float | None = None) -> Any:
    return field(default=default, metadata={"help": help_text, "choices": choices, "minimum": minimum})


@dataclass(frozen=True, slots=True)
class Settings:
    """What the emulator does. The texts beside the fields are also the help of ``--help``.

    >>> Settings(rotation="same").public()["rotation"]
    'same'
    >>> Settings(token_lifetime=0)
    Traceback (most recent call last):
    ValueError: setting 'token_lifetime' is 0; at least 1 is allowed

    :raises ValueError: naming the setting, its value and what is allowed.
    """

    client_id: str = _setting(CLIENT_ID, "the client that may have tokens")
    client_secret: str = field(
        default=CLIENT_SECRET,
        repr=False,
        metadata={"help": "its secret", "choices": (), "minimum": None},
    )
    second_secret: str = field(
        default="",
        repr=False,
        metadata={
            "help": "a second secret of the client, as good as the first, as in a rotation; empty: none",
            "choices": (),
            "minimum": None,
        },
    )
    seed: int = _setting(1, "the same seed gives the same devices and the same tokens")
    devices: int = _setting(2500, "devices of the own organization; a tenth as many more in its branches", minimum=0)

    token_length: int = _setting(40, "characters of each token", minimum=40)
    token_lifetime: int = _setting(300, "seconds an access token lives", minimum=1)
    refresh_lifetime: int = _setting(0, "seconds a refresh token lives; 0: as long as the access token", minimum=0)
    issue_refresh_token: bool = _setting(True, "a client_credentials answer carries a refresh token")
    rotation: str = _setting(
        "new",
        "refresh token in a refresh answer: a new one (single use), the same one, or none (the old one stays good)",
        choices=("new", "same", "none"),
    )
    revoke_family: bool = _setting(False, "a spent refresh token that comes again kills all that came from its grant")
    refresh_kills_access: bool = _setting(False, "a refresh ends the access token it replaces at once")
    one_living_token: bool = _setting(False, "each access token that is issued ends the client's others at once")
    grants_in: str = _setting(
        "query",
        "where token parameters are read; elsewhere they are ignored. both: query and body",
        choices=("query", "body", "both", "json"),
    )
    basic_decoding: str = _setting(
        "both", "how a Basic header's id and secret are read", choices=("both", "percent", "raw")
    )
    required_scope: str = _setting("", "scope that a grant must ask for; empty: none")
    rfc_status: bool = _setting(False, "invalid_client is 401 with WWW-Authenticate, as RFC 6749 says, not 400")
    token_answer: Mapping[str, Any] = field(
        default_factory=dict,
        metadata={"help": "JSON object laid over each token answer", "choices": (), "minimum": None},
    )

    bearer_answer: str = _setting(
        "json",
        "body of 401 for a missing, unknown or expired bearer: API error, or empty HTML",
        choices=("json", "html"),
    )
    bearer_challenge: bool = _setting(True, "that 401 carries WWW-Authenticate")
    api_scope_enabled: bool = _setting(True, "off: every API request is 403, scope not enabled")
    page_size: int = _setting(50, "records in a page when the request does not say", minimum=1)
    page_limit: int = _setting(1000, "largest page; a larger size is clamped to it", minimum=1)
    newest_first: bool = _setting(False, "lists start with the newest device, so a new one shifts the later pages")
    shipment_polls: int = _setting(5, "a shipment finishes at this poll, if not earlier by time; 0: never", minimum=0)
    shipment_seconds: float = _setting(30.0, "a shipment finishes after these seconds; 0: never", minimum=0)

    job_polls: int = _setting(3, "a job is done at this poll, if not earlier by time; 0: never", minimum=0)
    job_seconds: float = _setting(10.0, "a job is done after these seconds; 0: never", minimum=0)
    job_retry_after: int = _setting(1, "seconds in Retry-After while a job runs; 0: no such header", minimum=0)
    job_status: str = _setting(
        "200",
        "status of a job's own resource: always 200; 202 while it runs, then 200; 202, then 303 to the result if done",
        choices=("200", "202", "303"),
    )
    link_lifetime: float = _setting(60.0, "seconds that the link to a job's file is good for", minimum=0)
    idempotency_key: bool = _setting(False, "a job's POST whose Idempotency-Key came before makes no second job")

    rate_limit: int = _setting(10_000, "API requests per window, then 429; 0: no limit", minimum=0)
    token_rate_limit: int = _setting(0, "token requests per window, then 429; 0: no limit", minimum=0)
    rate_window: float = _setting(60.0, "seconds of the window of both limits", minimum=0.001)
    retry_after: str = _setting(
        "seconds", "Retry-After of a 429 or a job: seconds, HTTP-date, or none", choices=("seconds", "date", "none")
    )
    latency: float = _setting(0.0, "seconds before each answer", minimum=0)
    chunked: bool = _setting(False, "answers are chunked, without Content-Length")
    max_request_bytes: int = _setting(2 * 1024 * 1024, "largest request body, then 413", minimum=0)

    def __post_init__(self) -> None:
        for declared in fields(self):
            object.__setattr__(self, declared.name, _checked(declared, getattr(self, declared.name)))

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """Return settings with ``changes`` made.

        :raises ValueError: if a name is unknown, a value is not allowed, or the data of the start would change.
        """
        known = {declared.name for declared in fields(self)}
        for name in changes:
            if name not in known:
                raise ValueError(f"no setting {name!r}; known: {', '.join(sorted(known))}")
            if name in FIXED:
                raise ValueError(f"setting {name!r} is fixed when the emulator starts")
        return replace(self, **changes)

    def public(self) -> dict[str, Any]:
        """Return the settings as JSON values, without the client's secrets."""
        shown = {declared.name: getattr(self, declared.name) for declared in fields(self)}
        del shown["client_secret"], shown["second_secret"]
        return {**shown, "token_answer": dict(self.token_answer)}


def _checked(declared: Field[Any], value: Any) -> Any:
    """Return ``value`` in the declared type, or raise naming the setting. Numbers take no bool, which is an int."""
    kind = str(declared.type)
    if kind == "bool" and isinstance(value, bool):
        return value
    if kind == "str" and isinstance(value, str):
        choices = declared.metadata["choices"]
        if choices and value not in choices:
            raise ValueError(f"setting {declared.name!r} is {value!r}; allowed: {', '.join(choices)}")
        return value
    if kind.startswith("Mapping") and isinstance(value, Mapping):
        return MappingProxyType(dict(value))
    allowed = {"int": (int,), "float": (int, float)}.get(kind)
    if allowed is None or isinstance(value, bool) or not isinstance(value, allowed):
        raise ValueError(f"setting {declared.name!r} wants {kind}, not {type(value).__name__}")
    minimum = declared.metadata["minimum"]
    if minimum is not None and not value >= minimum:
        raise ValueError(f"setting {declared.name!r} is {value}; at least {minimum} is allowed")
    return float(value) if kind == "float" else value
