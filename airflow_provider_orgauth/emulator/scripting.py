"""Scripts for shipments, jobs and devices, and where each stands: ``/_shipments``, ``/_jobs``, ``/_devices``."""

from __future__ import annotations

from typing import Any

from airflow_provider_orgauth.emulator.course import Course
from airflow_provider_orgauth.emulator.organization import Organization
from airflow_provider_orgauth.emulator.script import (
    DEVICE,
    JOB,
    SHIPMENT,
    Kind,
    Steps,
    known_fields,
    steps_from_json,
    steps_shown,
    whole_number,
)


def script_shipments(organization: Organization, given: Any, now: float) -> int:
    """Give a script to the shipment ``shipmentId``, or to the next that are created. Return how many scripts wait.

    :raises ValueError: naming what is wrong.
    :raises ApiError: 404, if there is no such shipment.
    """
    number, steps, times = _order(SHIPMENT, given)
    if number is None:
        organization.shipment_scripts.push(steps, times)
    else:
        organization.shipment(number).course.follow(steps, now)
    return len(organization.shipment_scripts)


def script_jobs(organization: Organization, given: Any, now: float) -> int:
    """Give a script to the job ``jobId``, or to the next that are created. Return how many scripts wait.

    :raises ValueError: naming what is wrong.
    :raises ApiError: 404, if there is no such job.
    """
    number, steps, times = _order(JOB, given)
    if number is None:
        organization.job_scripts.push(steps, times)
    else:
        organization.job(number).course.follow(steps, now)
    return len(organization.job_scripts)


def script_devices(organization: Organization, given: Any, now: float) -> int:
    """Give a script to the device ``deviceId``. Return how many devices have one.

    :raises ValueError: naming what is wrong.
    :raises ApiError: 404, if there is no such device.
    """
    number, steps, _ = _order(DEVICE, given)
    if number is None:
        raise ValueError("deviceId is missing")
    organization.connection(number, now).follow(steps, now)
    return len(organization.connections)


def shown_shipments(organization: Organization, now: float) -> list[dict[str, Any]]:
    """Return where each shipment stands. This is no poll."""
    return [
        {"shipmentId": number, "title": one.title, **_standing(one.course, now)}
        for number, one in organization.shipments.items()
    ]


def shown_jobs(organization: Organization, now: float) -> list[dict[str, Any]]:
    """Return where each job stands. This is no poll."""
    return [
        {"jobId": number, "reference": one.reference, **_standing(one.course, now)}
        for number, one in organization.jobs.items()
    ]


def shown_devices(organization: Organization, now: float) -> list[dict[str, Any]]:
    """Return where each device with a script stands. This is no poll."""
    return [{"deviceId": number, **_standing(one, now)} for number, one in organization.connections.items()]


def _order(kind: Kind, given: Any) -> tuple[int | None, Steps, int]:
    """Return the id, if one is named, the script, and for how many it is."""
    named = (kind.id_field, "script", "times") if kind is not DEVICE else (kind.id_field, "script")
    given = known_fields("the request", given, named)
    if "script" not in given:
        raise ValueError("script is missing: a list of steps; an empty one lets all stay as it is")
    number = given.get(kind.id_field)
    if number is not None:
        number = whole_number(kind.id_field, number, 1)
        if "times" in given:
            raise ValueError(f"times is for those that will be created, without {kind.id_field}")
    return number, steps_from_json(kind, given["script"]), whole_number("times", given.get("times", 1), 0)


def _standing(course: Course, now: float) -> dict[str, Any]:
    course.look(now)
    kind = course.kind
    return {kind.state_field: course.state, "polls": course.polls, "script": steps_shown(kind, course.steps)}
