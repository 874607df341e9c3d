"""The secrets of these tests, and where they stand."""

from __future__ import annotations

import base64

from recording_server import ACCESS

CLIENT_ID = "oa2-client-id_attack"
SECRET = "cl1ent-s3cret-0f-th3-tests"
BASIC = base64.b64encode(f"{CLIENT_ID}:{SECRET}".encode()).decode()


def secrets_in(text: bytes | str) -> set[str]:
    """Return which of the secrets of these tests stand in ``text``."""
    content = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return {secret for secret in (ACCESS, SECRET, BASIC) if secret.encode() in content}
