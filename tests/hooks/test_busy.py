"""Servers that are busy in words of their own: what is repeated, how long is waited, and what the error says."""

import pytest

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.paging import PageNumberPagination

API = "/api/v1/organization"
PROFILE = f"{API}/profile"
DEVICES = f"{API}/devices"
CREATE = f"{API}/device/create"
TOKEN = "/oauth2/token"
DEVICE = {"templateId": 353, "name": "new one", "ownerId": 879, "orgId": 578}
KIN = [408, 502, 503, 504, 520, 521, 522, 523, 524, 529, 530]
ONE_BY_ONE_OR_TOGETHER = pytest.mark.parametrize("max_concurrency", [1, 8])


def in_30_s(clockwork):
    return int(clockwork.clock()) + 30


SHORTEST = 28.0
"""Seconds of the 30 that are left: a time in whole seconds leaves out up to one, and the answer takes a while."""

LIMITS = {
    "Retry-After": lambda clockwork: {"Retry-After": "30"},
    "epoch seconds": lambda clockwork: {
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(in_30_s(clockwork)),
    },
    "epoch milliseconds": lambda clockwork: {
        "X-Rate-Limit-Remaining-Minute": "0",
        "X-Rate-Limit-Reset-Minute": f"{in_30_s(clockwork)}000",
    },
    "seconds": lambda clockwork: {"RateLimit-Remaining": "0", "RateLimit-Reset": "30"},
    "a duration": lambda clockwork: {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "30s",
    },
    "a server's and its gateway's": lambda clockwork: {
        "X-RateLimit-Remaining": "7, 0",
        "X-RateLimit-Reset": "3000, 30",
    },
    "the draft's older form": lambda clockwork: {"RateLimit": "limit=100, remaining=0, reset=30"},
    "the draft's newer form": lambda clockwork: {"RateLimit": '"default";r=0;t=30'},
}


@pytest.mark.parametrize("status", KIN)
def test_what_is_repeated_where_it_does_no_harm(hook, orgauth_emulator, clockwork, status):
    hook.get_access_token()
    orgauth_emulator.fault("status", PROFILE, status=status, times=2)
    hook.run(PROFILE)
    assert len(clockwork.slept) == 2

    orgauth_emulator.fault("status", CREATE, status=status)
    with pytest.raises(errors.ApiError, match=f"answered {status}"):
        hook.run(CREATE, method="POST", json=DEVICE)
    assert len(clockwork.slept) == 2


@pytest.mark.parametrize("status", [425, 429])
def test_what_is_repeated_always(hook, orgauth_emulator, clockwork, status):
    orgauth_emulator.fault("status", CREATE, status=status)

    assert hook.run(CREATE, method="POST", json=DEVICE).status_code == 201
    assert len(clockwork.slept) == 1


def test_statuses_that_the_connection_adds_are_repeated_where_it_does_no_harm(make_hook, orgauth_emulator, clockwork):
    hook = make_hook(retry_statuses="500, 507")
    orgauth_emulator.fault("status", PROFILE, status=500, times=2)
    orgauth_emulator.fault("status", PROFILE, status=507)
    hook.run(PROFILE)
    assert len(clockwork.slept) == 3

    orgauth_emulator.fault("status", CREATE, status=500)
    with pytest.raises(errors.ApiServerError):
        hook.run(CREATE, method="POST", json=DEVICE)
    orgauth_emulator.fault("status", CREATE, status=500)
    hook.run(CREATE, method="POST", json=DEVICE, headers={"Idempotency-Key": "k"})
    assert len(clockwork.slept) == 4


@ONE_BY_ONE_OR_TOGETHER
@pytest.mark.parametrize("status", [408, 500, 520])
def test_a_walk_goes_on_after_them(make_hook, orgauth_emulator, clockwork, status, max_concurrency, caplog):
    hook = make_hook(retry_statuses=[500])
    orgauth_emulator.fault("status", DEVICES, status=status, skip=3, times=2)
    devices = hook.paginate(DEVICES, pagination=PageNumberPagination(size=100), max_concurrency=max_concurrency)

    assert [device["id"] for device in devices] == list(range(1, 2501))
    assert "a pause of" in caplog.text
    assert f"({status})" in caplog.text


