"""Firmware rollouts, the API's one long-running job: RUN until every device has it, then FINISH.

The vendor has a request that stops one, and none that pauses it: a pause comes by script.
"""

from __future__ import annotations

from airflow_provider_orgauth.emulator import data
from airflow_provider_orgauth.emulator.course import Course
from airflow_provider_orgauth.emulator.devices import Call
from airflow_provider_orgauth.emulator.messages import Answer, ApiError, json_answer, json_object
from airflow_provider_orgauth.emulator.organization import Shipment, shipment_steps
from airflow_provider_orgauth.emulator.paging import number
from airflow_provider_orgauth.emulator.script import SHIPMENT

COUNTERS = (
    "started",
    "requestSent",
    "firmwareRequested",
    "firmwareUploaded",
    "firmwareUploadedToMobile",
    "success",
    "uploadFailure",
    "firmwareTypeMismatch",
    "downloadLimitReached",
    "rollback",
    "firmwareVersionMismatch",
)
"""How many devices are where, as the vendor counts them."""


def create(call: Call) -> Answer:
    """``POST /shipment/create``: body ``title`` and ``deviceIds``, both optional; 201."""
    body = json_object(call.request.body)
    title, device_ids = body.get("title", "Shipment"), body.get("deviceIds", [])
    if not isinstance(title, str):
        raise ApiError(400, "Field title is not a text.")
    if not isinstance(device_ids, list):
        raise ApiError(400, "Field deviceIds is not a list.")
    for device_id in device_ids:
        if not isinstance(device_id, int):
            raise ApiError(400, "Field deviceIds is not a list of numbers.")
        call.organization.device(device_id)
    organization = call.organization
    if not device_ids:
        device_ids = [device["id"] for device in organization.devices.values() if device["orgId"] == data.OWN_ORG]
    course = Course(SHIPMENT, "RUN", call.now, shipment_steps(call.settings))
    script = organization.shipment_scripts.take()
    if script is not None:
        course.follow(script, call.now)
    organization.last_shipment += 1
    shipment = Shipment(organization.last_shipment, title, list(device_ids), call.now, course)
    organization.shipments[shipment.number] = shipment
    return json_answer(_shown(shipment, call.now), 201)


def get(call: Call) -> Answer:
    """``GET /shipment``: each look at it is a step forward, and so is time."""
    shipment = _asked(call)
    shipment.course.poll(call.now)
    return json_answer(_shown(shipment, call.now))


def list_shipments(call: Call) -> Answer:
    """``GET /shipments``: a plain array, no page; no step forward."""
    org_id = call.organization.org(number(call.request, "orgId", data.OWN_ORG))["id"]
    found = call.organization.shipments.values() if org_id == data.OWN_ORG else ()
    for shipment in found:
        shipment.course.look(call.now)
    return json_answer([_shown(shipment, call.now) for shipment in found])


def stop(call: Call) -> Answer:
    """``PUT /shipment/stop``: CANCEL, for what is RUN or PAUSE."""
    shipment = _asked(call)
    shipment.course.look(call.now)
    if shipment.course.ended:
        raise ApiError(400, f"Shipment is {shipment.course.state} already.")
    _advance(shipment, call.now)
    shipment.course.enter("CANCEL", call.now)
    return json_answer(_shown(shipment, call.now))


def delete(call: Call) -> Answer:
    """``DELETE /shipment``: 204, for what is FINISH or CANCEL."""
    shipment = _asked(call)
    shipment.course.look(call.now)
    if not shipment.course.ended:
        raise ApiError(400, f"Shipment is {shipment.course.state}: stop it first.")
    del call.organization.shipments[shipment.number]
    return Answer(204)


def _asked(call: Call) -> Shipment:
    return call.organization.shipment(number(call.request, "shipmentId"))


def _advance(shipment: Shipment, now: float) -> None:
    """Bring the part that is done up to date: it grows on the way to FINISH, and never shrinks."""
    course = shipment.course
    if course.state == "FINISH":
        shipment.done = 1.0
    elif course.state == "RUN" and course.steps and course.steps[0].state == "FINISH":
        shipment.done = max(shipment.done, course.part(now))


def _shown(shipment: Shipment, now: float) -> data.Record:
    _advance(shipment, now)
    course, total = shipment.course, len(shipment.device_ids)
    last = course.came_by if course.state == "FINISH" else None
    failure = min(total, last.failures) if last else 0
    success = min(total - failure, int(total * shipment.done))
    pending = total - success - failure
    counters = dict.fromkeys(COUNTERS, 0) | {"started": pending, "success": success, "uploadFailure": failure}
    return {
        "id": shipment.number,
        "title": shipment.title,
        "orgId": data.OWN_ORG,
        "status": course.state,
        "startedAt": int(shipment.started * 1000),
        "finishedAt": int(course.since * 1000) if course.ended else 0,
        "shipmentProgress": {**counters, "total": total, "failure": failure, "pending": pending},
    }
