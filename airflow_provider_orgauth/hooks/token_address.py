"""Read where the token endpoint is: a path on the API's server, or the URL of another one.

What is typed here decides who gets the client secret. So it comes from the connection alone, and whatever two parsers
could read in two ways is refused.
"""

from __future__ import annotations

import re

from airflow_provider_orgauth.client.endpoint import is_ambiguous, split_url
from airflow_provider_orgauth.client.origin import DEFAULT_PORTS, Origin
from airflow_provider_orgauth.exceptions import ConfigurationError, ForeignOriginError
from airflow_provider_orgauth.hooks.server_address import check_encrypted, checked_host, host_and_port

FIELD = "oauth_path (Token endpoint: path or URL)"

_ABSOLUTE = re.compile("https?://", re.IGNORECASE)
_ADVICE = "Write a path such as /oauth2/token, or a URL such as https://login.example.com/oauth2/token."


def token_url_of(typed: str, server: Origin, *, allow_http: bool) -> str:
    """Return the absolute URL of the token endpoint, without a query.

    :param server: the API's, on which a path is.
    :raises ConfigurationError: naming ``oauth_path``.
    """
    if "?" in typed or "#" in typed:
        raise ConfigurationError(FIELD, "holds a query or fragment", advice=_ADVICE)
    if _ABSOLUTE.match(typed) and not server.owns(typed):
        return _url_elsewhere(typed, allow_http=allow_http)
    try:
        return server.url(typed)
    except ForeignOriginError:
        raise _refused() from None


def _url_elsewhere(typed: str, *, allow_http: bool) -> str:
    parts = None if is_ambiguous(typed) else split_url(typed)
    name, port = host_and_port(parts)
    if parts is None or name is None:
        raise _refused()
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(FIELD, "holds credentials", advice="They belong into Client ID and Client secret.")
    if not parts.path:
        raise ConfigurationError(FIELD, "names a server and no path", advice=_ADVICE)
    port = DEFAULT_PORTS[parts.scheme] if port is None else port
    if not port:
        raise _refused()
    there = Origin(parts.scheme, checked_host(FIELD, name, advice=_ADVICE), port)
    check_encrypted(FIELD, there, allow_http=allow_http)
    try:
        return there.url(parts.path)
    except ForeignOriginError:  # such as .. in it
        raise _refused() from None


def _refused() -> ConfigurationError:
    return ConfigurationError(FIELD, "is neither a path on the server nor a URL that can be used", advice=_ADVICE)
