"""What a sensor does on the emulator, the same in both modes."""

from __future__ import annotations

import datetime
import logging
import time

import pytest

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.compat import AirflowFailException, AirflowSensorTimeout, AirflowSkipException
from airflow_provider_orgauth.sensors.org_api import OrgApiSensor

API = "/api/v1/organization"
SHIPMENT = {"endpoint": f"{API}/shipment", "params": {"shipmentId": 1}, "until": "status == 'FINISH'"}


def is_finished(response):
    return response.json()["status"] == "FINISH"


def progress(response, ds):
    return [ds, response.json()["shipmentProgress"]["success"]]


@pytest.fixture
def ship(orgauth_emulator):
    """Return a function that makes a shipment that goes by these steps."""
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

    def create(*steps):
        orgauth_emulator.script_shipments(*steps)
        OrgAuthHook().run(f"{API}/shipment/create", method="POST", json={"deviceIds": [1, 2]})

    return create


@pytest.fixture
def finishing(waits, ship):
    """Make a shipment that is finished at the third look."""
    ship({"status": "FINISH", "polls": 3})
    return waits


def looks_at(emulator):
    return [one["status"] for one in emulator.requests() if one["path"] == f"{API}/shipment"]


@pytest.mark.parametrize(
    "until",
    ["status == 'FINISH'", is_finished, f"{__name__}:is_finished"],
    ids=["jmespath", "function", "import path"],
)
def test_it_waits_until_the_condition_holds(finishing, orgauth_emulator, until):
    if finishing.mode == "deferrable" and callable(until):
        with pytest.raises(errors.ConfigurationError, match="until: is a function, and cannot go to the triggerer"):
            finishing.run(**SHIPMENT | {"until": until})
        return
    found = finishing.run(**SHIPMENT | {"until": until}, poke_interval=60)

    assert (found["id"], found["status"]) == (1, "FINISH")
    assert len(looks_at(orgauth_emulator)) == 3
    assert len(finishing.seconds) == 2
    assert all(54 <= seconds <= 66 for seconds in finishing.seconds)
    assert orgauth_emulator.stats()["token_requests"] == 1


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("shipmentProgress.{total: total, left: pending}", {"total": 2, "left": 0}),
        (progress, ["2026-01-01", 2]),
        (f"{__name__}:progress", ["2026-01-01", 2]),
    ],
    ids=["jmespath", "function", "import path"],
)
def test_it_returns_the_value(finishing, value, result):
    assert finishing.run({"ds": "2026-01-01"}, **SHIPMENT, value=value) == result


def test_credentials_in_the_value_are_masked(waits):
    found = waits.run(endpoint=f"{API}/devices", params={"size": 1, "page": 0}, until="content", value="content[0]")
    renamed = waits.run(endpoint=f"{API}/devices", params={"size": 1, "page": 0}, until=200, value="content[0].token")

    assert found["token"] == renamed == "***"


def test_fail_if_fails_at_once_with_the_answers_own_words(waits, orgauth_emulator):
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

    orgauth_emulator.script_jobs({"status": "FAILED", "polls": 2, "message": "no space left; token=abcdefgh12345"})
    OrgAuthHook().run(f"{API}/job/create", method="POST", json={})

    with pytest.raises(errors.WaitFailedError, match="no space left") as caught:
        waits.run(endpoint=f"{API}/job", params={"jobId": 1}, until="status == 'DONE'", fail_if="status == 'FAILED'")

    assert isinstance(caught.value, AirflowFailException)
    assert "abcdefgh12345" not in str(caught.value)
    assert f'GET {orgauth_emulator.url}{API}/job answered 200, status = "FAILED": no space' in str(caught.value)
    assert len(waits.seconds) == 1


def test_fail_if_without_words_says_what_was_seen(waits, ship):
    ship({"status": "CANCEL", "polls": 1})

    with pytest.raises(errors.WaitFailedError, match=r'200, status = "CANCEL"\.'):
        waits.run(**SHIPMENT, fail_if="status == 'CANCEL'")


def test_an_error_status_that_nobody_names_is_an_error(waits):
    with pytest.raises(errors.ApiError, match="404") as caught:
        waits.run(**SHIPMENT)

    assert not isinstance(caught.value, AirflowFailException)
    assert waits.seconds == []


