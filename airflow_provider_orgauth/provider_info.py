"""What Airflow reads about this provider, without importing any of it."""

from __future__ import annotations

from typing import Any

from airflow_provider_orgauth import __version__
from airflow_provider_orgauth.hooks.fields import FIELDS, HIDDEN, PLACEHOLDERS, RELABELING, Field

CONNECTION_TYPE = "orgauth"
HOOK_NAME = "Organization API (OAuth2)"

_SCHEMA_TYPES = {
    "choice": "string",
    "text": "string",
    "number": "integer",  # the form's only number box; JSON and URIs take fractions too
    "integer": "integer",
    "integers": "string",  # JSON takes a list too
    "flag": "boolean",
    "object": "object",
}


def get_provider_info() -> dict[str, Any]:
    """Return the provider's metadata, in the shape of Airflow's ``provider.yaml.schema.json``."""
    name = "Organization API (OAuth2)"
    package = "airflow_provider_orgauth"
    return {
        "package-name": "airflow-provider-orgauth",
        "name": name,
        "description": "Call OAuth2-protected APIs: one token for the whole fleet, renewed before it dies.",
        "versions": [__version__],
        "integrations": [
            {
                "integration-name": name,
                "external-doc-url": "https://docs.blynk.io/en/blynk.cloud/organization-https-api/authentication",
                "tags": ["service"],
            }
        ],
        "hooks": [{"integration-name": name, "python-modules": [f"{package}.hooks.orgauth"]}],
        "operators": [{"integration-name": name, "python-modules": [f"{package}.operators.org_api"]}],
        "connection-types": [
            {
                "connection-type": CONNECTION_TYPE,
                "hook-class-name": f"{package}.hooks.orgauth.OrgAuthHook",
                "hook-name": HOOK_NAME,
                "ui-field-behaviour": {
                    "hidden-fields": list(HIDDEN),
                    "relabeling": dict(RELABELING),
                    "placeholders": {
                        **PLACEHOLDERS,
                        **{field.name: field.placeholder for field in FIELDS if field.placeholder},
                    },
                },
                "conn-fields": {field.name: _conn_field(field) for field in FIELDS},
            }
        ],
        "extra-links": [f"{package}.operators.links.ConnectionLink"],
    }


def _conn_field(field: Field) -> dict[str, Any]:
    # Nullable, or the form marks the field as required.
    schema: dict[str, Any] = {"type": [_SCHEMA_TYPES[field.kind], "null"]}
    if field.choices:
        schema["enum"] = list(field.choices)
    if field.default is not None:
        schema["default"] = field.default
    if field.kind in ("number", "integer"):
        # The form counts in whole numbers, so its least is the next whole one.
        schema["minimum"] = -int(-(field.minimum or 0) // 1)
        schema["maximum"] = int(field.maximum or 0)
    return {"label": field.label, "description": field.help, "schema": schema}
