"""The seeded organization: its branches, users, templates and devices. The same seed and number, the same data."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from functools import lru_cache
from random import Random
from typing import Any

OWN_ORG = 578
BRANCHES = (579, 580, 581)
TEMPLATES = (353, 354, 355, 356)
FIRST_USER = 879
USERS = 30
FIRST_ACTIVATION = 1_702_480_430_139  # epoch milliseconds: December 2023, the vendor's own example
YEAR_MILLISECONDS = 365 * 24 * 3600 * 1000

DATA_STREAMS = ((1, "V0", "Power"), (2, "V1", "Temperature"), (3, "V2", "Humidity"), (4, "V3", "Uptime"))
_KINDS = ("Boiler", "Chiller", "Meter", "Pump", "Sensor", "Valve")
_BOARDS = ("ESP8266", "ESP32", "nRF52840", "STM32F4")
_NAMES = ("Ada", "Blaise", "Chiara", "Dmytro", "Emmy", "Farah", "Grace", "Hedy", "Iván", "Jürgen")

Record = dict[str, Any]


def organizations() -> list[Record]:
    """Return the own organization, then its branches."""
    own = {"id": OWN_ORG, "name": "Emulated Organization", "parentId": None, "isActive": True}
    branches = [
        {"id": org, "name": f"Branch {number}", "parentId": OWN_ORG, "isActive": True}
        for number, org in enumerate(BRANCHES, start=1)
    ]
    return [own, *branches]


def users() -> list[Record]:
    """Return the users; most are the own organization's."""
    return [
        {
            "id": FIRST_USER + number,
            "name": f"{_NAMES[number % len(_NAMES)]} {number}",
            "email": f"user{number}@example.org",
            "orgId": OWN_ORG if number % 5 else BRANCHES[number // 5 % len(BRANCHES)],
            "roleId": 1 + number % 3,
        }
        for number in range(USERS)
    ]


@lru_cache(maxsize=4)
def devices(seed: int, own: int) -> dict[int, Record]:
    """Return devices by id: ``own`` of the own organization, a tenth as many in its branches.

    The result is shared by every emulator of the process: copy a device before changing it.
    """
    return {number: _device(seed, number, own) for number in range(1, own + own // 10 + 1)}


def _device(seed: int, number: int, own: int) -> Record:
    chance = Random(f"{seed} device {number}")  # noqa: S311  emulated data, no secret
    org = OWN_ORG if number <= own else BRANCHES[number % len(BRANCHES)]
    return new_device(
        seed,
        number,
        name=f"{chance.choice(_KINDS)} {number}",
        template=chance.choice(TEMPLATES),
        org=org,
        owner=FIRST_USER + chance.randrange(USERS),
        activated_at=FIRST_ACTIVATION + chance.randrange(YEAR_MILLISECONDS),
        board=chance.choice(_BOARDS),
    )


def new_device(
    seed: int,
    number: int,
    *,
    name: str,
    template: int,
    org: int,
    owner: int,
    activated_at: int,
    board: str = "ESP32",
) -> Record:
    """Return a device as lists show it. ``activated_at``: epoch milliseconds."""
    firmware = f"TMPL{template:08d}"
    return {
        "id": number,
        "name": name,
        "templateId": template,
        "originalTemplateId": template,
        "orgId": org,
        "token": device_token(seed, number),
        "activatedAt": activated_at,
        "ownerUserId": owner,
        "hardwareInfo": {
            "version": "1.0.0",
            "fwType": firmware,
            "blynkVersion": "1.0.0",
            "boardType": board,
            "build": "1",
            "templateId": firmware,
        },
    }


def device_token(seed: int, number: int) -> str:
    """Return a device's own credential: 32 URL-safe characters."""
    digest = hmac.digest(f"device token {seed}".encode(), str(number).encode(), "sha256")
    return urlsafe_b64encode(digest).decode("ascii")[:32]


def reading(seed: int, device: int, pin: str, at: int) -> float:
    """Return what a device measured at ``at`` (epoch milliseconds)."""
    return round(Random(f"{seed} {device} {pin} {at}").uniform(0, 100), 2)  # noqa: S311  emulated data


def tags(device: int) -> list[Record]:
    """Return the tags of a device: none to two."""
    return [{"id": number, "name": f"floor-{number}"} for number in (1, 2) if device % (number + 1) == 0]


def online(device: int) -> bool:
    """Return whether a device is connected: nine in ten are."""
    return device % 10 != 0
