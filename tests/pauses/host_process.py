"""What a process on one of the hosts does: calls, when the test tells it to, and a report of each.

Commands are tuples: ``("call",)``, one call; ``("ask",)``, for a token, without a call; ``("clock", clock)``, to live
by from now on; ``("renew",)``, as somebody who presses Renew; ``("loop", least, most)``, calls with random pauses of so
many seconds in between, until the next command; ``("report",)``; ``("end",)``.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import random
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from shared_variables import SharedVariables
from shifted_clock import ProcessClocks, from_boot
from stop_points import StopPoint

CONN_ID = "orgauth_default"
PROFILE = "/api/v1/organization/profile"


@dataclass(frozen=True)
class Place:
    """Where a process lives, and with what.

    :param host: the folder for temporary files that makes the host: there are the locks and private files.
    :param variables: the database file of the Variables.
    :param connection: the Airflow connection, in JSON.
    :param lag: seconds by which a read of the Variables may be old.
    :param lost: the part of the writes whose answer is lost.
    :param lease: constants of ``oauth/lease.py`` and ``oauth/sending.py`` that are shorter here, by name.
    :param stop_at: one of ``stop_points.POINTS``, or empty.
    :param frozen: its monotonic clock stands still meanwhile, as that of a virtual machine does.
    """

    host: Path
    variables: Path
    connection: str
    fernet_keys: tuple[str, ...] = ("",)
    lag: float = 0.0
    lost: float = 0.0
    lease: Mapping[str, Any] = field(default_factory=dict)
    stop_at: str = ""
    frozen: bool = False


@dataclass(frozen=True)
class Call:
    """One call. Times are seconds of the monotonic clock, which all processes of a machine share.

    :param host: the name of the host.
    :param process: the id of the process.
    :param token: the access token that ``get_access_token`` gave before the call, at ``given``.
    :param error: empty where the call succeeded.
    """

    host: str
    process: int
    began: float
    given: float
    ended: float
    token: str
    error: str

    @property
    def seconds(self) -> float:
        """How long the call took."""
        return self.ended - self.began


@dataclass
class Report:
    """What a process did since its last report."""

    calls: list[Call] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def live(place: Place, commands: Connection) -> None:
    """Serve commands until the end. The target of a process that was forked from a server without threads."""
    clocks = ProcessClocks()
    hook, report, warnings = _settle(place, clocks), Report(), _Warnings()
    logging.getLogger("airflow_provider_orgauth").addHandler(warnings)
    commands.send("ready")
    while True:
        match commands.recv():
            case ("call",):
                report.calls.append(_call(hook, place.host.name))
                commands.send("called")
            case ("ask",):
                _ask(hook)
                commands.send("asked")
            case ("renew",):
                commands.send(_renew())
            case ("clock", clock):
                clocks.shift = clock
            case ("loop", least, most):
                while not commands.poll(random.uniform(least, most)):
                    report.calls.append(_call(hook, place.host.name))
            case ("report",):
                report.warnings, warnings.texts = warnings.texts, []
                commands.send(report)
                report = Report()
            case ("end",):
                return


def _settle(place: Place, clocks: ProcessClocks) -> Any:
    """Make this process one of its host, and return its hook."""
    os.environ["TMPDIR"] = str(place.host)
    tempfile.tempdir = None
    os.environ[f"AIRFLOW_CONN_{CONN_ID.upper()}"] = place.connection

    from airflow_provider_orgauth import compat
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
    from airflow_provider_orgauth.oauth import lease, sending

    for name, value in place.lease.items():
        (module,) = [one for one in (lease, sending) if hasattr(one, name)]
        setattr(module, name, value)
    clocks.install()
    stop = StopPoint(place.variables.parent, place.stop_at, clocks if place.frozen else None)
    stop.install()
    compat.Variable = SharedVariables(
        place.variables,
        fernet_keys=place.fernet_keys,
        lag=place.lag,
        lost=place.lost,
        before_write=stop.before_write,
    )
    return OrgAuthHook(CONN_ID, clock=time.time)


def _ask(hook: Any) -> None:
    with contextlib.suppress(Exception):
        hook.get_access_token()


def _renew() -> dict[str, Any]:
    """Press Renew on the page, in this process: the API server's, which has the rows behind the tasks' Variables."""
    from airflow.models import Variable

    from airflow_provider_orgauth import compat
    from airflow_provider_orgauth.ui import actions

    Variable.get, Variable.set = compat.Variable.get, compat.Variable.set
    return actions.renew(CONN_ID, "somebody")


def _call(hook: Any, host: str) -> Call:
    began, token, error = from_boot(), "", ""
    given = began
    try:
        token = hook.get_access_token()
        given = from_boot()
        json.loads(hook.run(PROFILE).content)
    except Exception as problem:
        error = f"{type(problem).__name__}: {problem}"
    return Call(host, os.getpid(), began, given, from_boot(), token, error)


class _Warnings(logging.Handler):
    """Keeps what the provider warned of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())
