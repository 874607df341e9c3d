"""Token answers that are not as RFC 6749 has them: taken where there is no doubt, or refused for what they are."""

import json
import sys
from pathlib import Path

import pytest

from airflow_provider_orgauth import exceptions as errors

sys.path.insert(0, str(Path(__file__).parent))
from hostile_server import hostile_server, http

GOOD = {"access_token": "acc3ss-t0k3n", "expires_in": 1000}


@pytest.fixture
def hook_for(hook_on):
    """Return a function that makes a hook on a server with this token answer."""
    running = []

    def make(answer):
        context = hostile_server(token=lambda peer: peer.send(http(json.dumps(answer).encode())))
        server = context.__enter__()
        running.append(context)
        return hook_on(server)

    yield make
    for context in running:
        context.__exit__(None, None, None)


@pytest.mark.parametrize(
    "answer",
    [
        {**GOOD, "token_type": "BearerToken"},
        {**GOOD, "token_type": "Application Access Token"},
        {**GOOD, "token_type": "access token"},
        {**GOOD, "token_type": "user"},
        GOOD,
        {"accessToken": "acc3ss-t0k3n", "expiresIn": "1000", "tokenType": "bearer"},
        {"data": {**GOOD, "token_type": "Bearer"}},
        {"code": 0, "result": {"accessToken": "acc3ss-t0k3n", "expiresIn": 1000}},
        {"token": GOOD},
        {"access_token": None, "expires_in": None, "accessToken": "acc3ss-t0k3n", "expiresIn": 1000},
    ],
    ids=json.dumps,
)
def test_a_bearer_token_in_a_servers_own_words(hook_for, answer):
    hook = hook_for(answer)

    assert hook.get_access_token() == "acc3ss-t0k3n"
    assert "a token for 1000 s" in hook.test_connection()[1]


@pytest.mark.parametrize(
    ("answer", "says", "advice"),
    [
        ({**GOOD, "token_type": "DPoP"}, "token_type 'DPoP' wants a proof of possession", "issue bearer tokens"),
        ({**GOOD, "token_type": "DPoPAccessToken"}, "'DPoPAccessToken' wants a proof of possession", "bearer tokens"),
        ({**GOOD, "token_type": None, "tokenType": "DPoP"}, "'DPoP' wants a proof of possession", "bearer tokens"),
        ({**GOOD, "token_type": "mac"}, "token_type 'mac' wants a proof of possession", "issue bearer tokens"),
        ({**GOOD, "token_type": "N_A"}, "token_type 'N_A' is that of no access token", "issue bearer tokens"),
        ({"token": "acc3ss-t0k3n"}, "has no access_token, only token", "speaks JSON, but this is no token answer"),
        (
            {"a": GOOD, "b": {"access_token": "an0ther-t0k3n"}},
            "has several access tokens",
            "one access_token at the top",
        ),
    ],
    ids=json.dumps,
)
def test_what_is_refused_is_refused_for_what_it_is(hook_for, answer, says, advice):
    hook = hook_for(answer)
    with pytest.raises(errors.TokenResponseError) as caught:
        hook.get_access_token()

    assert says in str(caught.value)
    assert advice in caught.value.advice
    for wrong in ("t0k3n", "proxy", "login page", "Server address"):
        assert wrong not in str(caught.value)
