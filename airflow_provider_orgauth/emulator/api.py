"""The API below ``/api/v1/organization``: its routes, and who may call them."""

from __future__ import annotations

from collections.abc import Callable

from airflow_provider_orgauth.emulator import datastreams, devices, directory, jobs, shipments
from airflow_provider_orgauth.emulator.devices import Call
from airflow_provider_orgauth.emulator.messages import (
    API_PREFIX,
    Answer,
    ApiError,
    Pairs,
    Request,
    api_error,
    bearer_token,
)
from airflow_provider_orgauth.emulator.settings import Settings
from airflow_provider_orgauth.emulator.tokens import TokenStore

ROUTES: dict[tuple[str, str], Callable[[Call], Answer]] = {
    ("GET", "/profile"): directory.profile,
    ("GET", "/users"): directory.users,
    ("GET", "/search"): directory.search,
    ("GET", "/devices"): devices.list_devices,
    ("GET", "/search/devices"): devices.search_devices,
    ("GET", "/device"): devices.get_device,
    ("PUT", "/device"): devices.update_device,
    ("DELETE", "/device"): devices.delete_device,
    ("POST", "/device/create"): devices.create_device,
    ("GET", "/device/online"): devices.device_online,
    ("GET", "/device/tags"): devices.device_tags,
    ("GET", "/device/datastream/history"): datastreams.history,
    ("POST", "/device/datastream"): datastreams.write_value,
    ("GET", "/shipment"): shipments.get,
    ("DELETE", "/shipment"): shipments.delete,
    ("POST", "/shipment/create"): shipments.create,
    ("PUT", "/shipment/stop"): shipments.stop,
    ("GET", "/shipments"): shipments.list_shipments,
    ("GET", "/job"): jobs.get,
    ("PUT", "/job/cancel"): jobs.cancel,
    ("POST", "/job/create"): jobs.create,
    ("GET", "/job/result"): jobs.result,
    ("GET", "/jobs"): jobs.list_jobs,
}
PATHS = frozenset(path for _, path in ROUTES)


def route_name(request: Request) -> str:
    """Return ``GET /devices`` for the statistics; one name for all paths that do not exist."""
    path = request.path.removeprefix(API_PREFIX)
    known = request.path.startswith(API_PREFIX) and path in PATHS
    return f"{request.method} {path if known else '(unknown)'}"


def refusal(request: Request, settings: Settings, tokens: TokenStore) -> Answer | None:
    """Return 401 or 403 unless the request has a good token with the scope that is required."""
    given = bearer_token(request)
    issued = tokens.valid(given)
    if issued is None:
        return _unauthorized(given, settings)
    if not settings.api_scope_enabled:
        return api_error(403, "Platform API scope is not enabled for this oauth client.")
    if settings.required_scope and settings.required_scope not in issued.scope.split():
        return api_error(403, "The access token lacks the required scope.")
    return None


def answer_call(call: Call) -> Answer:
    """Return what the API says to a request that may call it."""
    request = call.request
    path = request.path.removeprefix(API_PREFIX)
    if not request.path.startswith(API_PREFIX) or path not in PATHS:
        return api_error(404, "No such endpoint.")
    method = "GET" if request.method == "HEAD" else request.method
    route = ROUTES.get((method, path))
    if route is None:
        allowed = ", ".join(sorted(verb for verb, known in ROUTES if known == path))
        return api_error(405, "Method is not allowed.", (("Allow", allowed),))
    try:
        return route(call)
    except ApiError as error:
        return api_error(error.status, error.message)


def _unauthorized(given: str, settings: Settings) -> Answer:
    headers: Pairs = ()
    if settings.bearer_challenge:
        # RFC 6750 section 3.1: a request without a token is told no error code.
        challenge = 'Bearer realm="organization"' + (', error="invalid_token"' if given else "")
        headers = (("WWW-Authenticate", challenge),)
    if settings.bearer_answer == "html":
        return Answer(401, b"", (("Content-Type", "text/html"), *headers))
    return api_error(401, "Access token is invalid or expired." if given else "Access token is missing.", headers)
