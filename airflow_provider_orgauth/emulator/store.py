"""A store on another host, which has the file of each job that is done: a signed link is all that it takes.

It listens where the emulator does, under the loopback's other name. As such stores do, it refuses a request that says
in a second way who asks.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from urllib.parse import urlencode

from airflow_provider_orgauth.emulator.messages import Answer, ApiError, Request, api_error
from airflow_provider_orgauth.emulator.organization import Job, Organization
from airflow_provider_orgauth.emulator.settings import Settings

FILES_PREFIX = "/files/"


def link_to_file(job: Job, request: Request, settings: Settings, now: float) -> str:
    """Return the URL of a job's file, on the other of ``127.0.0.1`` and ``localhost`` than was asked.

    :param now: epoch seconds of the emulator's clock.
    """
    host, _, port = request.headers.get("host", "").rpartition(":")
    elsewhere = "localhost" if host == "127.0.0.1" else "127.0.0.1"
    path = f"{FILES_PREFIX}{job.number}.json"
    expires = str(int(now + settings.link_lifetime))
    signed = urlencode({"expires": expires, "signature": _signature(path, expires, settings)})
    return f"{request.scheme}://{elsewhere}:{port}{path}?{signed}"


def answer_file(
    request: Request, settings: Settings, organization: Organization, now: float, content: Callable[[Job], Answer]
) -> Answer:
    """Return a job's file to whoever has a link that is still good, and says nothing else of themselves.

    :param now: epoch seconds of the emulator's clock.
    :param content: of a job's file.
    """
    if request.method not in ("GET", "HEAD"):
        return api_error(405, "Method is not allowed.", (("Allow", "GET, HEAD"),))
    if "authorization" in request.headers:
        return api_error(400, "The link is signed: a request with Authorization as well is refused.")
    expires = request.param("expires") or ""
    expected = _signature(request.path, expires, settings)
    if not hmac.compare_digest(expected.encode(), (request.param("signature") or "").encode()):
        return api_error(403, "The link's signature is wrong.")
    if now >= int(expires):
        return api_error(403, "The link has expired.")
    try:
        return content(organization.job(int(request.path.removeprefix(FILES_PREFIX).removesuffix(".json"))))
    except ApiError as error:
        return api_error(error.status, error.message)


def _signature(path: str, expires: str, settings: Settings) -> str:
    key = f"{settings.seed} {settings.client_secret}".encode()
    return hmac.new(key, f"{path}?{expires}".encode(), hashlib.sha256).hexdigest()[:40]
