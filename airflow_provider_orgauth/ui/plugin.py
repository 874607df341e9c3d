"""Airflow's way to the page: a plugin, which every process loads. So it imports nothing before it is asked."""

from __future__ import annotations

import sys
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.plugins_manager import AirflowPlugin
else:

    def _base() -> type:
        """Return the class of plugins that the process knows already: to import the other one takes a second."""
        modules = ("airflow.plugins_manager", "airflow.sdk.plugins_manager")
        for name in modules:
            known = getattr(sys.modules.get(name), "AirflowPlugin", None)
            if known is not None:
                return known
        return import_module(modules[0]).AirflowPlugin

    AirflowPlugin = _base()

PAGE_NAME = "Organization API tokens"
URL_PREFIX = "/orgauth"
FIRST_VERSION = (3, 1)
"""The first Airflow with pages of plugins, and whose API takes the UI's cookie."""


class TokensPlugin(AirflowPlugin):
    """The page of the tokens. Airflow asks an instance for what it has."""

    name = "orgauth"

    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """Return the app, which the API server mounts."""
        if not _is_new_enough():
            return []
        from airflow_provider_orgauth.ui.app import make_app

        return [{"app": make_app(), "url_prefix": URL_PREFIX, "name": PAGE_NAME}]

    @cached_property
    def external_views(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """Return the place in the navigation."""
        if not _is_new_enough():
            return []
        return [
            {
                "name": PAGE_NAME,
                # Without a leading slash: an Airflow may be served below a path.
                "href": f"{URL_PREFIX.removeprefix('/')}/",
                "url_route": "orgauth",
                "destination": "nav",
                "category": "admin",
            }
        ]


def _is_new_enough() -> bool:
    from airflow import __version__

    return tuple(int(part) for part in __version__.split(".")[:2]) >= FIRST_VERSION
