"""TLS as requests has it: the same versions and ciphers, and the same roots."""

from __future__ import annotations

import ssl
from pathlib import Path

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util.ssl_ import create_urllib3_context

from airflow_provider_orgauth.client import client_certificate
from airflow_provider_orgauth.client.aio.threads import in_thread
from airflow_provider_orgauth.exceptions import ConfigurationError


class TlsContexts:
    """One context for each way to verify: to read the roots takes a while, and is done in a thread.

    Where the client's certificate is exchanged, a new one takes its place: connections made from then on show that.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[bool | str, str | None], tuple[object, ssl.SSLContext]] = {}

    async def of(self, verify: bool | str, cert: str | None = None) -> ssl.SSLContext:
        """Return the context for ``verify``, as a connection has it: yes, no, or the path of a CA bundle.

        :param cert: path of the client's certificate with its key.
        :raises ConfigurationError: one of the files cannot be used.
        """
        version = cert and client_certificate.version(cert)
        made = self._made.get((verify, cert))
        if made is None or made[0] != version:
            made = self._made[verify, cert] = version, await in_thread(_context, verify, cert)
        return made[1]


def _context(verify: bool | str, cert: str | None) -> ssl.SSLContext:
    context = create_urllib3_context()
    if cert is not None:
        client_certificate.load(context, cert)
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    if verify is not True and not Path(verify).exists():
        raise ConfigurationError("verify", "names no CA bundle", advice="Correct the path in TLS verification.")
    roots = Path(DEFAULT_CA_BUNDLE_PATH if verify is True else verify)
    context.load_verify_locations(**{"capath" if roots.is_dir() else "cafile": str(roots)})
    context.check_hostname = True
    context.verify_mode = ssl.CERT_REQUIRED
    return context
