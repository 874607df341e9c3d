"""What becomes of a shipment, a job or a device: a script of states, each after so many polls or seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

State = str | bool

MAX_SECONDS = 10 * 365 * 24 * 3600
MAX_COUNT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Kind:
    """What can have a script.

    :param id_field: the field that names one of them in a control request.
    :param state_field: the field of a step that holds the state.
    :param ends: the states that nothing follows.
    :param details: by state, the further field that a step to it may have, and that field's type.
    """

    name: str
    id_field: str
    state_field: str
    states: tuple[State, ...]
    ends: tuple[State, ...] = ()
    details: Mapping[State, tuple[str, type]] = field(default_factory=dict)


SHIPMENT = Kind(
    "shipment",
    "shipmentId",
    "status",
    ("RUN", "PAUSE", "FINISH", "CANCEL"),
    ends=("FINISH", "CANCEL"),
    details={"FINISH": ("failures", int)},
)
JOB = Kind(
    "job",
    "jobId",
    "status",
    ("RUNNING", "DONE", "FAILED", "CANCELLED"),
    ends=("DONE", "FAILED", "CANCELLED"),
    details={"FAILED": ("message", str)},
)
DEVICE = Kind("device", "deviceId", "connected", (True, False))


@dataclass(frozen=True, slots=True)
class Step:
    """A change of state.

    :param polls: it comes at this poll, counted since the change before it; None: not by polls.
    :param seconds: it comes after these seconds, counted since the change before it; None: not by time. With both,
        whichever is first; with neither, at once.
    :param failures: of a shipment that finishes: how many devices did not take the firmware.
    :param message: of a job that fails: why.
    """

    state: State
    polls: int | None = None
    seconds: float | None = None
    failures: int = 0
    message: str = ""


Steps = tuple[Step, ...]


def steps_by_settings(state: State, polls: int, seconds: float) -> Steps:
    """Return the script of what has none of its own: to ``state`` at this poll or after these seconds; 0: never."""
    return (Step(state, polls or None, seconds or None),) if polls or seconds else ()


def steps_from_json(kind: Kind, given: Any) -> Steps:
    """Return the script that a control request describes; without steps, all stays as it is.

    :raises ValueError: naming what is wrong.
    """
    _require(isinstance(given, list), "script wants a list of steps")
    steps = tuple(_step(kind, f"script step {place}", one) for place, one in enumerate(given, start=1))
    for place, step in enumerate(steps[:-1], start=1):
        if step.state in kind.ends:
            raise ValueError(f"script step {place} is {step.state}: nothing follows that")
    return steps


def steps_shown(kind: Kind, steps: Steps) -> list[dict[str, Any]]:
    """Return steps as the JSON that describes them."""
    return [_shown(kind, step) for step in steps]


def whole_number(name: str, value: Any, minimum: int) -> int:
    """Return ``value``, a whole number from ``minimum`` to what 31 bits hold.

    :raises ValueError: naming the field.
    """
    fits = isinstance(value, int) and not isinstance(value, bool) and minimum <= value <= MAX_COUNT
    _require(fits, f"{name} wants a whole number from {minimum} to {MAX_COUNT}")
    return int(value)


def known_fields(name: str, given: Any, known: tuple[str, ...]) -> dict[str, Any]:
    """Return ``given``, an object with no other fields than the known.

    :raises ValueError: naming the first other field.
    """
    _require(isinstance(given, Mapping), f"{name} wants an object")
    unknown = sorted(str(key) for key in given if key not in known)
    if unknown:
        raise ValueError(f"{name} has no {unknown[0]!r}; known: {', '.join(known)}")
    return dict(given)


def _step(kind: Kind, name: str, given: Any) -> Step:
    further = tuple(detail for detail, _ in kind.details.values())
    given = known_fields(name, given, (kind.state_field, "polls", "seconds", *further))
    state = next((one for one in kind.states if _same(one, given.get(kind.state_field))), None)
    if state is None:
        allowed = ", ".join(str(one).lower() if isinstance(one, bool) else one for one in kind.states)
        raise ValueError(f"{name} wants {kind.state_field}: {allowed}")
    polls, seconds = given.get("polls"), given.get("seconds")
    if polls is not None:
        polls = whole_number(f"{name}: polls", polls, 1)
    if seconds is not None:
        seconds = _seconds(f"{name}: seconds", seconds)
    return Step(state, polls, seconds, **_detail(kind, name, given, state))


def _detail(kind: Kind, name: str, given: Mapping[str, Any], state: State) -> dict[str, Any]:
    """Return the further field of a step to ``state``, if it has one."""
    for owner, (detail, wanted) in kind.details.items():
        if detail not in given:
            continue
        if owner != state:
            raise ValueError(f"{name}: {detail} is for {kind.state_field} {owner} only")
        value = given[detail]
        if wanted is int:
            return {detail: whole_number(f"{name}: {detail}", value, 0)}
        _require(isinstance(value, str), f"{name}: {detail} wants a text")
        return {detail: value}
    return {}


def _seconds(name: str, value: Any) -> float:
    # Compared before it is converted: no float holds every whole number, and NaN is in no range.
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= MAX_SECONDS
    _require(fits, f"{name} wants a number from 0 to {MAX_SECONDS}")
    return float(value)


def _require(fits: bool, message: str) -> None:
    """Refuse what does not fit with ValueError, the one error for a wrong script."""
    if not fits:
        raise ValueError(message)


def _same(state: State, given: Any) -> bool:
    return type(given) is type(state) and given == state  # 1 is no true


def _shown(kind: Kind, step: Step) -> dict[str, Any]:
    shown: dict[str, Any] = {kind.state_field: step.state}
    shown |= {name: value for name, value in (("polls", step.polls), ("seconds", step.seconds)) if value is not None}
    shown |= {name: value for name, value in (("failures", step.failures), ("message", step.message)) if value}
    return shown
