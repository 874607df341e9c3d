"""A lease in trouble costs one warning, and only where the token's own store is well."""

from __future__ import annotations

import pytest
from listed_texts import SEAL, TOKEN, Texts

from airflow_provider_orgauth.cache.shared_lease import SharedLease
from airflow_provider_orgauth.cache.shared_store import SharedStore
from airflow_provider_orgauth.oauth.steps import Lease

TOLD = "Hosts cannot agree through l on which of them renews the token: "


@pytest.fixture
def texts():
    return Texts("l")


@pytest.fixture
def lease(texts):
    return SharedLease(texts)


def test_what_was_written_is_read(lease):
    assert lease.read() == Lease()
    assert lease.write(Lease(holder="abc"))
    assert lease.read() == Lease(holder="abc")


@pytest.fixture
def save(lease):
    """Return a function that saves a token beside the lease."""
    return lambda **about: SharedStore(Texts("t", **about), SEAL, lease).save(TOKEN)


def test_trouble_is_told_once_and_without_its_text(lease, texts, save, caplog):
    texts.failure = OSError("secret")
    for _ in range(2):
        assert lease.read() is None
        assert not lease.write(Lease(holder="abc"))
        save()

    assert len(caplog.records) == 1
    assert TOLD + "it cannot be read (OSError)" in caplog.text
    assert "secret" not in caplog.text


def test_where_the_token_is_not_shared_either_only_that_is_told(lease, texts, save, caplog):
    texts.failure = OSError()
    lease.read()
    save(failure=OSError())

    [record] = caplog.records
    assert record.getMessage().startswith("The token is not shared through t: it cannot be read")


@pytest.mark.parametrize("stays", [True, False])
def test_a_write_that_fails_is_told_unless_somebody_else_wrote_in_that_instant(lease, texts, save, caplog, stays):
    texts.texts = ["renewed:00"]
    lease.read()
    texts.failure = OSError()
    lease.write(Lease(holder="abc"))
    texts.failure, texts.texts = None, ["renewed:00" if stays else "renewing:def"]
    lease.read()
    save()

    assert (TOLD + "it cannot be written (OSError)" in caplog.text) == stays


def test_one_that_is_hidden_is_told(lease, texts, save, caplog):
    texts.texts = ["renewed:00"]
    texts.write = lambda text: None
    assert lease.read() == Lease(renewed="00")
    for _ in range(2):
        assert lease.write(Lease(holder="abc"))
        save()
        assert caplog.text == ""
        assert lease.read() == Lease(renewed="00")
    save()
    assert TOLD + "what is written there does not stay" in caplog.text


def test_one_that_an_old_text_was_written_over_once_is_no_trouble(lease, texts, save, caplog):
    for _ in range(3):
        texts.texts = ["renewed:00"]
        lease.read()
        lease.write(Lease(holder="abc"))
        texts.texts = ["renewed:00"]  # a write of before lands again
        lease.read()
        lease.write(Lease(holder="def"))
        assert lease.read() == Lease(holder="def")
        save()

    assert caplog.text == ""
