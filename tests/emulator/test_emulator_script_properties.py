"""Any script that is given, and any way of looking at what goes by one."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.emulator.control import answer_control
from airflow_provider_orgauth.emulator.core import Core
from airflow_provider_orgauth.emulator.course import Course
from airflow_provider_orgauth.emulator.messages import Request
from airflow_provider_orgauth.emulator.script import (
    DEVICE,
    JOB,
    SHIPMENT,
    Step,
    steps_from_json,
    steps_shown,
)
from airflow_provider_orgauth.emulator.settings import Settings

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
counts = st.integers(-2, 5) | st.sampled_from([2**31, 10**400])
seconds = st.integers(-2, 5) | st.floats(-1, 1e9) | st.sampled_from([float("nan"), float("inf"), 10**400])
states = st.sampled_from([*SHIPMENT.states, *JOB.states, *DEVICE.states, "run", 1])
near_steps = st.fixed_dictionaries(
    {},
    optional={
        "status": states | scalars,
        "connected": states | scalars,
        "polls": counts | scalars,
        "seconds": seconds | scalars,
        "failures": counts | scalars,
        "message": scalars,
        "more": scalars,
    },
)
scripts = st.lists(near_steps, max_size=4) | st.lists(scalars, max_size=2) | scalars
kinds = st.sampled_from([SHIPMENT, JOB, DEVICE])


@given(kind=kinds, script=scripts)
@example(kind=JOB, script=[{"status": "RUNNING", "seconds": 10**400}])
@example(kind=DEVICE, script=[{"connected": 1}])
def test_a_script_is_steps_or_one_error(kind, script):
    try:
        steps = steps_from_json(kind, script)
    except ValueError:
        return
    assert steps_from_json(kind, steps_shown(kind, steps)) == steps
    json.dumps(steps_shown(kind, steps), allow_nan=False)


@pytest.fixture(scope="module")
def core() -> Core:
    return Core(Settings(devices=2), clock=lambda: 1_760_000_000.0)


@given(
    path=st.sampled_from(["/_shipments", "/_jobs", "/_devices"]),
    body=st.fixed_dictionaries(
        {},
        optional={
            "script": scripts,
            "times": counts | scalars,
            "shipmentId": counts | scalars,
            "jobId": counts | scalars,
            "deviceId": counts | scalars,
            "more": scalars,
        },
    )
    | scripts,
)
def test_a_control_request_is_done_or_refused(core, path, body):
    core.reset()
    answer = answer_control(core, Request("POST", path, body=json.dumps(body).encode()))
    assert answer.status in (200, 400, 404)
    if answer.status != 200:
        assert json.loads(answer.body)["error"]["message"]
    for shown in ("/_shipments", "/_jobs", "/_devices"):
        assert answer_control(core, Request("GET", shown)).status == 200


@given(
    path=st.sampled_from(["/_shipments", "/_jobs", "/_devices", "/_advance", "/_settings"]), body=st.binary(max_size=40)
)
@example(path="/_settings", body=b'{"latency": 1' + b"0" * 400 + b"}")
def test_bytes_that_are_no_control_request_are_refused(core, path, body):
    core.reset()
    assert answer_control(core, Request("POST", path, body=body)).status in (200, 400, 404)


good_steps = st.lists(
    st.builds(
        Step,
        state=st.booleans(),
        polls=st.none() | st.integers(1, 4),
        seconds=st.none() | st.integers(0, 8).map(float),
    ),
    max_size=5,
).map(tuple)
moves = st.lists(st.sampled_from(["poll", "look"]) | st.integers(0, 5), max_size=30)


@given(steps=good_steps, moves=moves)
def test_a_course_goes_as_a_plain_reading_of_its_script_says(steps, moves):
    """``look`` changes nothing that a later look would not see, and each step comes in its order, in its time."""
    course = Course(DEVICE, True, 0.0)
    course.follow(steps, 0.0)
    blind = Course(DEVICE, True, 0.0)  # polled the same, never looked at in between
    blind.follow(steps, 0.0)
    now, polls = 0.0, 0
    state, since, counted, left = True, 0.0, 0, list(steps)

    def take(at):
        nonlocal state, since, counted
        state, since, counted = left.pop(0).state, at, polls

    def take_due():
        while left and (left[0].seconds is not None or left[0].polls is None):
            due = since + (left[0].seconds or 0.0)
            if due > now:
                return
            take(due)

    take_due()
    for move in moves:
        if isinstance(move, int):
            now += move
        elif move == "look":
            course.look(now)
            take_due()
        else:
            course.poll(now)
            blind.poll(now)
            take_due()
            polls += 1
            if left and left[0].polls is not None and polls - counted >= left[0].polls:
                take(now)
                take_due()
        if move == "look" or move == "poll":
            assert (course.state, course.polls, list(course.steps)) == (state, polls, left)
            assert 0.0 <= course.part(now) <= 1.0
    course.look(now)
    blind.look(now)
    assert course == blind
