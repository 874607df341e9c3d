"""The organization while the emulator runs: what was seeded, and what requests changed since."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from airflow_provider_orgauth.emulator import data
from airflow_provider_orgauth.emulator.course import Course
from airflow_provider_orgauth.emulator.messages import ApiError
from airflow_provider_orgauth.emulator.script import DEVICE, Steps, steps_by_settings
from airflow_provider_orgauth.emulator.script_queue import ScriptQueue
from airflow_provider_orgauth.emulator.settings import Settings


@dataclass(slots=True)
class Shipment:
    """A firmware rollout.

    :param started: epoch seconds of the emulator's clock.
    :param done: the part of its devices that are through, from 0 to 1.
    """

    number: int
    title: str
    device_ids: list[int]
    started: float
    course: Course
    done: float = 0.0


@dataclass(slots=True)
class Job:
    """Work that a client had accepted.

    :param reference: the client's own name for it; several jobs may have the same.
    :param given: the client's input, any JSON: it comes back in the result.
    :param created: epoch seconds of the emulator's clock.
    """

    number: int
    reference: str
    given: Any
    created: float
    course: Course


@dataclass(slots=True)
class Organization:
    """The data behind the API.

    :param devices: by id, in the order in which they were created. A changed device replaces the old record: the
        seeded ones are shared.
    :param connections: by device, those that a script connects and disconnects.
    :param job_keys: by Idempotency-Key, the job that it made and the body that it came with.
    :param written: values by (device, pin) as (epoch milliseconds, value), oldest first.
    """

    seed: int
    devices: dict[int, data.Record]
    orgs: list[data.Record] = field(default_factory=data.organizations)
    users: list[data.Record] = field(default_factory=data.users)
    connections: dict[int, Course] = field(default_factory=dict)
    shipments: dict[int, Shipment] = field(default_factory=dict)
    shipment_scripts: ScriptQueue = field(default_factory=ScriptQueue)
    jobs: dict[int, Job] = field(default_factory=dict)
    job_scripts: ScriptQueue = field(default_factory=ScriptQueue)
    job_keys: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    written: dict[tuple[int, str], list[tuple[int, object]]] = field(default_factory=dict)
    last_device: int = 0
    last_shipment: int = 0

    @classmethod
    def seeded(cls, settings: Settings) -> Organization:
        """Return the organization as it is at the start."""
        devices = dict(data.devices(settings.seed, settings.devices))
        return cls(settings.seed, devices, last_device=len(devices))

    def device(self, device_id: int) -> data.Record:
        """Return a device.

        :raises ApiError: 404.
        """
        try:
            return self.devices[device_id]
        except KeyError:
            raise ApiError(404, f"Device {device_id} is not found.") from None

    def shipment(self, shipment_id: int) -> Shipment:
        """Return a shipment.

        :raises ApiError: 404.
        """
        try:
            return self.shipments[shipment_id]
        except KeyError:
            raise ApiError(404, "Shipment is not found.") from None

    def job(self, job_id: int) -> Job:
        """Return a job.

        :raises ApiError: 404.
        """
        try:
            return self.jobs[job_id]
        except KeyError:
            raise ApiError(404, f"Job {job_id} is not found.") from None

    def connection(self, device_id: int, now: float) -> Course:
        """Return the connection of a device, from now on to go by a script.

        :raises ApiError: 404.
        """
        self.device(device_id)
        return self.connections.setdefault(device_id, Course(DEVICE, data.online(device_id), now))

    def take_settings(self, settings: Settings) -> None:
        """Let the shipments and jobs without a script go by these settings."""
        for shipment in self.shipments.values():
            shipment.course.default(shipment_steps(settings))
        for job in self.jobs.values():
            job.course.default(job_steps(settings))

    def org(self, org_id: int) -> data.Record:
        """Return an organization.

        :raises ApiError: 404.
        """
        for org in self.orgs:
            if org["id"] == org_id:
                return org
        raise ApiError(404, f"Organization {org_id} is not found.")

    def with_branches(self, org_id: int) -> set[int]:
        """Return the ids of an organization and of its branches."""
        return {org_id} | {org["id"] for org in self.orgs if org["parentId"] == org_id}


def shipment_steps(settings: Settings) -> Steps:
    """Return how a shipment without a script goes on."""
    return steps_by_settings("FINISH", settings.shipment_polls, settings.shipment_seconds)


def job_steps(settings: Settings) -> Steps:
    """Return how a job without a script goes on."""
    return steps_by_settings("DONE", settings.job_polls, settings.job_seconds)