def test_a_waiting_status_means_not_yet(finishing, orgauth_emulator):
    orgauth_emulator.fault("status", f"{API}/shipment", status=404, times=2)

    assert finishing.run(**SHIPMENT, waiting_statuses=404)["status"] == "FINISH"
    assert len(finishing.seconds) == 4


def test_until_it_is_gone(finishing, orgauth_emulator):
    orgauth_emulator.fault("status", f"{API}/shipment", status=404, skip=2)

    assert finishing.run(**SHIPMENT | {"until": {404, 410}}) is None
    assert len(finishing.seconds) == 2


def test_fail_if_by_status(finishing, orgauth_emulator):
    orgauth_emulator.fault("status", f"{API}/shipment", status=410)

    with pytest.raises(errors.WaitFailedError, match=r"answered 410: Emulated fault\."):
        finishing.run(**SHIPMENT, fail_if=[410])


def test_retry_after_of_an_answer_lengthens_the_wait(waits, orgauth_emulator):
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

    orgauth_emulator.settings(job_status="202", job_retry_after=300, job_polls=3)
    OrgAuthHook().run(f"{API}/job/create", method="POST", json={})

    found = waits.run(endpoint=f"{API}/job", params={"jobId": 1}, until=200, poke_interval=5)

    assert found["status"] == "DONE"
    assert len(waits.seconds) == 2
    assert all(300 <= seconds <= 330 for seconds in waits.seconds)


