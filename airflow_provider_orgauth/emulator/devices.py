"""Devices: lists, search, and one device's life."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from airflow_provider_orgauth.emulator import data
from airflow_provider_orgauth.emulator.messages import Answer, ApiError, Request, json_answer, json_object
from airflow_provider_orgauth.emulator.organization import Organization
from airflow_provider_orgauth.emulator.paging import number, page_of
from airflow_provider_orgauth.emulator.settings import Settings

MAX_NAME_CHARACTERS = 50
MAX_QUERY_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class Call:
    """What a route works with. ``now``: epoch seconds of the emulator's clock."""

    request: Request
    settings: Settings
    organization: Organization
    now: float

    @property
    def device(self) -> data.Record:
        """The device of parameter ``deviceId``."""
        return self.organization.device(number(self.request, "deviceId"))


def list_devices(call: Call) -> Answer:
    """``GET /devices``."""
    organization = call.organization
    org_id = organization.org(number(call.request, "orgId", data.OWN_ORG))["id"]
    below = (call.request.param("includeSubOrgDevices") or "false").lower() == "true"
    orgs = organization.with_branches(org_id) if below else {org_id}
    found = [device for device in organization.devices.values() if device["orgId"] in orgs]
    return page_of(_ordered(found, call.settings), call.request, call.settings)


def search_devices(call: Call) -> Answer:
    """``GET /search/devices``: the query is part of the name, in any case."""
    query = call.request.param("query")
    if not query or len(query) > MAX_QUERY_CHARACTERS:
        raise ApiError(400, f"Parameter query is required, up to {MAX_QUERY_CHARACTERS} characters.")
    found = [device for device in call.organization.devices.values() if query.lower() in device["name"].lower()]
    sort_by = call.request.param("sortBy")
    descending = (call.request.param("sortOrder") or "asc").lower() == "desc"
    if sort_by:
        key = next((name for name in ("id", "name", "activatedAt") if name.lower() == sort_by.lower()), None)
        if key is None:
            raise ApiError(400, "Parameter sortBy wants id, name or activatedAt.")
        found.sort(key=lambda device: device[key], reverse=descending)
    else:
        found = _ordered(found, call.settings)
    return page_of(found, call.request, call.settings)


def get_device(call: Call) -> Answer:
    """``GET /device``: with ``dataStreamValues`` and ``metaFieldValues``."""
    return json_answer(_in_full(call, call.device))


def create_device(call: Call) -> Answer:
    """``POST /device/create``: 201, or 404 for an unknown template, owner or organization."""
    body = json_object(call.request.body)
    organization = call.organization
    name = _name(body)
    template, owner = _id(body, "templateId"), _id(body, "ownerId", data.FIRST_USER)
    org = organization.org(_id(body, "orgId", data.OWN_ORG))["id"]
    if template not in data.TEMPLATES:
        raise ApiError(404, f"Template {template} is not found.")
    if all(user["id"] != owner for user in organization.users):
        raise ApiError(404, f"User {owner} is not found.")
    organization.last_device += 1
    device = data.new_device(
        organization.seed,
        organization.last_device,
        name=name,
        template=template,
        org=org,
        owner=owner,
        activated_at=int(call.now * 1000),
    )
    organization.devices[device["id"]] = device
    return json_answer(device, 201)


def update_device(call: Call) -> Answer:
    """``PUT /device``: a new name."""
    device = {**call.device, "name": _name(json_object(call.request.body))}
    call.organization.devices[device["id"]] = device
    return json_answer(_in_full(call, device))


def delete_device(call: Call) -> Answer:
    """``DELETE /device``: 204."""
    device_id = call.device["id"]
    del call.organization.devices[device_id]
    call.organization.connections.pop(device_id, None)
    return Answer(204)


def device_online(call: Call) -> Answer:
    """``GET /device/online``: each look is a poll of the device's script, if it has one."""
    device_id = call.device["id"]
    connection = call.organization.connections.get(device_id)
    if connection is None:
        return json_answer({"connected": data.online(device_id)})
    connection.poll(call.now)
    return json_answer({"connected": connection.state})


def device_tags(call: Call) -> Answer:
    """``GET /device/tags``: a plain array, no page."""
    return json_answer(data.tags(call.device["id"]))


def _ordered(devices: list[data.Record], settings: Settings) -> list[data.Record]:
    return devices[::-1] if settings.newest_first else devices


def _in_full(call: Call, device: data.Record) -> data.Record:
    values: list[dict[str, Any]] = []
    for stream, pin, name in data.DATA_STREAMS:
        written = call.organization.written.get((device["id"], pin))
        value = written[-1][1] if written else data.reading(call.organization.seed, device["id"], pin, 0)
        values.append({"id": stream, "name": name, "pin": pin, "value": value})
    place = {"id": 1, "name": "Location", "value": f"Hall {1 + device['id'] % 7}"}
    return {**device, "dataStreamValues": values, "metaFieldValues": [place]}


def _name(body: dict[str, Any]) -> str:
    name = body.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > MAX_NAME_CHARACTERS:
        raise ApiError(400, f"Field name is required, up to {MAX_NAME_CHARACTERS} characters.")
    return name


def _id(body: dict[str, Any], name: str, default: int | None = None) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ApiError(400, f"Field {name} is required, as a number.")
    return value
