"""The own organization, its branches and its users."""

from __future__ import annotations

from airflow_provider_orgauth.emulator import data
from airflow_provider_orgauth.emulator.devices import Call
from airflow_provider_orgauth.emulator.messages import Answer, json_answer
from airflow_provider_orgauth.emulator.paging import number, page_of


def profile(call: Call) -> Answer:
    """``GET /profile``: the own organization."""
    return json_answer(call.organization.org(data.OWN_ORG))


def users(call: Call) -> Answer:
    """``GET /users``: those of ``orgId``, by default the own organization."""
    org_id = call.organization.org(number(call.request, "orgId", data.OWN_ORG))["id"]
    found = [user for user in call.organization.users if user["orgId"] == org_id]
    return page_of(found, call.request, call.settings)


def search(call: Call) -> Answer:
    """``GET /search``: organizations; ``query``, if given, is part of the name, in any case."""
    query = (call.request.param("query") or "").lower()
    found = [org for org in call.organization.orgs if query in org["name"].lower()]
    return page_of(found, call.request, call.settings)