@pytest.mark.parametrize("status", [403, 429, 503])
@pytest.mark.parametrize("limit", LIMITS)
def test_a_rate_limit_is_waited_for(hook, orgauth_emulator, clockwork, limit, status):
    hook.get_access_token()
    orgauth_emulator.fault("status", PROFILE, status=status, headers=LIMITS[limit](clockwork))
    hook.run(PROFILE)

    assert len(clockwork.slept) == 1
    assert SHORTEST <= clockwork.slept[0] <= 31


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize("limit", LIMITS)
@ONE_BY_ONE_OR_TOGETHER
def test_a_walk_waits_for_it_and_fails_never(hook, orgauth_emulator, clockwork, limit, status, max_concurrency):
    hook.get_access_token()
    orgauth_emulator.fault("status", DEVICES, status=status, headers=LIMITS[limit](clockwork), skip=3)
    devices = hook.paginate(DEVICES, pagination=PageNumberPagination(size=100), max_concurrency=max_concurrency)

    assert [device["id"] for device in devices] == list(range(1, 2501))
    assert SHORTEST <= max(clockwork.slept) <= 31


def test_a_post_that_met_a_403_for_a_rate_limit_did_nothing_and_is_sent_again(hook, orgauth_emulator, clockwork):
    orgauth_emulator.fault("status", CREATE, status=403, headers={"X-RateLimit-Remaining": "0"})

    assert hook.run(CREATE, method="POST", json=DEVICE).status_code == 201
    assert len(clockwork.slept) == 1


@pytest.mark.parametrize(
    "headers", [{}, {"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": "30"}, {"X-RateLimit-Reset": "30"}], ids=str
)
def test_a_403_that_names_no_limit_is_final(hook, orgauth_emulator, clockwork, headers):
    orgauth_emulator.fault("status", PROFILE, status=403, headers=headers)

    with pytest.raises(errors.ApiForbiddenError):
        hook.run(PROFILE)
    assert clockwork.slept == []


@pytest.mark.parametrize("path", [PROFILE, TOKEN])
def test_a_limit_of_which_something_remains_makes_nobody_wait_for_its_end(hook, orgauth_emulator, clockwork, path):
    limit = {"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": "30"}
    orgauth_emulator.fault("status", path, status=503, headers=limit)
    hook.run(PROFILE)

    assert len(clockwork.slept) == 1
    assert clockwork.slept[0] <= 0.5


def test_a_success_that_used_up_the_limit_is_a_success(hook, orgauth_emulator, clockwork):
    body = '{"content": [], "totalElements": 0}'
    limit = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "3000", "Retry-After": "3000"}
    orgauth_emulator.fault("status", DEVICES, status=200, body=body, headers=limit, times=2)

    assert hook.run(DEVICES).status_code == 200
    assert list(hook.paginate(DEVICES, pagination=PageNumberPagination())) == []
    assert clockwork.slept == []


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_longer_wait_is_not_waited_for_and_the_error_says_until_when(hook, orgauth_emulator, clockwork, status):
    orgauth_emulator.fault("status", PROFILE, status=status, headers={"Retry-After": "3600"}, times=9)

    with pytest.raises(errors.ApiError, match=r"It asks to wait until 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC\.") as caught:
        hook.run(PROFILE)
    assert caught.value.retry_after == 3600
    assert isinstance(caught.value, errors.ApiServerError if status == 503 else errors.ApiRateLimitedError)
    assert clockwork.slept == []
    assert orgauth_emulator.stats()["faults"] == {"status": 1}


def test_a_status_that_the_connection_adds_says_until_when_as_well(make_hook, orgauth_emulator, clockwork):
    hook = make_hook(retry_statuses=[423])
    orgauth_emulator.fault("status", PROFILE, status=423, headers={"Retry-After": "3600"})

    with pytest.raises(errors.ApiError, match="asks to wait until") as caught:
        hook.run(PROFILE)
    assert (caught.value.retry_after, clockwork.slept) == (3600, [])


def test_what_is_not_repeated_says_nothing_of_a_wait(hook, orgauth_emulator):
    orgauth_emulator.fault("status", PROFILE, status=404, headers={"X-RateLimit-Reset": "3600"})

    with pytest.raises(errors.ApiError) as caught:
        hook.run(PROFILE)
    assert caught.value.retry_after is None
    assert "wait" not in str(caught.value)


def test_after_all_attempts_the_error_says_until_when(hook, orgauth_emulator):
    orgauth_emulator.fault("status", PROFILE, status=403, headers={"Retry-After": "30"}, times=9)

    with pytest.raises(errors.ApiRateLimitedError, match="asks to wait until") as caught:
        hook.run(PROFILE)
    assert (caught.value.status, caught.value.retry_after) == (403, 30)


