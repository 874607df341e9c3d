"""What Airflow reads about this provider, without importing any of it."""

from __future__ import annotations

import math
from typing import Any

from airflow_provider_orgauth import __version__
from airflow_provider_orgauth.hooks.connection_form import FIELDS
from airflow_provider_orgauth.hooks.connection_type import (
    CONNECTION_TYPE,
    HIDDEN_STANDARD_FIELDS,
    HOOK_NAME,
    PLACEHOLDERS,
    RELABELING,
)
from airflow_provider_orgauth.hooks.field import Field

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
        "sensors": [{"integration-name": name, "python-modules": [f"{package}.sensors.org_api"]}],
        "triggers": [{"integration-name": name, "python-modules": [f"{package}.triggers.org_api"]}],
        "connection-types": [
            {
                "connection-type": CONNECTION_TYPE,
                "hook-class-name": f"{package}.hooks.orgauth.OrgAuthHook",
                "hook-name": HOOK_NAME,
                "ui-field-behaviour": {
                    "hidden-fields": list(HIDDEN_STANDARD_FIELDS),
                    "relabeling": dict(RELABELING),
                    "placeholders": {
                        **PLACEHOLDERS,
                        **{field.name: field.placeholder for field in FIELDS if field.placeholder},
                    },
                },
                "conn-fields": {field.name: conn_field(field) for field in FIELDS},
            }
        ],
        # Airflow reads it from 3.2 on; older ones leave it alone.
        "cli": [f"{package}.commands.airflow_commands.airflow_commands"],
        "extra-links": [
            f"{package}.operators.links.ConnectionLink",
            f"{package}.operators.polled_link.PolledLink",
            f"{package}.operators.folder_link.FolderLink",
        ],
    }


def conn_field(field: Field) -> dict[str, Any]:
    """Return how the form shows a field, in JSON Schema."""
    # Nullable, or the form marks the field as required.
    schema: dict[str, Any] = {"type": [_SCHEMA_TYPES[field.kind], "null"]}
    if field.choices:
        schema["enum"] = list(field.choices)
    if field.filled_in is not None:
        schema["default"] = field.filled_in
    if field.kind in ("number", "integer"):
        # The form counts in whole numbers, so its least is the next whole one.
        schema["minimum"] = math.ceil(field.minimum)
        if math.isfinite(field.maximum):
            schema["maximum"] = math.floor(field.maximum)
    return {"label": field.label, "description": field.help, "schema": schema}
