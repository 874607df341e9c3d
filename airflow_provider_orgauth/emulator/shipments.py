"""Firmware rollouts, the API's one long-running job: RUN until every device has it, then FINISH."""

from __future__ import annotations

from airflow_provider_orgauth.emulator import data
from airflow_provider_orgauth.emulator.devices import Call
from airflow_provider_orgauth.emulator.messages import Answer, ApiError, json_answer, json_object
from airflow_provider_orgauth.emulator.organization import Shipment
from airflow_provider_orgauth.emulator.paging import number


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
    shipment = Shipment(len(organization.shipments) + 1, title, list(device_ids), call.now)
    organization.shipments[shipment.number] = shipment
    return json_answer(_shown(shipment, 0.0), 201)


def get(call: Call) -> Answer:
    """``GET /shipment``: each look at it is a step forward, and so is time."""
    shipment = call.organization.shipments.get(number(call.request, "shipmentId"))
    if shipment is None:
        raise ApiError(404, "Shipment is not found.")
    shipment.polls += 1
    polls, seconds = call.settings.shipment_polls, call.settings.shipment_seconds
    by_polls = shipment.polls / polls if polls else 0.0
    by_time = (call.now - shipment.started) / seconds if seconds else 0.0
    return json_answer(_shown(shipment, min(1.0, max(by_polls, by_time))))


def _shown(shipment: Shipment, done: float) -> data.Record:
    total = len(shipment.device_ids)
    success = int(total * done)
    return {
        "id": shipment.number,
        "title": shipment.title,
        "orgId": data.OWN_ORG,
        "status": "FINISH" if done >= 1 else "RUN",
        "startedAt": int(shipment.started * 1000),
        "shipmentProgress": {"total": total, "success": success, "failure": 0, "pending": total - success},
    }
