"""A lease in trouble costs one warning, and only where the token's own store is well."""

from __future__ import annotations

import pytest
from test_forgiving import SEAL, TOKEN, Texts

from airflow_provider_orgauth.cache.forgiving import ForgivingStore
from airflow_provider_orgauth.cache.forgiving_lease import ForgivingLease
from airflow_provider_orgauth.oauth.steps import Lease

TOLD = "Hosts cannot agree through l on which of them renews the token: "


@pytest.fixture
def texts():
    return Texts("l")


@pytest.fixture
def lease(texts):
    return ForgivingLease(texts, beside="t")


def test_what_was_written_is_read(lease):
    assert lease.read() == Lease()
    assert lease.write(Lease(holder="abc"))
    assert lease.read() == Lease(holder="abc")


def test_trouble_is_said_once_without_its_text(lease, texts, caplog):
    texts.failure = OSError("secret")
    for _ in range(2):
        assert lease.read() is None
        assert not lease.write(Lease(holder="abc"))

    assert len(caplog.records) == 1
    assert TOLD + "it cannot be read (OSError)" in caplog.text
    assert "secret" not in caplog.text


def test_trouble_that_the_token_has_too_is_said_once(lease, texts, caplog):
    texts.failure = OSError()
    store = ForgivingStore(Texts("t", failure=OSError()), SEAL, lease)
    store.load()
    lease.read()
    lease.write(Lease())
    store.save(TOKEN)

    assert len(caplog.records) == 1


@pytest.mark.parametrize("stays", [True, False])
def test_a_write_that_fails_is_told_unless_somebody_else_wrote_in_that_instant(lease, texts, caplog, stays):
    texts.texts = ["renewed:00"]
    lease.read()
    texts.failure = OSError()
    lease.write(Lease(holder="abc"))
    texts.failure, texts.texts = None, ["renewed:00" if stays else "renewing:def"]
    lease.read()

    assert (TOLD + "it cannot be written (OSError)" in caplog.text) == stays


def test_one_that_is_hidden_is_told(lease, texts, caplog):
    texts.texts = ["renewed:00"]
    texts.write = lambda text: None
    assert lease.read() == Lease(renewed="00")
    assert lease.write(Lease(holder="abc"))
    assert caplog.text == ""

    assert lease.read() == Lease(renewed="00")
    assert TOLD + "what is written there does not stay" in caplog.text