TROUBLES = {
    "500": ("status", "/shipment", {"status": 500}),
    "503": ("status", "/shipment", {"status": 503}),
    "408": ("status", "/shipment", {"status": 408}),
    "429": ("status", "/shipment", {"status": 429}),
    "cut": ("reset", "/shipment", {}),
    "token 503": ("status", "/oauth2/token", {"status": 503}),
    "token cut": ("reset", "/oauth2/token", {}),
    "token html": ("html", "/oauth2/token", {}),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_trouble_that_may_pass_does_not_end_the_wait_and_always_waits(finishing, orgauth_emulator, trouble):
    kind, path, about = TROUBLES[trouble]
    orgauth_emulator.revoke()
    _forget_tokens()
    before = orgauth_emulator.stats()["token_requests"]
    orgauth_emulator.fault(kind, path if path.startswith("/oauth2") else f"{API}{path}", times=4, **about)

    assert finishing.run(**SHIPMENT, poke_interval=0)["status"] == "FINISH"
    # One attempt a look: four looks brought the fault, and each of them waited.
    assert len(finishing.seconds) == 6
    assert min(sorted(finishing.seconds)[2:]) >= 1
    assert orgauth_emulator.stats()["token_requests"] - before == (5 if "token" in trouble else 1)


def _forget_tokens():
    from airflow_provider_orgauth.cache import memory

    memory.TOKENS.clear()


def test_a_status_that_the_connection_repeats_does_not_end_the_wait(finishing, orgauth_emulator, monkeypatch):
    orgauth_emulator.set_connection(monkeypatch, cache="memory", retry_statuses=[404])
    orgauth_emulator.fault("status", f"{API}/shipment", status=404, times=2)

    assert finishing.run(**SHIPMENT)["status"] == "FINISH"
    assert len(finishing.seconds) == 4


def test_a_wrong_connection_is_one_error(waits, orgauth_emulator, monkeypatch):
    orgauth_emulator.set_connection(monkeypatch, timeout="soon")

    with pytest.raises(errors.ConfigurationError, match=r"^timeout \(.*is 'soon'") as caught:
        waits.run(**SHIPMENT)

    assert caught.value.__context__ is None
    assert orgauth_emulator.requests() == []


@pytest.mark.parametrize(
    ("argument", "arguments"),
    [
        ("until", {"until": "length(content[?name == 'x']) == `0`", "value": "totalElements"}),
        ("fail_if", {"until": "totalElements", "fail_if": "content[?name == 'x']", "value": "totalElements"}),
        ("value", {"until": "totalElements"}),
    ],
)
def test_what_the_first_page_shows_is_not_taken_for_the_list(waits, argument, arguments):
    with pytest.raises(errors.TruncatedListError, match=f"{argument} looks at its records"):
        waits.run(endpoint=f"{API}/devices", **arguments)

    assert waits.run(endpoint=f"{API}/devices", params={"page": 0}, **arguments)


@pytest.mark.parametrize(
    ("body", "headers", "until"),
    [
        ('{"data": {"items": [{"id": 1}], "total": 9}}', {}, "data.items[0].id == `2`"),
        ('{"data": {"items": [{"id": 1}], "total": 9}}', {}, "data"),
        ('{"errors": [], "data": {"items": [{"id": 1}], "total": 9}}', {}, "length(data.items[?id == `2`]) == `0`"),
        ('[{"id": 1}]', {"Link": '</x?page=2>; rel="next"'}, "[0].id == `2`"),
    ],
)
def test_wherever_the_records_are(waits, orgauth_emulator, body, headers, until):
    answer = {"status": 200, "body": body, "headers": {"Content-Type": "application/json", **headers}}
    orgauth_emulator.fault("status", f"{API}/x", times=0, **answer)

    with pytest.raises(errors.TruncatedListError, match="until looks at its records"):
        waits.run(endpoint=f"{API}/x", until=until, value=len)


@pytest.mark.parametrize("value", ["data.total", "data.{n: total}"])
def test_a_total_beside_the_records_is_true_of_all_pages(waits, orgauth_emulator, value):
    answer = {"status": 200, "body": '{"data": {"items": [{"id": 1}], "total": 9}}'}
    orgauth_emulator.fault("status", f"{API}/x", times=0, headers={"Content-Type": "application/json"}, **answer)

    assert waits.run(endpoint=f"{API}/x", until="data.total > `8`", value=value)


@pytest.mark.parametrize("until", ["done == total", "!pending", "status != 'RUN'"])
@pytest.mark.parametrize(
    "answer",
    [
        {"status": 202, "body": ""},
        {"status": 204, "body": ""},
        {"status": 200, "body": "<html>Maintenance</html>", "headers": {"Content-Type": "text/html"}},
    ],
    ids=["202", "204", "html"],
)
def test_an_answer_without_fields_meets_nothing_that_names_one(waits, orgauth_emulator, answer, until):
    orgauth_emulator.fault("status", f"{API}/profile", times=2, **answer)

    found = waits.run(endpoint=f"{API}/profile", until=until, value="id")

    assert found is not None
    assert len(waits.seconds) == 2


def test_an_answer_that_is_a_text_may_be_looked_at_as_a_whole(waits, orgauth_emulator):
    answer = {"status": 200, "body": "DONE", "headers": {"Content-Type": "text/plain"}}
    orgauth_emulator.fault("status", f"{API}/profile", **answer)

    assert waits.run(endpoint=f"{API}/profile", until="@ == 'DONE'") == "DONE"


@pytest.mark.parametrize("answer", [{"status": 404}, {"status": 200, "body": "{"}], ids=["404", "no JSON"])
def test_an_error_that_is_passed_over_waits_as_well(waits, ship, orgauth_emulator, answer):
    ship()
    headers = {"Content-Type": "application/json"}
    orgauth_emulator.fault("status", f"{API}/shipment", times=3, headers=headers, **answer)
    orgauth_emulator.fault("status", f"{API}/shipment", times=0, status=403)

    with pytest.raises(errors.ApiForbiddenError):
        waits.run(**SHIPMENT, poke_interval=0, silent_fail=True)

    assert len(waits.seconds) == 3
    assert all(seconds >= 1 for seconds in waits.seconds)


def test_a_named_error_status_waits_as_an_error_does(finishing, orgauth_emulator):
    headers = {"RateLimit-Reset": "900", "RateLimit-Remaining": "0"}
    orgauth_emulator.fault("status", f"{API}/shipment", status=503, times=1)
    orgauth_emulator.fault("status", f"{API}/shipment", status=429, times=1, headers=headers)

    finishing.run(**SHIPMENT, poke_interval=0, waiting_statuses=[503, 429])

    assert finishing.seconds[0] >= 1
    assert finishing.seconds[1] >= 900


def test_a_thousand_looks_do_not_overflow_the_backoff():
    sensor = OrgApiSensor(task_id="t", **SHIPMENT, exponential_backoff=True, max_wait=60, timeout=10**6)
    assert 0 < sensor._get_next_poke_interval(datetime.datetime.now(datetime.UTC), lambda: 1.0, 3000) <= 60


def test_what_is_true_of_all_pages_is_no_page(waits):
    found = waits.run(endpoint=f"{API}/devices", until="totalElements > `100`", value="totalElements")

    assert found > 2000


def test_a_result_that_is_too_large_names_the_argument(waits):
    with pytest.raises(errors.ResultTooLargeError, match=r"Keep less with value,"):
        waits.run(endpoint=f"{API}/devices", params={"size": 9, "page": 0}, until="content", max_result_bytes=100)


def test_retry_after_of_an_error_lengthens_the_wait(finishing, orgauth_emulator):
    orgauth_emulator.fault("status", f"{API}/shipment", status=429, headers={"Retry-After": "900"})

    finishing.run(**SHIPMENT, poke_interval=5)

    assert 900 <= finishing.seconds[0] <= 990
    assert all(4 <= seconds <= 6 for seconds in finishing.seconds[1:])


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (("status", f"{API}/shipment", {"status": 401, "times": 0}), errors.ApiUnauthorizedError),
        (("status", f"{API}/shipment", {"status": 403}), errors.ApiForbiddenError),
        (("status", "/oauth2/token", {"status": 401, "times": 0}), errors.InvalidClientError),
        (
            ("status", f"{API}/shipment", {"status": 302, "headers": {"Location": "https://elsewhere.example/"}}),
            errors.ForeignOriginError,
        ),
    ],
    ids=["401", "403", "credentials", "redirect"],
)
def test_what_cannot_get_better_fails_at_once(finishing, orgauth_emulator, fault, error):
    kind, path, about = fault
    _forget_tokens()
    orgauth_emulator.fault(kind, path, **about)

    with pytest.raises(error) as caught:
        finishing.run(**SHIPMENT)

    assert isinstance(caught.value, AirflowFailException)
    assert finishing.seconds == []


