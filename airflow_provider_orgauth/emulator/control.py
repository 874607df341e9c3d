"""The emulator's own endpoints, which are not the API's and are never counted: ``/_stats``, ``/_faults`` and so on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow_provider_orgauth.emulator import scripting
from airflow_provider_orgauth.emulator.core import Core
from airflow_provider_orgauth.emulator.faults import fault_from_json
from airflow_provider_orgauth.emulator.messages import Answer, ApiError, Request, api_error, json_answer, json_object

CONTROL_PREFIX = "/_"


def answer_control(core: Core, request: Request) -> Answer:
    """Return the answer of a control endpoint; a wrong request is 400 and changes nothing."""
    route = _ROUTES.get((request.method, request.path))
    if route is None:
        known = ", ".join(sorted(f"{method} {path}" for method, path in _ROUTES))
        return api_error(404, f"No such control endpoint; known: {known}")
    try:
        return json_answer(route(core, request))
    except ApiError as error:
        return api_error(error.status, error.message)
    except (ValueError, OverflowError) as error:
        return api_error(400, str(error))


def _stats(core: Core, _: Request) -> Any:
    return core.counts()


def _requests(core: Core, _: Request) -> Any:
    return list(core.stats.recent)


def _show_settings(core: Core, _: Request) -> Any:
    return core.settings.public()


def _change_settings(core: Core, request: Request) -> Any:
    core.change(json_object(request.body))
    return core.settings.public()


def _push_faults(core: Core, request: Request) -> Any:
    """One fault, or ``{"faults": [...]}``."""
    body = json_object(request.body)
    given = body.get("faults", [body])
    if not isinstance(given, list):
        raise ApiError(400, "faults is not a list")
    core.push_faults([fault_from_json(one) for one in given])
    return {"waiting": len(core.faults)}


def _clear_faults(core: Core, _: Request) -> Any:
    core.faults.clear()
    return {"waiting": 0}


def _script_shipments(core: Core, request: Request) -> Any:
    """``{"script": [{"status": "PAUSE", "polls": 2}, …]}``, for ``shipmentId`` or the next that are created."""
    return {"waiting": scripting.script_shipments(core.organization, json_object(request.body), core.now())}


def _script_jobs(core: Core, request: Request) -> Any:
    """``{"script": [{"status": "FAILED", "seconds": 5}]}``, for ``jobId`` or the next that are created."""
    return {"waiting": scripting.script_jobs(core.organization, json_object(request.body), core.now())}


def _script_devices(core: Core, request: Request) -> Any:
    """``{"deviceId": 1, "script": [{"connected": false, "seconds": 60}]}``."""
    return {"scripted": scripting.script_devices(core.organization, json_object(request.body), core.now())}


def _show_shipments(core: Core, _: Request) -> Any:
    return scripting.shown_shipments(core.organization, core.now())


def _show_jobs(core: Core, _: Request) -> Any:
    return scripting.shown_jobs(core.organization, core.now())


def _show_devices(core: Core, _: Request) -> Any:
    return scripting.shown_devices(core.organization, core.now())


def _clear_shipments(core: Core, _: Request) -> Any:
    core.organization.shipment_scripts.clear()
    return {"waiting": 0}


def _clear_jobs(core: Core, _: Request) -> Any:
    core.organization.job_scripts.clear()
    return {"waiting": 0}


def _clear_devices(core: Core, _: Request) -> Any:
    """Every device is as it was before it had a script."""
    core.organization.connections.clear()
    return {"scripted": 0}


def _revoke(core: Core, request: Request) -> Any:
    """``{"access_token": …}`` takes one, an empty request all; ``{"refresh_tokens": true}`` takes those as well."""
    body = json_object(request.body) if request.body else {}
    revoked = core.tokens.revoke(body.get("access_token"), refresh_tokens=bool(body.get("refresh_tokens")))
    return {"revoked": revoked}


def _advance(core: Core, request: Request) -> Any:
    seconds = json_object(request.body).get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise ApiError(400, "seconds wants a number")
    core.advance(seconds)
    return {"now": core.now()}


def _reset(core: Core, _: Request) -> Any:
    core.reset()
    return {}


_ROUTES: dict[tuple[str, str], Callable[[Core, Request], Any]] = {
    ("GET", "/_stats"): _stats,
    ("GET", "/_requests"): _requests,
    ("GET", "/_settings"): _show_settings,
    ("POST", "/_settings"): _change_settings,
    ("POST", "/_faults"): _push_faults,
    ("DELETE", "/_faults"): _clear_faults,
    ("GET", "/_shipments"): _show_shipments,
    ("POST", "/_shipments"): _script_shipments,
    ("DELETE", "/_shipments"): _clear_shipments,
    ("GET", "/_jobs"): _show_jobs,
    ("POST", "/_jobs"): _script_jobs,
    ("DELETE", "/_jobs"): _clear_jobs,
    ("GET", "/_devices"): _show_devices,
    ("POST", "/_devices"): _script_devices,
    ("DELETE", "/_devices"): _clear_devices,
    ("POST", "/_revoke"): _revoke,
    ("POST", "/_advance"): _advance,
    ("POST", "/_reset"): _reset,
}
