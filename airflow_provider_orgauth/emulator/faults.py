"""Faults that are waiting for their request: what goes wrong, where, and how often."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from airflow_provider_orgauth.emulator.messages import Pairs, header_pairs

KINDS: Mapping[str, str] = {
    "status": "answers with `status` (default 503)",
    "reset": "resets the connection (RST) before anything is done",
    "reset_after": "does what was asked, then resets the connection: the answer is lost",
    "truncate": "does what was asked, sends half of the answer and closes",
    "html": "answers with a page of HTML in `status` (default 200)",
    "empty": "answers with an empty body in `status` (default 200)",
    "slow": "does what was asked, and answers after `delay` seconds (default 1)",
    "stall": "does what was asked, sends half of the answer, then nothing for `delay` seconds (default 60)",
    "redirect": "answers `status` (default 308) with a Location on another host, unless `headers` name one",
    "raw": "sends `status`, `headers` and `body` as they are, contradictions included, and closes",
}
ACTING = frozenset({"reset_after", "truncate", "slow", "stall"})
_STATUS = {"status": 503, "redirect": 308}
_DELAY = {"slow": 1.0, "stall": 60.0}


@dataclass(slots=True, kw_only=True)
class Fault:
    """One fault.

    >>> fault = Fault(kind="stall", path="/devices", skip=3)
    >>> fault.times, fault.delay, fault.act
    (1, 60.0, True)

    :param kind: see ``KINDS``.
    :param path: ``/oauth2/token``, ``/devices`` or ``/api/v1/organization/devices``: exactly this one; with a ``/``
        or ``*`` at the end: everything below, so ``/`` is everything.
    :param method: only requests of that method.
    :param skip: how many matching requests pass before the first is hit.
    :param times: how many matching requests are hit; 0: every one, until the faults are cleared.
    :param status: 0 means the kind's default.
    :param headers: object, or list of pairs.
    :param body: text; bytes in Python, or base64 in ``body_base64``.
    :param delay: seconds; negative means the kind's default.
    :param act: whether the request is carried out before the fault; by default as the kind says.
    :raises ValueError: naming what is wrong.
    """

    kind: str
    path: str = "/"
    method: str = ""
    skip: int = 0
    times: int = 1
    status: int = 0
    headers: Mapping[str, str] | Iterable[Iterable[str]] = ()
    body: str | bytes | None = field(default=None, repr=False)
    delay: float = -1
    act: bool | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"fault kind {self.kind!r} is unknown; known: {', '.join(KINDS)}")
        for name, wanted in (("path", str), ("method", str), ("skip", int), ("times", int), ("status", int)):
            value = getattr(self, name)
            _require(name, value, wanted)
        _require("delay", self.delay, int, float)
        if self.body is not None:
            _require("body", self.body, str, bytes)
        if self.act is not None:
            _require("act", self.act, bool)
        if self.skip < 0 or self.times < 0:
            raise ValueError("fault skip and times want 0 or more")
        self.headers = header_pairs(self.headers)
        self.status = self.status or _STATUS.get(self.kind, 200)
        if not 100 <= self.status <= 999:
            raise ValueError(f"fault status {self.status} is no HTTP status")
        self.delay = self.delay if self.delay >= 0 else _DELAY.get(self.kind, 0.0)
        self.act = self.kind in ACTING if self.act is None else bool(self.act)

    @property
    def pairs(self) -> Pairs:
        """The headers as pairs."""
        return header_pairs(self.headers)

    @property
    def body_bytes(self) -> bytes | None:
        """The body as it is sent; None if none was given."""
        return self.body.encode() if isinstance(self.body, str) else self.body

    def matches(self, method: str, path: str, api_prefix: str) -> bool:
        """Return whether a request is meant."""
        if self.method and self.method.upper() != method:
            return False
        wanted = self.path.removesuffix("*")
        below = wanted != self.path or wanted.endswith("/")
        return any(path.startswith(one) if below else path == one for one in (wanted, api_prefix + wanted))


class FaultQueue:
    """The faults in the order in which they were pushed; each is gone after its last hit."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def push(self, faults: Iterable[Fault]) -> None:
        """Append faults. They are copied: hitting one counts it down."""
        self._faults.extend(_copy(fault) for fault in faults)

    def take(self, method: str, path: str, api_prefix: str) -> Fault | None:
        """Return the fault that hits this request, and count it down."""
        for fault in self._faults:
            if not fault.matches(method, path, api_prefix):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.times == 1:
                self._faults = [one for one in self._faults if one is not fault]
            fault.times = max(0, fault.times - 1)
            return fault
        return None

    def __len__(self) -> int:
        return len(self._faults)

    def clear(self) -> None:
        """Drop every fault that has not hit."""
        self._faults.clear()


def fault_from_json(given: Any) -> Fault:
    """Return the fault that ``POST /_faults`` describes.

    :raises ValueError: naming what is wrong.
    """
    _require("", given, Mapping)
    known = {declared.name for declared in fields(Fault)} | {"body_base64"}
    unknown = sorted(set(given) - known)
    if unknown:
        raise ValueError(f"fault has no {unknown[0]!r}; known: {', '.join(sorted(known))}")
    if "kind" not in given:
        raise ValueError(f"a fault wants a kind: {', '.join(KINDS)}")
    values = dict(given)
    encoded = values.pop("body_base64", None)
    if encoded is not None:
        try:
            values["body"] = base64.b64decode(encoded, validate=True)
        except (binascii.Error, TypeError, ValueError):
            raise ValueError("fault body_base64 is not base64") from None
    return Fault(**values)


def _require(name: str, value: object, *wanted: type) -> None:
    """Refuse a value of another type with ValueError, the one error for a wrong fault. A bool is no number."""
    fits = isinstance(value, wanted) and (wanted == (bool,) or not isinstance(value, bool))
    if not fits:
        names = " or ".join(one.__name__ for one in wanted)
        raise ValueError(f"fault {name} wants {names}, not {type(value).__name__}".replace("  ", " "))


def _copy(fault: Fault) -> Fault:
    return Fault(**{declared.name: getattr(fault, declared.name) for declared in fields(Fault)})
