"""The link to what is polled: pushed before the first look, and never with a credential."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from airflow_provider_orgauth.compat import mask_secret
from airflow_provider_orgauth.exceptions import OrgAuthError
from airflow_provider_orgauth.operators.polled_link import XCOM_KEY, push_polled_link, shown
from airflow_provider_orgauth.sensors.org_api import OrgApiSensor

API = "/api/v1/organization"
S = "s3cr3t-part-of-it"


class Pushed:
    """A task instance that keeps what is pushed, and when: before so many requests came."""

    def __init__(self, emulator=None, error=None):
        self.rows = []
        self._emulator = emulator
        self._error = error

    def xcom_push(self, key, value):
        if self._error:
            raise self._error
        self.rows.append((key, value, len(self._emulator.requests()) if self._emulator else 0))


def look(ti, **arguments):
    sensor = OrgApiSensor(task_id="t", until="status", timeout=0, **arguments)
    return sensor.poke({"ti": ti})


@pytest.mark.parametrize(
    ("endpoint", "params", "shown_path"),
    [
        (f"{API}/shipment", {"shipmentId": 1}, f"{API}/shipment?shipmentId=1"),
        (f"{API}/shipment", None, f"{API}/shipment"),
        (f"{API}/shipment?a=1", {"b": [True, "x y"]}, f"{API}/shipment?a=1&b=true&b=x+y"),
        ("api/gerät", "a=1", "/api/ger%C3%A4t?a=1"),
        (f"{API}/shipment", {"token": S, "shipmentId": 1}, f"{API}/shipment"),
    ],
)
def test_it_is_pushed_before_the_first_look(orgauth_emulator, monkeypatch, endpoint, params, shown_path):
    orgauth_emulator.set_connection(monkeypatch, cache="memory")
    ti = Pushed(orgauth_emulator)
    arguments = {} if params is None else {"params": params}

    look(ti, endpoint=endpoint, waiting_statuses={400, 404}, **arguments)

    assert ti.rows == [(XCOM_KEY, f"{orgauth_emulator.url}{shown_path}", 0)]


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://api.example/x?a=1", "https://api.example/x?a=1"),
        (f"https://user:{S}@api.example:8443/x", "https://api.example:8443/x"),
        (f"https://{S}@[::1]:8443/x", "https://[::1]:8443/x"),
        (f"https://api.example/x?a=1#token={S}", "https://api.example/x?a=1"),
        (f"https://api.example/x?token={S}&a=1", "https://api.example/x"),
        (f"https://api.example/x?a=1&X-Api-Key={S}", "https://api.example/x"),
        (f"https://api.example/x?filter[access_token]={S}", "https://api.example/x"),
        (f"https://api.example/x?%74oken={S}", "https://api.example/x"),
        (f"https://api.example/x?token={S};a=1", "https://api.example/x"),
        (f"https://api.example/x?then=https%3A%2F%2Fb.example%2F%3Ftoken%3D{S}", "https://api.example/x"),
        ("https://api.example/x?a=1&token=", "https://api.example/x"),
        ("https://api.example/x?nextPageToken=abc", "https://api.example/x?nextPageToken=abc"),
        ("https://api.example/x?" + "a" * 3000, "https://api.example/x"),
        ("https://api.example/" + "a" * 3000, ""),
        ("https://api.example/a b\r\nc", "https://api.example/a%20bc"),
        ("javascript:alert(1)", ""),
        ("//evil.example/", ""),
        ("/x", ""),
        ("", ""),
    ],
)
def test_what_is_shown_of_a_url(url, link):
    ti = Pushed()

    push_polled_link({"ti": ti}, url)

    assert shown(url) == link
    assert S not in shown(url)
    assert [value for _, value, _ in ti.rows] == ([link] if link else [])


@pytest.mark.parametrize(
    ("url", "link"), [("https://a.example/x?of=", "https://a.example/x"), ("https://a.example/", "")]
)
def test_what_airflow_masks_is_not_shown(url, link):
    mask_secret("known/t0 airflow")

    assert shown(f"{url}known/t0%20airflow") == shown(f"{url}known%2Ft0 airflow") == link


@pytest.mark.parametrize("error", [RuntimeError(S), OrgAuthError(S)])
def test_a_push_that_fails_fails_nothing(caplog, error):
    push_polled_link({"ti": Pushed(error=error)}, "https://api.example/x")

    assert "The link 'Polled URL' cannot be made" in caplog.text
    assert S not in caplog.text


@pytest.mark.parametrize("context", [{}, {"ti": SimpleNamespace()}])
def test_without_a_task_there_is_no_link(context):
    push_polled_link(context, "https://api.example/x")


def test_what_is_wrong_with_the_connection_is_said_by_the_look(monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", '{"conn_type": "orgauth", "host": "http://plain.example"}')
    ti = Pushed()

    with pytest.raises(OrgAuthError, match="plain http"):
        look(ti, endpoint="/x")
    assert ti.rows == []
