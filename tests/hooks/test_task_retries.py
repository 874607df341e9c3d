"""What ``OrgAuthRetryPolicy`` decides about errors from the emulator, and about those of users that came of them."""

from __future__ import annotations

import copy
import inspect
import pickle
from datetime import timedelta
from importlib.util import find_spec

import pytest
from documented_examples import literal_blocks

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth import retry_policy as module
from airflow_provider_orgauth.answers.errors_while_waiting import may_pass
from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.retry_policy import OrgAuthRetryPolicy, retry_policy_where_supported

PROFILE = "/api/v1/organization/profile"
TOKEN = "/oauth2/token"
CLASSES = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, errors.OrgAuthError)]

HAS_RETRY_POLICIES = (
    find_spec("airflow.sdk") is not None and find_spec("airflow.sdk.definitions.retry_policy") is not None
)
on_3_3 = pytest.mark.skipif(not HAS_RETRY_POLICIES, reason="retry policies came with Airflow 3.3")
before_3_3 = pytest.mark.skipif(HAS_RETRY_POLICIES, reason="here, Airflow has retry policies")


def decided(error, try_number=1, **arguments):
    """Return what is done, after how many seconds at least and at most, and why."""
    made = [OrgAuthRetryPolicy(uniform=choose, **arguments).evaluate(error, try_number, 5) for choose in (min, max)]
    least, most = (one.retry_delay.total_seconds() if one.retry_delay else None for one in made)
    return made[0].action.value, least, most, made[0].reason


def an_error(kind, **about):
    return kind("endpoint", "is wrong") if kind is errors.ConfigurationError else kind("It failed.", **about)


@pytest.fixture
def error_of(make_hook, orgauth_emulator):
    """Return a function that gives the error of a call that meets a fault."""

    def find(kind, path=PROFILE, **fault):
        orgauth_emulator.fault(kind, path, **fault)
        with pytest.raises(errors.OrgAuthError) as caught:
            make_hook(max_attempts=1).run(PROFILE)
        return caught.value

    return find


@on_3_3
@pytest.mark.parametrize("status", [429, 403, 503, 500, 404])
def test_a_server_that_asks_to_wait_is_waited_for_and_never_less(error_of, status):
    error = error_of("status", status=status, headers={"Retry-After": "120"})

    action, least, most, reason = decided(error)

    assert (action, least, most) == ("retry", 120, pytest.approx(132))
    assert reason.startswith(f"{type(error).__name__} (status {status}): the next try is in 120 s.")
    assert reason.endswith("The server asks for 120 s.")


@on_3_3
def test_so_is_the_token_endpoint(error_of):
    assert decided(error_of("status", TOKEN, status=429, headers={"Retry-After": "4000"}))[:2] == ("retry", 4000)


@on_3_3
def test_an_absurd_wait_is_bounded_and_the_reason_says_so(error_of):
    error = error_of("status", status=429, headers={"Retry-After": "31000000"})

    assert decided(error)[:3] == ("retry", 86400, 86400)
    assert decided(error, max_wait=timedelta(minutes=5))[1:] == (
        300,
        300,
        "ApiRateLimitedError (status 429): the next try is in 300 s. "
        "The server asks for 8611.1 h, which is more than max_wait.",
    )


@on_3_3
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 503},
        {"kind": "status", "status": 429},
        {"kind": "status", "status": 429, "headers": {"Retry-After": "0"}},
        {"kind": "status", "status": 408},
        {"kind": "reset"},
        {"kind": "status", "path": TOKEN, "status": 503},
        {"kind": "reset", "path": TOKEN},
        {"kind": "raw", "path": TOKEN, "status": 200, "body": "<html>"},
    ],
    ids=lambda fault: " ".join(map(str, fault.values())),
)
def test_trouble_is_backed_off_from(error_of, fault):
    error = error_of(**fault)

    assert [decided(error, number)[:3] for number in (1, 2, 3, 4, 1000)] == [
        ("retry", 30, 60),
        ("retry", 60, 120),
        ("retry", 120, 240),
        ("retry", 240, 480),
        ("retry", 900, 1800),
    ]


@on_3_3
def test_the_times_are_the_users(error_of):
    error = error_of("status", status=500)
    times = {"backoff": timedelta(seconds=4), "max_backoff": timedelta(seconds=6)}

    assert [decided(error, number, **times)[1:3] for number in (1, 2)] == [(2, 4), (3, 6)]


@on_3_3
@pytest.mark.parametrize("fault", [{"kind": "status", "status": 403}, {"kind": "redirect"}], ids=["403", "redirect"])
def test_what_cannot_get_better_fails(error_of, fault):
    error = error_of(**fault)

    assert decided(error)[0] == "fail"
    assert decided(error)[3].startswith(type(error).__name__)


