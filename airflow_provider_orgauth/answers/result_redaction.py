"""Keep credentials inside an API's answer out of a task's result and its log; the names of their keys give them away.

A device of the Organization API carries its own ``token``: a list of devices is a list of secrets, and neither XCom
nor a task log is a place for those.
"""

from __future__ import annotations

from typing import Any

from airflow_provider_orgauth.oauth.redacted_names import is_credential_name
from airflow_provider_orgauth.oauth.text_redaction import MASK, redact_credentials


def masked(value: Any) -> tuple[Any, int]:
    """Return ``value`` with every credential replaced by ``***``, and how many there were.

    ``value`` is parsed JSON or text. It is not changed; what holds no credential is returned as it is.
    """
    if isinstance(value, str):
        return redact_credentials(value)
    if isinstance(value, dict):
        return _masked_object(value)
    if isinstance(value, list | tuple):
        items, counts = zip(*map(masked, value), strict=True) if value else ((), ())
        return (list(items), sum(counts)) if any(counts) else (value, 0)
    return value, 0


def _masked_object(value: dict[Any, Any]) -> tuple[dict[Any, Any], int]:
    result, count = {}, 0
    for key, content in value.items():
        if is_credential_name(key) and content and content != MASK and not isinstance(content, bool):
            result[key] = MASK
            count += 1
        else:
            result[key], inner = masked(content)
            count += inner
    return (result, count) if count else (value, 0)
