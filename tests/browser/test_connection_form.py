"""Airflow's real connection form in a real browser: it explains itself, and what is typed into it is what is used."""

from __future__ import annotations

import json
import os

import pytest
from chromium import why_no_chromium

if (missing := why_no_chromium()) and not os.environ.get("CI"):  # in CI, the fixtures fail
    pytest.skip(missing, allow_module_level=True)

from connection_pages import EXTRA, STANDARD, ConnectionForm, ConnectionList
from playwright.sync_api import Page, expect

from airflow_provider_orgauth.hooks.connection_form import FIELDS
from airflow_provider_orgauth.hooks.connection_type import PLACEHOLDERS

pytestmark = [pytest.mark.browser, pytest.mark.airflow]

CONN_ID = "made_in_browser"
DAG_ID = "browser_connection"
TYPE = "Organization API (OAuth2)"
# Port is here for Airflow 3.3.1 and 3.3.2, whose Test button refuses a connection without one.
STANDARD_LABELS = ["Description", "Server address", "Client ID", "Client secret", "Port"]
EXTRA_LABELS = [
    "Send client credentials in",
    "Send grant parameters in",
    "Token endpoint: path or URL",
    "Scope",
    "Share the token through",
    "Renew before expiry (s)",
    "Timeout (s)",
    "Attempts per request",
    "Further statuses to retry",
    "Requests per minute",
    "TLS verification",
    "Default headers",
    "Allow plain HTTP",
    "Further token parameters",
    "Header for the token",
    "Signed assertion",
    "Client certificate",
    "Refresh token to begin with",
    "Send trace context",
]
WRONG_SECRET = "n0t-the-secret-of-this-client"
# None is the default, so that a value which gets lost on its way is seen.
CHOICES = {"client_auth": "params", "grant_params_in": "body", "cache": "xcom"}
TEXTS = {
    "oauth_path": "/oauth2/token",
    "scope": "devices:read devices:write",
    "verify": "false",
    "client_cert": "/dev/null",  # it has to be there, and over plain http it is not read
    "retry_statuses": "500, 507",
    "api_header": "Authorization: Bearer",
}
NUMBERS = {"expiry_margin": 60, "timeout": 45, "max_attempts": 3, "rate_limit": 9000}
OBJECTS = {
    "oauth_params": {"audience": "https://api.example.com", "n": 7},
    "oauth_jwt": {"alg": "PS256", "kid": "my-key", "claims": {"scope": "read"}},
    "headers": {"X-Team": "data", "X-Purpose": "browser"},
}
FLAGS = ("allow_http", "send_traceparent")
# The refresh token stays empty: a connection that has one asks in no other way.
LABELS = dict(zip([field.name for field in FIELDS], EXTRA_LABELS, strict=True))
SAVED_EXTRA = {**CHOICES, **TEXTS, **NUMBERS, **OBJECTS, **dict.fromkeys(FLAGS, True), "refresh_token": None}


def test_the_form_explains_itself(page: Page, airflow, picture) -> None:
    connections = ConnectionList(page, airflow.url)
    connections.open()
    form = connections.add()
    form.dialog.get_by_role("textbox", name="Connection ID").fill("orgauth_default")
    form.choose_type(TYPE)

    assert form.labels() == STANDARD_LABELS
    for name, label in zip(("host", "login", "password", "port"), STANDARD_LABELS[1:], strict=True):
        box = form.number(label) if name == "port" else form.text(label)
        expect(box).to_have_attribute("placeholder", PLACEHOLDERS[name])
    expect(form.text("Client secret")).to_have_attribute("type", "password")
    show_how_to_fill_in(form)
    expect(form.dialog.get_by_role("button", name="Save")).to_be_in_viewport()  # all that most need is on one screen
    picture("connection-form", form.dialog)

    form.open_section(EXTRA)
    assert form.labels() == EXTRA_LABELS
    for field in FIELDS:
        expect(form.field(field.label)).to_contain_text(field.help)
        expect(form.field(field.label).locator("[data-part=required-indicator]")).to_have_count(0)
        if field.kind == "choice":
            expect(form.chosen(field.label)).to_have_text(field.default)
            assert form.options(field.label) == list(field.choices)
        elif field.kind in ("text", "integers"):
            expect(form.text(field.label)).to_have_value(field.filled_in or "")
        elif field.kind in ("number", "integer"):
            expect(form.number(field.label)).to_have_value("" if field.default is None else str(field.default))
        elif field.kind == "flag":
            expect(form.switch(field.label)).not_to_be_checked()
        else:
            form.expect_json(field.label, {})
    form.fit_screen()
    form.section(EXTRA).hover()
    picture("connection-form-extra", form.dialog)