@on_3_3
def test_wrong_credentials_fail(hook, orgauth_emulator):
    orgauth_emulator.settings(client_secret="another")
    with pytest.raises(errors.InvalidClientError) as caught:
        hook.run(PROFILE)

    action, _, _, reason = decided(caught.value)

    assert (action, reason) == ("fail", "InvalidClientError (status 400): another try would meet the same.")


@on_3_3
def test_what_a_server_says_is_in_no_reason(error_of):
    body = '{"error": {"message": "no room for s3cr3t-of-mine"}}'
    error = error_of("status", status=503, body=body, headers={"Content-Type": "application/json"})

    assert "s3cr3t-of-mine" in str(error)
    assert "s3cr3t" not in decided(error)[3]


@on_3_3
@pytest.mark.parametrize("kind", CLASSES)
def test_each_class_is_one_of_three_kinds_as_for_a_sensor(hook, kind):
    error = an_error(kind)
    expected = "retry" if may_pass(error, hook) else "default"
    if issubclass(kind, errors.AirflowFailException):
        expected = "fail"

    assert decided(error)[0] == expected


@on_3_3
@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyboardInterrupt(), SystemExit(1), ExceptionGroup("g", [OSError()])]
)
def test_anything_else_is_left_to_airflow(error):
    assert decided(error) == ("default", None, None, None)


def raised(how):
    """Return an exception of a user's own that came up beside a 403."""
    try:
        try:
            raise errors.ApiForbiddenError("No.", status=403)
        except errors.OrgAuthError as error:
            how(error)
    except Exception as own:
        return own


def raise_from(error):
    raise LookupError("no such device") from error


def raise_from_twice(error):
    try:
        raise_from(error)
    except LookupError as first:
        raise RuntimeError("no report") from first


def raise_beside(error):
    raise LookupError("the database is away")


def raise_group(error):
    raise ExceptionGroup("two", [ValueError("x"), error])


@on_3_3
@pytest.mark.parametrize(
    ("how", "action"),
    [(raise_from, "fail"), (raise_from_twice, "fail"), (raise_group, "fail"), (raise_beside, "default")],
)
def test_an_error_is_found_where_an_exception_was_raised_from_it(how, action):
    assert decided(raised(how))[0] == action


@on_3_3
def test_of_several_errors_the_longest_wait_counts():
    slow, slower = (errors.ApiRateLimitedError("No.", retry_after=seconds) for seconds in (60, 90))

    assert decided(ExceptionGroup("two", [slow, slower, errors.ApiServerError("No.")]))[1] == 90


@on_3_3
def test_a_circle_of_causes_ends():
    one, other = ValueError("x"), KeyError("y")
    one.__cause__, other.__cause__ = other, one

    assert decided(one)[0] == "default"


@on_3_3
@pytest.mark.parametrize("name", ["backoff", "max_backoff", "max_wait"])
@pytest.mark.parametrize("value", [60, timedelta(0), None])
def test_what_is_no_time_is_refused_by_name(name, value):
    with pytest.raises(errors.ConfigurationError, match=f"^{name}: is no time to wait"):
        OrgAuthRetryPolicy(**{name: value})


@on_3_3
def test_a_task_with_it_can_be_copied_and_sent_to_a_worker():
    task = OrgApiOperator(task_id="t", endpoint="/x", **retry_policy_where_supported(backoff=timedelta(seconds=5)))

    for again in (copy.deepcopy(task).retry_policy, pickle.loads(pickle.dumps(task.retry_policy))):
        assert isinstance(again, OrgAuthRetryPolicy)
        assert again.evaluate(errors.ApiServerError("No."), 1, 5).retry_delay <= timedelta(seconds=5)


@pytest.mark.parametrize("example", literal_blocks(OrgAuthRetryPolicy, retry_policy_where_supported))
def test_the_documented_examples_are_tasks_on_every_airflow(example):
    names = {"OrgApiOperator": OrgApiOperator, "retry_policy_where_supported": retry_policy_where_supported}
    exec(example, names)


@before_3_3
def test_before_3_3_there_is_nothing_to_pass():
    assert retry_policy_where_supported(backoff=timedelta(seconds=5)) == {}


@before_3_3
def test_before_3_3_to_make_one_says_what_to_write_instead():
    with pytest.raises(errors.ConfigurationError, match=r"older than 3\.3.*retry_policy_where_supported\(\)"):
        OrgAuthRetryPolicy()


def test_the_contract_names_its_module():
    assert module.__name__ == "airflow_provider_orgauth.retry_policy"