@ONE_BY_ONE_OR_TOGETHER
def test_a_walk_waits_longer_than_a_request_but_not_for_an_hour(hook, orgauth_emulator, clockwork, max_concurrency):
    hook.get_access_token()
    orgauth_emulator.fault("status", DEVICES, status=429, headers={"Retry-After": "200"}, skip=3)
    pages = hook.paginate(DEVICES, pagination=PageNumberPagination(size=100), max_concurrency=max_concurrency)
    assert len(list(pages)) == 2500
    assert 200 <= sum(clockwork.slept) <= 203

    clockwork.slept.clear()
    orgauth_emulator.fault("status", DEVICES, status=429, headers={"Retry-After": "3600"}, times=10_000)
    with pytest.raises(errors.ApiRateLimitedError, match="asks to wait until") as caught:
        list(pages)
    assert caught.value.retry_after == 3600
    assert clockwork.slept == []


@pytest.mark.parametrize("status", [403, 429, 503])
@pytest.mark.parametrize("limit", LIMITS)
def test_the_token_endpoints_limit_is_waited_for(hook, orgauth_emulator, clockwork, limit, status):
    orgauth_emulator.fault("status", TOKEN, status=status, headers=LIMITS[limit](clockwork))

    assert hook.get_access_token()
    assert len(clockwork.slept) == 1
    assert SHORTEST <= clockwork.slept[0] <= 31


@pytest.mark.parametrize("status", [403, 429, 503])
def test_where_the_token_endpoint_asks_for_longer_the_error_says_until_when(hook, orgauth_emulator, clockwork, status):
    orgauth_emulator.fault("status", TOKEN, status=status, headers={"Retry-After": "3600"}, times=9)

    with pytest.raises(errors.TokenUnavailableError, match="asks to wait until") as caught:
        hook.get_access_token()
    assert caught.value.retry_after == 3600
    assert clockwork.slept == []
    assert "asks to wait until" in hook.test_connection()[1]


@pytest.mark.parametrize("status", [408, 425, 520, 529])
def test_a_token_endpoint_that_is_busy_in_other_words_is_asked_again(hook, orgauth_emulator, clockwork, status):
    orgauth_emulator.fault("status", TOKEN, status=status)

    assert hook.get_access_token()
    assert len(clockwork.slept) == 1


def test_statuses_that_the_connection_adds_hold_for_tokens_but_not_for_wrong_credentials(
    make_hook, orgauth_emulator, clockwork
):
    hook = make_hook(retry_statuses=[400, 500])
    orgauth_emulator.fault("status", TOKEN, status=500)
    assert hook.get_access_token()
    assert len(clockwork.slept) == 1

    body = '{"error": "invalid_client"}'
    orgauth_emulator.fault("status", TOKEN, status=400, body=body, times=9)
    assert not hook.test_connection()[0]
    other = make_hook(retry_statuses=[400, 500], scope="other")
    with pytest.raises(errors.InvalidClientError):
        other.get_access_token()
    assert len(clockwork.slept) == 1


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (405, "method"),
        (408, "in time"),
        (409, "contradicts"),
        (410, "gone for good"),
        (412, "If-Match"),
        (413, "less in one request"),
        (415, "Content-Type"),
        (422, "check its fields"),
        (423, "locked"),
        (425, "repeat"),
        (428, "If-Match"),
        (431, "headers are too large"),
        (451, "legal reasons"),
        (500, "'Further statuses to retry'"),
        (501, "method"),
        (503, "overloaded or down"),
        (511, "log-in"),
        (521, "in front of the server"),
        (526, "certificate"),
        (530, "in front of the server"),
        (599, "overloaded or down"),
        (418, "parameters and body"),
    ],
)
def test_the_advice_fits_the_status(make_hook, orgauth_emulator, status, advice):
    orgauth_emulator.fault("status", PROFILE, status=status)

    with pytest.raises(errors.ApiError) as caught:
        make_hook(max_attempts=1).run(PROFILE)
    assert advice in caught.value.advice
    assert ("parameters and body" in caught.value.advice) == (status in (418, 500))


def test_who_has_500_repeated_is_not_told_to(make_hook, orgauth_emulator):
    orgauth_emulator.fault("status", PROFILE, status=500)

    with pytest.raises(errors.ApiServerError, match="check parameters and body") as caught:
        make_hook(max_attempts=1, retry_statuses=[500]).run(PROFILE)
    assert "statuses to retry" not in str(caught.value)