def test_what_a_person_typed_is_tested_saved_and_used_by_a_dag(page: Page, airflow, emulator, picture) -> None:
    connections = ConnectionList(page, airflow.url)
    connections.open()
    form = connections.add()
    fill_in(form, emulator, secret=WRONG_SECRET)
    form.save()

    failure = connections.test(CONN_ID, "Test Connection Failed")
    expect(failure).to_contain_text("invalid_client")
    expect(failure).to_contain_text("Client secret")
    assert emulator.stats()["token_requests_by_outcome"] == {"invalid_client": 1}

    form = connections.edit(CONN_ID)
    expect_as_typed(form, emulator)
    form.open_section(STANDARD)
    form.text("Client secret").fill(emulator.client_secret)
    form.save()

    page.set_viewport_size({"width": 1200, "height": 440})  # a picture without the emptiness below the table
    page.reload()  # takes the old message away
    success = connections.test(CONN_ID, "Test Connection Successful")
    expect(success).to_contain_text(f"client_credentials grant works at {emulator.url}/oauth2/token")
    expect(success).to_contain_text("a token for 300 s, with a refresh token")
    picture("connection-test", page)
    assert emulator.stats()["token_requests_by_outcome"] == {"invalid_client": 1, "issued": 1}
    assert airflow.variables() == {}  # the test left nothing behind

    expect_as_typed(connections.edit(CONN_ID), emulator)
    stored = airflow.api("GET", f"/connections/{CONN_ID}")
    assert json.loads(stored["extra"]) == SAVED_EXTRA

    run_id = airflow.trigger(DAG_ID)
    assert airflow.wait(DAG_ID, run_id) == "success", airflow.task_log(DAG_ID, run_id, "profile")[-4000:]
    stats = emulator.stats()
    assert stats["token_requests_by_outcome"] == {"invalid_client": 1, "issued": 2}  # one for both tasks
    assert stats["credentials_in"] == {"body": 3}
    assert stats["grant_params_in"] == {"body": 3}
    assert stats["api_requests_by_status"] == {"200": 2}
    asked = [request for request in emulator.requests() if request["path"].startswith("/api/")]
    assert all({"x-team", "x-purpose"} <= set(request["headers"]) for request in asked)


def show_how_to_fill_in(form: ConnectionForm) -> None:
    """Fill in what every user has to, with values as they look."""
    form.text("Server address").fill("fra1.blynk.cloud")
    form.text("Client ID").fill("oa2-client-id_7hQm2Vx0bTqW5rYkNzEc9aLsUoJdPf1g")
    form.text("Client secret").fill("x" * 40)
    form.number("Port").fill("443")
    form.number("Port").blur()


def fill_in(form: ConnectionForm, emulator, *, secret: str) -> None:
    """Fill in every field of the form but the refresh token."""
    form.dialog.get_by_role("textbox", name="Connection ID").fill(CONN_ID)
    form.choose_type(TYPE)
    form.text("Description").fill("Made by hand")
    form.text("Server address").fill(f"http://{emulator.host}")
    form.number("Port").fill(str(emulator.port))
    form.text("Client ID").fill(emulator.client_id)
    form.text("Client secret").fill(secret)
    form.open_section(EXTRA)
    for name, option in CHOICES.items():
        form.choose(LABELS[name], option)
    for name, text in TEXTS.items():
        form.text(LABELS[name]).fill(text)
    for name, number in NUMBERS.items():
        form.set_number(LABELS[name], number)
    for name, value in OBJECTS.items():
        form.paste_json(LABELS[name], value)
    for name in FLAGS:
        form.toggle(LABELS[name])
        expect(form.switch(LABELS[name])).to_be_checked()


def expect_as_typed(form: ConnectionForm, emulator) -> None:
    """Look at every field; the secret is not shown again."""
    form.open_section(STANDARD)
    expect(form.text("Description")).to_have_value("Made by hand")
    expect(form.text("Server address")).to_have_value(f"http://{emulator.host}")
    expect(form.number("Port")).to_have_value(str(emulator.port))
    expect(form.text("Client ID")).to_have_value(emulator.client_id)
    expect(form.text("Client secret")).to_have_value("***")
    form.open_section(EXTRA)
    for name, option in CHOICES.items():
        expect(form.chosen(LABELS[name])).to_have_text(option)
    for name, text in TEXTS.items():
        expect(form.text(LABELS[name])).to_have_value(text)
    for name, number in NUMBERS.items():
        expect(form.number(LABELS[name])).to_have_value(str(number))
    for name, value in OBJECTS.items():
        form.expect_json(LABELS[name], value)
    for name in FLAGS:
        expect(form.switch(LABELS[name])).to_be_checked()