def test_a_timeout_says_what_was_last_seen(waits, ship):
    ship()

    with pytest.raises(AirflowSensorTimeout, match=r'exceeds.* The last answer was: 200, status = "RUN"\.'):
        waits.run(**SHIPMENT, timeout=0)


def test_a_timeout_in_trouble_says_so(waits, ship, orgauth_emulator):
    ship()
    orgauth_emulator.fault("status", f"{API}/shipment", status=503)

    with pytest.raises(AirflowSensorTimeout, match=r"exceeds.* The last look brought an error: .*503"):
        waits.run(**SHIPMENT, timeout=0)


def test_soft_fail_skips_after_a_timeout(waits, ship):
    ship()

    with pytest.raises(AirflowSkipException, match=r'timed out.*The last answer was: 200, status = "RUN"'):
        waits.run(**SHIPMENT, timeout=0, soft_fail=True)


def test_soft_fail_skips_what_has_failed(waits, ship):
    ship({"status": "CANCEL", "polls": 1})

    with pytest.raises(AirflowSkipException, match=r"soft_fail.*What is waited for has failed"):
        waits.run(**SHIPMENT, fail_if="status == 'CANCEL'", soft_fail=True)


def test_never_fail_skips_any_error(waits):
    with pytest.raises(AirflowSkipException, match=r"never_fail.*404"):
        waits.run(**SHIPMENT, never_fail=True)


@pytest.mark.parametrize("exponential_backoff", [False, True])
def test_the_last_look_is_at_the_timeout(finishing, orgauth_emulator, exponential_backoff):
    if finishing.mode == "deferrable":  # its clock moves with the wait: it is over after that look
        orgauth_emulator.script_shipments({"status": "FINISH", "polls": 2}, shipment_id=1)
    finishing.run(**SHIPMENT, poke_interval=600, timeout=100, exponential_backoff=exponential_backoff)

    # In reschedule mode, Airflow's backoff goes by the time that has passed: no time has, here.
    least = 1 if exponential_backoff and finishing.mode == "reschedule" else 95
    assert all(least <= seconds <= 100 for seconds in finishing.seconds)


