"""The token of a connection for other people's clients: ``requests``, dlt, ``httpx`` and ``aiohttp``.

======================  ===========================================================  =========================
class                   for                                                          needs
======================  ===========================================================  =========================
:class:`OrgAuth`        ``requests``; ``auth_type`` of HttpHook and HttpOperator;    ``requests``
                        ``auth`` of dlt's ``RESTClient``
:class:`OrgDltAuth`     ``auth`` in the configuration of dlt's ``rest_api``          ``dlt``
:class:`OrgHttpxAuth`   ``httpx.Client`` and ``httpx.AsyncClient``                   ``httpx``
:class:`OrgMiddleware`  ``aiohttp.ClientSession(middlewares=…)``                     ``aiohttp`` 3.12 or later
======================  ===========================================================  =========================

Each signs requests to the connection's server only, takes the token that all tasks share, and renews and replays once
after a 401. Retries and timeouts are the client's own. Each takes the id of a connection and looks it up when the first
request is made; what is pickled is that id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_orgauth.auth.of_aiohttp import OrgMiddleware
    from airflow_provider_orgauth.auth.of_dlt import OrgDltAuth
    from airflow_provider_orgauth.auth.of_httpx import OrgHttpxAuth
    from airflow_provider_orgauth.auth.of_requests import OrgAuth

__all__ = ["OrgAuth", "OrgDltAuth", "OrgHttpxAuth", "OrgMiddleware"]

_MODULES = {"OrgAuth": "of_requests", "OrgDltAuth": "of_dlt", "OrgHttpxAuth": "of_httpx", "OrgMiddleware": "of_aiohttp"}


def __getattr__(name: str) -> Any:
    # Each needs a client that its user has, and the others' users may lack.
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{module}"), name)
