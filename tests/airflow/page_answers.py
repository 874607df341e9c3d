"""All that the page of tokens answers: each route of its app, for each connection, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import requests
from harness import AirflowServer

from airflow_provider_orgauth.ui.action_limit import MAX_IN_WINDOW
from airflow_provider_orgauth.ui.app import FILES, make_app

OWN = {"X-Orgauth-Action": "1"}
NOBODY = "no_such_connection"


def page_answers(airflow: AirflowServer, conn_ids: Sequence[str]) -> list[requests.Response]:
    """Ask each route for each of these connections, and for one that is not there; as a user who may do all.

    The first connection is asked about more often than anybody may, and without the page's own header.
    """
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = airflow._http.headers["Authorization"]

        def asked(method: str, path: str, headers: dict[str, str]) -> requests.Response:
            return session.request(method, f"{airflow.url}/orgauth{path}", json={}, headers=headers, timeout=120)

        answers = [asked(method, path, OWN) for method, path in _routes([*conn_ids, NOBODY])]
        for conn_id in conn_ids[:1]:
            answers += [asked("POST", f"/api/test/{conn_id}", OWN) for _ in range(MAX_IN_WINDOW)]
            answers.append(asked("POST", f"/api/test/{conn_id}", {}))
        # what the actions have left behind, and what is no route
        answers += [asked("GET", path, OWN) for path in ("/api/connections", "/nothing", "/static/nothing")]
        answers += [asked("GET", f"/api/connections/{conn_id}", OWN) for conn_id in conn_ids]
        answers.append(asked("DELETE", "/api/connections", OWN))
    return answers


def _routes(conn_ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    places = {"{connection_id:path}": list(conn_ids), "{name}": list(FILES)}
    for route in make_app().routes:
        path = getattr(route, "path", "")
        place = next((one for one in places if one in path), "")
        for method in sorted(getattr(route, "methods", ())):
            yield from ((method, path.replace(place, value)) for value in (places[place] if place else [""]))
