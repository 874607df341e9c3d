"""The error for an answer that is bytes and no text: what it is, and the ways to take it all the same."""

from __future__ import annotations

from airflow_provider_orgauth.exceptions import ResponseNotTextError
from airflow_provider_orgauth.oauth.charset import NoText, looks_like, media_type_of
from airflow_provider_orgauth.oauth.text_redaction import one_line

WAY_OUT = (
    "Write the bytes to a file with output_path=… without pagination, or with OrgAuthHook.download(…) in a @task; "
    "a callable response_filter gets the requests.Response, and with it the bytes."
)


def not_text(
    what: str, content: bytes, content_type: str, why: NoText, *, status: int | None = None
) -> ResponseNotTextError:
    """Return the error for bytes that are no text.

    :param what: whose they are, such as ``The answer of GET https://…``.
    """
    return ResponseNotTextError(
        f"{what} is no text ({described(content, content_type)}): {one_line(str(why))}.", advice=WAY_OUT, status=status
    )


def described(content: bytes, content_type: str) -> str:
    """Return what bytes are, for an error or a log: ``application/octet-stream, as a ZIP begins, 1,234 bytes``."""
    kind = one_line(media_type_of(content_type))[:60] or "no Content-Type"
    file = looks_like(content)
    return f"{kind}, {f'beginning as {file} does, ' if file else ''}{len(content):,} bytes"
