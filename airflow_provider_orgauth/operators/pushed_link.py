"""A link in Airflow's UI that the worker pushes as an XCom: it is there while the task runs, and when it waits."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.compat import BaseOperatorLink

if TYPE_CHECKING:
    from airflow_provider_orgauth.compat import BaseOperator, TaskInstanceKey

log = logging.getLogger(__name__)


class PushedLink(BaseOperatorLink):
    """A subclass gives ``name``, and ``xcom_key``, where Airflow 3 reads the link by itself."""

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the URL that was pushed, or an empty text.

        Airflow 2 asks in its web server. Airflow 3 asks in the worker, when the task ends or is to go on later, and
        puts the answer where it was.
        """
        from airflow_provider_orgauth.compat import XCom

        pushed = XCom.get_value(ti_key=ti_key, key=self.xcom_key)
        return pushed if isinstance(pushed, str) and is_web(pushed) else ""


def push_link(context: Mapping[str, Any], link: type[PushedLink], url: str) -> None:
    """Let a task's link lead to ``url``, from now on.

    :param url: that anyone may see; empty: nowhere.
    """
    if url:
        context["ti"].xcom_push(key=link.xcom_key, value=url)


def is_web(url: str) -> bool:
    """Return whether a browser can open it."""
    return url.lower().startswith(("https://", "http://"))
