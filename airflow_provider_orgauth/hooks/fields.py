"""The fields of an ``orgauth`` connection, declared once.

The connection form of Airflow 3.2 and later (provider info), the widgets that older versions ask the hook for, the
checks on what was typed, and the documentation's table all come from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["choice", "text", "number", "integer", "integers", "flag", "object"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a connection's ``extra``.

    :param default: what an empty field means.
    :param choices: for a choice, all that may be typed.
    :param minimum: for a number, or each of several, the least that may be typed.
    """

    name: str
    label: str
    help: str
    kind: Kind
    default: Any = None
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    placeholder: str = ""


FIELDS: tuple[Field, ...] = (
    Field(
        "client_auth",
        "Send client credentials in",
        "header: Basic header, ID and secret percent-encoded as RFC 6749 asks. header_raw: Basic header, sent as they "
        "are, for servers that do not decode. params: among the grant parameters.",
        "choice",
        default="header",
        choices=("header", "header_raw", "params"),
    ),
    Field(
        "grant_params_in",
        "Send grant parameters in",
        "query: the URL, as the Organization API documents. body: a form body, as RFC 6749 and most other servers ask.",
        "choice",
        default="query",
        choices=("query", "body"),
    ),
    Field(
        "oauth_path",
        "Token endpoint path",
        "Path of the token endpoint on the server.",
        "text",
        default="/oauth2/token",
    ),
    Field(
        "scope",
        "Scope",
        "Scopes to ask for, separated by spaces, such as devices:read devices:write. Empty: the server decides.",
        "text",
        placeholder="devices:read devices:write",
    ),
    Field(
        "cache",
        "Share the token through",
        "variable: an Airflow Variable, for the whole installation. xcom: encrypted, along one DAG run. memory: each "
        "process on its own.",
        "choice",
        default="variable",
        choices=("variable", "xcom", "memory"),
    ),
    Field(
        "expiry_margin",
        "Renew before expiry (s)",
        "Seconds before its expiry from which a token is renewed; never more than half its lifetime.",
        "number",
        default=30,
        minimum=0,
        maximum=86400,
    ),
    Field(
        "timeout",
        "Timeout (s)",
        "Seconds to wait for a connection, and for the next byte of an answer.",
        "number",
        default=30,
        minimum=0.001,
        maximum=86400,
    ),
    Field(
        "max_attempts",
        "Attempts per request",
        "How often a request is sent at most, the first time included. 1: never again.",
        "integer",
        default=5,
        minimum=1,
        maximum=100,
    ),
    Field(
        "retry_statuses",
        "Further statuses to retry",
        "HTTP statuses after which a request is sent again besides 408, 425, 429, 502 to 504 and the like, where that "
        "does no harm, separated by commas.",
        "integers",
        minimum=400,
        maximum=599,
        placeholder="500, 507",
    ),
    Field(
        "rate_limit",
        "Requests per minute",
        "The most API requests that all tasks of a host send in any minute, together. Empty: no limit.",
        "number",
        minimum=0.1,
        maximum=1_000_000,
        placeholder="9000",
    ),
    Field(
        "verify",
        "TLS verification",
        "true: check the server's certificate. false: do not (unsafe). A path such as /path/to/ca-bundle.pem: check it "
        "with this CA bundle.",
        "text",
        default="true",
        placeholder="true, false, or /path/to/ca-bundle.pem",
    ),
    Field(
        "headers",
        "Default headers",
        'JSON object of headers that every API request carries, such as {"X-Team": "data"}. Paste it: the box '
        "rearranges what is typed.",
        "object",
        placeholder='{"X-Team": "data"}',
    ),
    Field(
        "allow_http",
        "Allow plain HTTP",
        "Send credentials unencrypted to a server that is not on this machine. Only for networks that you trust.",
        "flag",
        default=False,
    ),
)

BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}

RELABELING = {"host": "Server address", "login": "Client ID", "password": "Client secret"}
"""Labels of the standard fields that are used."""

HIDDEN = ("schema", "extra")
"""Standard fields that the form does not show: the server address takes the scheme, the fields below the rest.

The port stays: with none stored, Airflow 3.3's Test button sends port 0, and Airflow refuses that as another server.
"""

PLACEHOLDERS = {
    "host": "fra1.blynk.cloud or https://host:port/",
    "port": "443 (Airflow 3.3 needs a port for Test)",
    "login": "oa2-client-id_…",
    "password": "40 characters",
}
"""Examples in the standard fields."""
