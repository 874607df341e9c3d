"""The operator's link in Airflow's UI."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow_provider_orgauth.compat import BaseOperatorLink

if TYPE_CHECKING:
    from airflow_provider_orgauth.compat import BaseOperator, TaskInstanceKey


log = logging.getLogger(__name__)


class ConnectionLink(BaseOperatorLink):
    """From a task to its connection: when a call fails at night, that is where the form and its Test button are."""

    name = "Connection"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the URL of the list of connections, filtered to this task's."""
        conn_id = str(getattr(operator, "org_conn_id", ""))
        # What Airflow does not take for a connection id does not go into the URL: it may be a template that Airflow 2
        # has not rendered, or a URI with a password in it. Then the link leads to the list of all.
        return _connections_url(conn_id if re.fullmatch(r"[\w#!()\-.:/\\]{1,250}", conn_id) else "")


def push_connection_link(context: Mapping[str, Any], operator: Any) -> None:
    """Let the link be there while the task runs: Airflow 3 would put it where its UI reads it when the task ends.

    Never fails: a link is not worth a task.
    """
    from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS

    if not AIRFLOW_V_3_0_PLUS or "ti" not in context:
        return
    link = ConnectionLink()
    try:
        context["ti"].xcom_push(key=link.xcom_key, value=link.get_link(operator, ti_key=context["ti"]))
    except Exception as error:
        log.debug("No link yet (%s).", type(error).__name__)


def _connections_url(conn_id: str) -> str:
    from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS

    from airflow_provider_orgauth.compat import conf

    conn_id = quote(conn_id, safe="")
    if AIRFLOW_V_3_0_PLUS:
        return f"{_base_url(conf, 'api')}/connections?name_pattern={conn_id}"
    return f"{_base_url(conf, 'webserver')}/connection/list/?_flt_3_conn_id={conn_id}"


def _base_url(conf: Any, section: str) -> str:
    # Without one, a path alone: the browser completes it with the UI that it is in.
    return str(conf.get(section, "base_url", fallback="") or "").rstrip("/")
