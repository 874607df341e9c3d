"""The certificate by which servers know this client: a file that is read for each new connection, as it may change."""

from __future__ import annotations

import os
import ssl

from airflow_provider_orgauth.exceptions import ConfigurationError

FIELD = "client_cert (Client certificate)"


def load(context: ssl.SSLContext, path: str) -> None:
    """Let connections with ``context`` show the certificate.

    :param path: of a PEM with the certificate, those that lead to its authority, and the private key.
    :raises ConfigurationError: naming the field; the file is not there, or not that.
    """
    asked: list[bool] = []

    def passphrase() -> str:  # without this, OpenSSL asks for it at the terminal
        asked.append(True)
        return ""

    try:
        context.load_cert_chain(path, password=passphrase)
    except ssl.SSLError as error:
        problem, advice = _of_content(error, is_encrypted=bool(asked))
    except OSError as error:
        problem = f"is {path!r}, and that file cannot be read ({os.strerror(error.errno or 0)})"
        advice = "Write a path that every worker has and may read."
    except ValueError:  # a null byte
        problem, advice = "is no path", "Write one that every worker has and may read."
    else:
        return
    raise ConfigurationError(FIELD, problem, advice=advice)


def check(path: str) -> None:
    """Refuse a file that no connection could show.

    :raises ConfigurationError: as :func:`load`.
    """
    load(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), path)


def version(path: str) -> tuple[int, ...] | None:
    """Return what changes when the file is exchanged; None where it cannot be told."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _of_content(error: ssl.SSLError, *, is_encrypted: bool) -> tuple[str, str]:
    if is_encrypted:
        return "names a file with an encrypted private key", "Decrypt it: openssl pkey -in key.pem -out plain.pem."
    if error.reason == "KEY_VALUES_MISMATCH":
        return (
            "names a file whose private key is not the certificate's",
            "Put the two that belong together into one file.",
        )
    return (
        "names a file that is not a PEM with a certificate and its private key",
        "Put both into one file: cat certificate.pem key.pem > both.pem.",
    )
