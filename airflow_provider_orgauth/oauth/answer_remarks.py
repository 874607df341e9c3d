"""What a token answer says besides its token that somebody who sets up a connection wants to know.

It is told, and nothing is done with it. Whoever answers would otherwise choose where the token goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from airflow_provider_orgauth.oauth import token_fields, token_type
from airflow_provider_orgauth.oauth.answers import HttpAnswer, json_object
from airflow_provider_orgauth.oauth.text_redaction import one_line

API_FIELDS = ("instance_url", "api_domain")
"""Where servers name the address of the API that a token is for."""


class AnswerRemarks:
    """Remarks on an answer with a token in it.

    :param secrets: what is not repeated: all that the request carried, and the tokens that came.
    """

    def __init__(self, answer: HttpAnswer, *, secrets: frozenset[str] = frozenset()) -> None:
        fields, _ = json_object(answer)
        self._fields = token_fields.find_token_fields(fields or {}) or {}
        tokens = (self._fields.get(name) for name in ("access_token", "refresh_token"))
        self._secrets = secrets | {token for token in tokens if isinstance(token, str)}

    @property
    def unusual_type(self) -> str | None:
        """The token's type, where it is an unusual word for Bearer; on one line, without secrets."""
        found = self._fields.get("token_type")
        return one_line(str(found), self._secrets)[:40] if token_type.is_unusual(found) else None

    def api_servers(self) -> Iterator[str]:
        """Yield what the answer names as the API's server: scheme, host and port, nothing else of a URL."""
        for name in API_FIELDS:
            try:
                parts = urlsplit(str(self._fields.get(name, "")))
                host, port = parts.hostname or "", parts.port
            except ValueError:
                continue
            if parts.scheme in ("https", "http") and host and host == one_line(host, self._secrets):
                host = f"[{host}]" if ":" in host else host
                yield f"{parts.scheme}://{host}" + (f":{port}" if port else "")
