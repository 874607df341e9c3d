"""The answers of the faults that show nothing of the real one."""

from __future__ import annotations

import json

from airflow_provider_orgauth.emulator.faults import Fault
from airflow_provider_orgauth.emulator.messages import Answer, Pairs, Request
from airflow_provider_orgauth.emulator.token_endpoint import TOKEN_PATH

HTML_PAGE = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>Be right back</h1></body></html>"


def made_up_answer(fault: Fault, request: Request) -> Answer:
    """Return what a fault of kind ``status``, ``html``, ``empty`` or ``redirect`` answers."""
    body = fault.body_bytes
    if fault.kind == "html":
        return Answer(fault.status, HTML_PAGE if body is None else body, _typed(fault, "text/html; charset=utf-8"))
    if fault.kind == "redirect":
        headers = fault.pairs
        if all(name.lower() != "location" for name, _ in headers):
            # Without the query, which may hold credentials; a name that can never resolve.
            headers = (*headers, ("Location", f"https://other-region.invalid{request.path}"))
        return Answer(fault.status, body or b"", headers)
    if fault.kind == "status":
        error = "temporarily_unavailable" if request.path == TOKEN_PATH else {"message": "Emulated fault."}
        usual = json.dumps({"error": error}).encode()
        return Answer(fault.status, usual if body is None else body, _typed(fault, "application/json"))
    return Answer(fault.status, b"", fault.pairs)


def _typed(fault: Fault, content_type: str) -> Pairs:
    if any(name.lower() == "content-type" for name, _ in fault.pairs):
        return fault.pairs
    return (("Content-Type", content_type), *fault.pairs)
