"""The organization while the emulator runs: what was seeded, and what requests changed since."""

from __future__ import annotations

from dataclasses import dataclass, field

from airflow_provider_orgauth.emulator import data
from airflow_provider_orgauth.emulator.messages import ApiError
from airflow_provider_orgauth.emulator.settings import Settings


@dataclass(slots=True)
class Shipment:
    """A firmware rollout. ``started``: seconds of the emulator's clock."""

    number: int
    title: str
    device_ids: list[int]
    started: float
    polls: int = 0


@dataclass(slots=True)
class Organization:
    """The data behind the API.

    :param devices: by id, in the order in which they were created. A changed device replaces the old record: the
        seeded ones are shared.
    :param written: values by (device, pin) as (epoch milliseconds, value), oldest first.
    """

    seed: int
    devices: dict[int, data.Record]
    orgs: list[data.Record] = field(default_factory=data.organizations)
    users: list[data.Record] = field(default_factory=data.users)
    shipments: dict[int, Shipment] = field(default_factory=dict)
    written: dict[tuple[int, str], list[tuple[int, object]]] = field(default_factory=dict)
    last_device: int = 0

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
