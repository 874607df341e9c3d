"""How a hook, an operator and all that they are made of print themselves."""

from __future__ import annotations

import pprint

from broken_servers import API

from airflow_provider_orgauth.cache import memory
from airflow_provider_orgauth.oauth.grants import client_credentials_grant, refresh_grant
from airflow_provider_orgauth.operators.org_api import OrgApiOperator


def printed(hook):
    """Return how everything of a hook prints itself."""
    session = hook.get_conn()
    objects = [hook, hook.auth, session, session.auth, hook._tokens, hook._tokens._endpoint, hook._settings]
    objects += [hook._settings.client, hook._settings.http, hook._retry]
    objects += [client_credentials_grant(hook._settings.client), refresh_grant(hook._settings.client, 40 * "r")]
    token = memory.MemoryStore(hook._settings.client.fingerprint).load()
    shown = [f"{one!r} {one!s} {one}" for one in [*objects, token]]
    # One level down, as a debugger or rich.inspect shows an object.
    shown += [pprint.pformat(vars(one)) for one in objects if hasattr(one, "__dict__")]
    return "\n".join(shown)


def printed_at_work(conn_id):
    """Return how an operator prints itself while it executes, when it has its hook."""
    shown = []

    def show(_):
        shown.append(f"{operator!r} {operator!s} {operator} {pprint.pformat(vars(operator))}")

    operator = OrgApiOperator(task_id="x", org_conn_id=conn_id, endpoint=f"{API}devices", response_filter=show)
    operator.execute({})
    assert "OrgAuthHook" in shown[0]
    return shown[0]
