"""A process that learns many tokens: all are masked, and Airflow's masker is told of a few."""

import logging
import secrets
import sys
from urllib.parse import quote

import pytest

from airflow_provider_orgauth import compat
from airflow_provider_orgauth.compat import AirflowException
from airflow_provider_orgauth.hooks import masking, own_masking
from airflow_provider_orgauth.hooks.known_secrets import KnownSecrets
from airflow_provider_orgauth.oauth.redacted_names import CREDENTIAL_NAMES
from airflow_provider_orgauth.oauth.token import Token

LENGTH = 1200


def new_tokens(number, length=LENGTH):
    return [secrets.token_urlsafe(length)[:length] for _ in range(number)]


@pytest.fixture
def masker(monkeypatch):
    """A masker of Airflow's as a new process has it: told of nothing."""
    airflows = type(compat.secrets_masker())
    airflows = airflows.__mro__[1] if getattr(airflows, "masks_own_secrets", False) else airflows
    new = airflows()
    new.sensitive_variables_fields = ["token", "secret"]
    # Where masking in logs is switched on: in Airflow 3, and in Airflow 2.
    if hasattr(airflows, "mask_secrets_in_logs"):
        monkeypatch.setattr(airflows, "mask_secrets_in_logs", True)
    else:
        monkeypatch.setattr("airflow.settings.MASK_SECRETS_IN_LOGS", True)
    monkeypatch.setattr(compat, "secrets_masker", lambda: new)
    monkeypatch.setattr(masking, "mask_secret", lambda secret, name=None: new.add_mask(secret, name))
    monkeypatch.setattr(masking, "TOLD", set())
    monkeypatch.setattr(masking, "WARNED", set())
    monkeypatch.setattr(own_masking, "KNOWN", KnownSecrets())
    return new


def learn(token, refresh_token=None):
    masking.mask_token(Token(token, 0.0, 300.0, refresh_token))


def filtered(masker, message, *args):
    """Return what a log shows after Airflow's filter."""
    record = logging.getLogger("a.task").makeRecord("a.task", logging.INFO, __file__, 1, message, args, None)
    assert masker.filter(record)
    return record.getMessage()


def test_a_thousand_tokens_are_masked_and_airflow_is_told_of_a_few(masker):
    tokens = new_tokens(1000)
    for token in tokens:
        learn(token, f"refresh-{token}")

    assert len(masker.patterns) <= masking.MAX_TOLD_SPELLINGS
    assert sum(map(len, masker.patterns)) < 2 * masking.MAX_TOLD_CHARACTERS
    assert masker.redact(" ".join(tokens)) == " ".join(["***"] * 1000)
    assert filtered(masker, "%s and %s", tokens[999], {"a": f"refresh-{tokens[500]}"}) == "*** and {'a': '***'}"
    error = ValueError(f"in {tokens[700]}")
    failure = (ValueError, error, None)
    assert masker.filter(logging.getLogger("a.task").makeRecord("a.task", logging.ERROR, "", 1, "", (), failure))
    assert str(error) == "in ***"


def test_a_process_with_few_tokens_has_airflows_masker_as_it_is(masker):
    before = type(masker)
    for token in new_tokens(4):
        learn(token, f"refresh-{token}")

    assert type(masker) is before
    assert len(masker.patterns) == 8


@pytest.mark.parametrize(
    "text", ["({})", '{{"a": "{}"}}', "https://a/?t={}&u=1", "'{}'", "%3D{}%26", "Bearer {}", "xyz{}xyz"]
)
@pytest.mark.parametrize("special", ["", "+/=", " %&", "\"'\\"])
def test_a_late_token_is_masked_wherever_it_stands(masker, text, special):
    for token in new_tokens(20):
        learn(token)
    late = f"{new_tokens(1)[0]}{special}{new_tokens(1, 40)[0]}"
    learn(late)

    for spelling in {late, quote(late, safe=""), quote(late)}:
        assert masker.redact(text.format(spelling)) == text.format("***")


def test_short_tokens_too(masker):
    tokens = new_tokens(300, 8)
    for token in tokens:
        learn(token)

    assert masker.redact(" ".join(tokens)) == " ".join(["***"] * 300)
    assert len(masker.patterns) <= masking.MAX_TOLD_SPELLINGS
    learn("abcd")  # too short to be masked
    assert masker.redact("abcd") == "abcd"


def test_what_others_tell_airflow_later_is_masked_too(masker):
    tokens = new_tokens(20)
    for token in tokens:
        learn(token)
    masker.add_mask("a password of a database")
    masker.add_mask(f"{tokens[19][-20:]}/and-more")  # the end of one is the beginning of the other

    assert masker.redact(f"a password of a database, {tokens[19]}") == "***, ***"
    assert masker.redact(f"a {tokens[19]}/and-more b") == "a *** b"
    masker.replacer = None
    assert masker.redact(f"a password of a database, {tokens[19]}") == "a password of a database, ***"


def test_where_airflows_masker_is_another_one_it_is_told_of_all(masker, monkeypatch):
    """It has a pattern, but does not ask it."""

    class Another(type(masker)):
        def _redact(self, item, *args, **kwargs):
            return item

    masker.__class__ = before = Another
    for token in new_tokens(20):
        learn(token)

    assert type(masker) is before
    assert len(masker.patterns) == 20


def test_where_airflow_has_no_masker_work_goes_on_with_one_warning(masker, monkeypatch, caplog):
    def none():
        raise AirflowException("Logging Configuration Error! No SecretsMasker found!")

    monkeypatch.setattr(compat, "secrets_masker", none)
    monkeypatch.setattr(masking, "mask_secret", lambda *_: none())
    masking.mask_headers({"X-Token": "a value"})
    for token in new_tokens(20):
        learn(token)

    (record,) = [one for one in caplog.records if one.name == masking.__name__]
    assert "may be seen in logs" in record.getMessage()


@pytest.mark.skipif("re2" not in sys.modules, reason="only Airflow 2 compiles its pattern with google-re2")
def test_a_pattern_that_is_too_large_fails_no_call_and_leaves_no_token_unmasked(masker):
    masker.add_mask("a secret of somebody else")
    masker.patterns.add("x" * 4_000_000)
    first, second = new_tokens(2)
    learn(first)
    learn(second)
    masking.mask_headers({"X-Token": "the value of a header"})

    assert masker.redact(f"{first}, {second}, the value of a header") == "***, ***, ***"
    assert len(masker.patterns) == 2  # what failed is no burden to those who come later
    masker.patterns.discard("x" * 4_000_000)
    masker.add_mask("another secret")
    assert masker.redact(f"another secret, a secret of somebody else, {first}") == "***, ***, ***"


def test_an_adapter_of_secrets_is_asked_for_late_tokens_too(masker, monkeypatch):
    """``[logging] secret_mask_adapter``."""
    name = "secret_mask_adapter" if hasattr(masker, "secret_mask_adapter") else "_mask_adapter"
    masker.__dict__[name] = lambda secret: secret.upper()
    tokens = new_tokens(20)
    for token in tokens:
        learn(token)

    assert masker.redact(tokens[19].upper()) == "***"


@pytest.mark.parametrize(
    "name", [*sorted(CREDENTIAL_NAMES), "X-Api-Key", "Cookie", "X-Vault-Token", "a-secret-of-ours"]
)
def test_a_header_that_carries_a_credential_is_masked_by_its_name(masker, name):
    masking.mask_headers({"X-Team": "the data team", name: "a v4lue of it"})

    assert masker.redact("the data team has a v4lue of it") == "the data team has ***"
