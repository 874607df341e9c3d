"""The connection type ``orgauth``: its names, and how its form shows the fields that every connection has."""

from __future__ import annotations

CONNECTION_TYPE = "orgauth"
HOOK_NAME = "Organization API (OAuth2)"

RELABELING = {"host": "Server address", "login": "Client ID", "password": "Client secret"}
"""Labels of the standard fields that are used."""

HIDDEN_STANDARD_FIELDS = ("schema", "extra")
"""Standard fields that the form does not show: the server address takes the scheme, the fields below the rest.

The port stays: with none stored, Airflow 3.3's Test button sends port 0, and Airflow refuses that as another server.
"""

PLACEHOLDERS = {
    "host": "fra1.blynk.cloud or https://host:port/",
    "port": "443 (Airflow 3.3 needs a port for Test)",
    "login": "oa2-client-id_…",
    "password": "40 characters",
}
"""Examples in the standard fields."""