@pytest.mark.parametrize(
    ("mode", "poke_interval", "seconds"), [("poke", 600, 0.5), ("reschedule", 600, 5), ("reschedule", 2, 2)]
)
def test_the_last_look_of_a_rescheduled_task_leaves_airflow_time(mode, poke_interval, seconds):
    sensor = OrgApiSensor(task_id="t", **SHIPMENT, mode=mode, poke_interval=poke_interval, timeout=100)
    now = datetime.datetime.now(datetime.UTC)

    assert sensor._get_next_poke_interval(now, lambda: 99.5, 1) == pytest.approx(seconds, rel=0.11)


def test_backoff_and_its_longest_wait_are_airflows(finishing, orgauth_emulator):
    orgauth_emulator.script_shipments({"status": "FINISH", "polls": 9}, shipment_id=1)

    finishing.run(**SHIPMENT, poke_interval=10, exponential_backoff=True, max_wait=45)

    assert max(finishing.seconds) <= 45
    if finishing.mode == "poke":
        assert min(finishing.seconds[3:]) >= 40 * 0.9  # with the jitter
        assert finishing.seconds[0] < 20


def test_the_log_has_a_line_for_each_change_and_none_for_each_look(waits, ship, caplog, orgauth_emulator):
    ship({"status": "PAUSE", "polls": 4}, {"status": "FINISH", "polls": 4})
    orgauth_emulator.fault("status", f"{API}/shipment", status=503, times=3, skip=2)
    caplog.set_level(logging.INFO)

    waits.run(**SHIPMENT)

    lines = [record.message for record in caplog.records if "next look" in record.message]
    if waits.mode != "reschedule":
        # The worker that has deferred is not the triggerer: the one's last line is the other's first.
        lines = lines[1:] if waits.mode == "deferrable" else lines
        assert [line.partition(".")[0] for line in lines if "503" not in line] == [
            'Not yet: 200, status = "RUN"',
            'Not yet: 200, status = "RUN"',
            'Not yet: 200, status = "PAUSE"',
        ]
        assert sum("503" in line and "The wait goes on" in line for line in lines) == 1
    else:  # each look is a process of its own, which knows of none before
        assert len(lines) == len(waits.seconds)


def test_no_secret_is_logged(waits, caplog, orgauth_emulator):
    caplog.set_level(logging.DEBUG)
    orgauth_emulator.fault("status", f"{API}/devices", status=503, times=2)

    waits.run(endpoint=f"{API}/devices", params={"size": 1, "page": 0}, until="content[0].token")
    with pytest.raises(AirflowSensorTimeout) as caught:
        waits.run(
            endpoint=f"{API}/devices",
            params={"size": 1, "page": 0},
            until="content[0].token == 'x' && content == 'x'",
            timeout=0,
        )

    told = f"{caplog.text}{caught.value}"
    assert 'content[0].token = "***"' in told
    devices = orgauth_emulator._core.organization.devices.values()
    secrets = [orgauth_emulator.client_secret, *(device["token"] for device in devices)]
    assert [secret for secret in secrets if secret in told] == []


def test_killed_while_it_looks(orgauth_emulator, monkeypatch):
    orgauth_emulator.set_connection(monkeypatch, cache="memory")
    orgauth_emulator.fault("status", f"{API}/shipment", status=503, times=0)
    sensor = OrgApiSensor(task_id="t", **SHIPMENT)
    assert sensor.poke({}) is False
    sensor.on_kill()

    for _ in range(1000):  # another thread ends it
        try:
            sensor.poke({})
        except errors.TaskStoppedError:
            return
    pytest.fail("it still looks")


def test_killed_between_two_looks_it_does_not_look_again(orgauth_emulator, monkeypatch, ship):
    orgauth_emulator.set_connection(monkeypatch, cache="memory")
    ship({"status": "RUN"})
    sensor = OrgApiSensor(task_id="t", **SHIPMENT)
    assert sensor.poke({}) is False
    sensor.on_kill()
    for _ in range(1000):
        if sensor._looks.hook.is_cancelled:  # another thread sets it
            break
        time.sleep(0.01)
    seen = len(looks_at(orgauth_emulator))

    with pytest.raises(errors.TaskStoppedError):
        sensor.poke({})
    assert len(looks_at(orgauth_emulator)) == seen
