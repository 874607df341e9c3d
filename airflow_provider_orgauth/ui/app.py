"""The app that the API server mounts: the page, what it is made of, and what it asks for.

Whatever is added here is behind a login, by the dependency on the app. Rights on a connection are each route's own, and
Airflow's dependency for them looks at the path's ``connection_id``: under another name it would check no connection.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse

from airflow_provider_orgauth.cache.token_state import TokenState
from airflow_provider_orgauth.hooks.connection_team import TEAM_SEPARATOR
from airflow_provider_orgauth.hooks.connection_type import CONNECTION_TYPE
from airflow_provider_orgauth.oauth.steps import Lease
from airflow_provider_orgauth.ui import actions, airflow_server
from airflow_provider_orgauth.ui.action_limit import ActionLimit
from airflow_provider_orgauth.ui.guards import by_its_own_name, from_the_page, if_tests_are_enabled, not_too_often
from airflow_provider_orgauth.ui.hiding import hidden
from airflow_provider_orgauth.ui.known_connections import KnownConnection, known_connections
from airflow_provider_orgauth.ui.response_headers import HEADERS, ResponseHeaders
from airflow_provider_orgauth.ui.states import PREFIXES, States
from airflow_provider_orgauth.ui.teams import has_teams
from airflow_provider_orgauth.ui.this_host import with_counts_of_this_host
from airflow_provider_orgauth.ui.token_view import detail_of, in_order, row_of

STATIC = Path(__file__).parent / "static"
SCRIPTS = ("actions", "card", "counts", "detail", "plots", "server", "text", "theme", "tokens")
FILES = {"tokens.css": "text/css"} | {f"{name}.js": "text/javascript" for name in SCRIPTS}

User = Annotated[airflow_server.BaseUser, Depends(airflow_server.get_user)]
MAY_SEE = Depends(airflow_server.requires_access_connection("GET"))
MAY_TEST = Depends(airflow_server.requires_access_connection("POST"))
MAY_CHANGE = Depends(airflow_server.requires_access_connection("PUT"))
OWN_NAME = Depends(by_its_own_name)


def make_app() -> FastAPI:
    """Return a new app."""
    app = FastAPI(
        title="Organization API tokens",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(airflow_server.get_user)],
    )
    app.include_router(_reading())
    app.include_router(_acting(ActionLimit()))
    app.add_middleware(ResponseHeaders)
    app.add_exception_handler(Exception, _failed)
    return app


def _failed(_: Request, error: Exception) -> JSONResponse:
    """Answer where something broke; Airflow's server logs it. Such an answer passes no middleware."""
    says = f"It failed ({type(error).__name__}). The API server's log says more."
    headers = {name.decode(): value.decode() for name, value in HEADERS}
    return JSONResponse({"detail": says}, 500, headers)


def _reading() -> APIRouter:
    router = APIRouter()

    @router.get("/")
    def page() -> FileResponse:
        """Send the page, which has no data in it."""
        return FileResponse(STATIC / "tokens.html", media_type="text/html")

    @router.get("/static/{name}")
    def static(name: str) -> FileResponse:
        """Send the script or the style sheet."""
        if name not in FILES:
            raise HTTPException(404, "There is no such file.")
        return FileResponse(STATIC / name, media_type=FILES[name])

    @router.get("/api/connections", dependencies=[MAY_SEE])
    def connections(user: User) -> dict[str, Any]:
        """Send a row for each connection that the user may see."""
        now = time.time()
        known, states = _known_to(user)
        rows = [row_of(one, *_state_of(one, states, now), now=now) for one in known.values()]
        may_see_dag = airflow_server.dag_rights(user)
        shown = [hidden(row, connections=known, may_see_dag=may_see_dag) for row in in_order(rows)]
        return {"now": now, "tests_are_enabled": airflow_server.tests_are_enabled(), "connections": shown}

    @router.get("/api/connections/{connection_id:path}", dependencies=[MAY_SEE])
    def connection(connection_id: str, user: User) -> dict[str, Any]:
        """Send what is known of one connection."""
        now = time.time()
        known, states = _known_to(user)
        one = known.get(connection_id)
        if one is None:
            raise HTTPException(404, f"There is no connection {connection_id} of the type {CONNECTION_TYPE}.")
        detail = detail_of(one, *_state_of(one, states, now), now=now)
        shown = hidden(detail, connections=known, may_see_dag=airflow_server.dag_rights(user))
        return {"now": now, "tests_are_enabled": airflow_server.tests_are_enabled(), "connection": shown}

    return router


def _acting(limit: ActionLimit) -> APIRouter:
    # The last one writes to the audit log: what was refused before is no action.
    router = APIRouter(prefix="/api", dependencies=[Depends(from_the_page)])

    def often(action: str) -> Any:
        return Depends(not_too_often(action, limit))

    def audited(event: str) -> Any:
        return Depends(airflow_server.action_logging(event))

    @router.post(
        "/test/{connection_id:path}",
        dependencies=[
            MAY_SEE,
            MAY_TEST,
            OWN_NAME,
            Depends(if_tests_are_enabled),
            often("test"),
            audited("orgauth_test"),
        ],
    )
    def test(connection_id: str, user: User) -> dict[str, Any]:
        """Ask for one token, as Airflow's own Test button."""
        return actions.test(connection_id, user.get_name())

    @router.post(
        "/renew/{connection_id:path}",
        dependencies=[MAY_SEE, MAY_CHANGE, OWN_NAME, often("renew"), audited("orgauth_renew")],
    )
    def renew(connection_id: str, user: User) -> dict[str, Any]:
        """Renew the shared token."""
        return actions.renew(connection_id, user.get_name())

    @router.post(
        "/forget/{connection_id:path}", dependencies=[MAY_SEE, MAY_CHANGE, OWN_NAME, audited("orgauth_forget")]
    )
    def forget(connection_id: str, user: User) -> dict[str, Any]:
        """Delete the shared token."""
        return actions.forget(connection_id, user.get_name())

    return router


def _state_of(known: KnownConnection, states: States, now: float) -> tuple[TokenState | None, Lease | None]:
    state, lease = states.of(known)
    return with_counts_of_this_host(state, known, now=now), lease


def _environment() -> dict[str, str]:
    """Return the environment without what is one team's: whose it is, nobody can tell from the name for sure."""
    return {name: text for name, text in os.environ.items() if not (has_teams() and TEAM_SEPARATOR in name)}


def _known_to(user: Any) -> tuple[dict[str, KnownConnection], States]:
    """Return the connections that ``user`` may see, by their ids, and what is known of tokens."""
    rows = airflow_server.connection_rows(CONNECTION_TYPE)
    states = States(airflow_server.variables(user, *PREFIXES))
    known = {one.connection_id: one for one in known_connections(rows, _environment(), states.connection_ids())}
    seen = airflow_server.permitted(known, user, rows=[row.conn_id for row in rows])
    return {connection_id: one for connection_id, one in known.items() if connection_id in seen}, states
