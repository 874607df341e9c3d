"""Everything that a call leaves behind where somebody could read it, and the secrets that must not be there."""

from __future__ import annotations

import io
import json
import logging
import pickle
import pprint
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rig import SEED, Rig
from secret_search import SecretSearch

from airflow_provider_orgauth.emulator.data import device_token
from airflow_provider_orgauth.operators.links import ConnectionLink
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

_mine = threading.local()
HERE = str(Path(__file__).parent)
DEVICES = 9


class Hunt:
    """Collects while the cell runs, and searches at its end, when all secrets are known."""

    def __init__(self) -> None:
        self._left: list[tuple[str, str | bytes]] = []
        self._locals: list[str] = []
        self._log = io.StringIO()
        self._handler = logging.StreamHandler(self._log)
        self._handler.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def __enter__(self) -> Hunt:
        """Listen to all that this thread logs, by any library, at any level, before Airflow masks anything."""
        thread = threading.get_ident()
        self._handler.addFilter(lambda record: record.thread == thread)
        logging.getLogger().addHandler(self._handler)
        _mine.log = self._log
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self._handler)
        del _mine.log

    @property
    def log(self) -> str:
        """All that was logged until now."""
        return self._log.getvalue()

    def error(self, error: BaseException) -> None:
        """Take an exception as it is printed, logged, raised again elsewhere, and shown with local variables."""
        logging.getLogger("a.task").exception("Task failed with %s", error, exc_info=error)
        self._left.append(("the error", f"{error} {error!r} {pprint.pformat(vars(error))}"))
        self._left.append(("the error's pickle", pickle.dumps(error)))
        self._left += [("the traceback", "".join(traceback.format_exception(error)))]
        self._locals += _locals(error)

    def hook(self, rig: Rig) -> None:
        """Take how a hook and its parts print themselves, and what of them goes to another process."""
        hook = rig.hook
        parts = [hook, hook.auth, hook.get_conn(), hook._tokens, hook._settings, hook._settings.client, hook._retry]
        for part in parts:
            self._left.append((f"{type(part).__name__}", f"{part} {part!r}"))
            if hasattr(part, "__dict__"):
                self._left.append((f"vars of {type(part).__name__}", pprint.pformat(vars(part))))
        self._left += [(f"pickle of {type(part).__name__}", _pickled(part)) for part in parts[:3]]

    def operator(self, operator: OrgApiOperator) -> None:
        """Take an operator: its print, its pickle, its variables as deep as they go, and what Airflow's pages show."""
        self._left.append(("operator", f"{operator} {operator!r} {pprint.pformat(vars(operator))}"))
        self._left.append(("pickle of the operator", _pickled(operator)))
        self._left += [("the operator's variables", text) for text in _deep(vars(operator))]
        fields = {name: getattr(operator, name) for name in operator.template_fields}
        self._left.append(("rendered fields", json.dumps(fields, default=repr)))
        self._left.append(("link", ConnectionLink().get_link(operator, ti_key=None)))

    def result(self, result: Any) -> None:
        """Take what an operator returns: XCom."""
        self._left.append(("XCom", json.dumps(result)))

    def found(self, search: SecretSearch) -> tuple[list[str], list[str]]:
        """Return what was found and where; and what was found in local variables of a traceback's frames."""
        left = [(where, _as_bytes(what)) for where, what in [*self._left, ("log", self.log)]]
        anywhere = search.found(b"\n".join(content for _, content in left))
        found = [f"{where}: {hit}" for where, content in left for hit in search.found(content)] if anywhere else []
        return found, search.found("\n".join(self._locals))


def secrets_of(rig: Rig) -> SecretSearch:
    """Return a search for all that makes the client known, every token that was issued, and the devices' tokens."""
    search = SecretSearch()
    rig.add_client_secrets(search)
    for token in (*rig.records.access_tokens, *rig.records.refresh_tokens):
        search.add("token", token)
    for number in range(1, DEVICES):
        search.add("device's token", device_token(SEED, number))
    return search


@contextmanager
def structured_logs() -> Iterator[None]:
    """Hear also what hooks and operators log themselves: since Airflow 3.1 through structlog, before it masks."""
    try:
        import structlog
    except ImportError:
        yield
        return

    def hear(logger: Any, method: str, event: Any) -> Any:
        if hasattr(_mine, "log"):
            _mine.log.write(f"{method} {event!r}\n")
        return event

    processors = structlog.get_config()["processors"]
    processors.insert(0, hear)
    yield
    processors.remove(hear)


def _as_bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")


def _pickled(thing: Any) -> bytes:
    try:
        return pickle.dumps(thing)
    except Exception:  # what cannot leave the process takes no secret with it
        return b""


def _locals(error: BaseException) -> Iterator[str]:
    """Yield the local variables of the frames below the test, as rich tracebacks print them."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if not frame.f_code.co_filename.startswith(HERE):
            for name, value in frame.f_locals.items():
                yield f"{frame.f_code.co_qualname} {name} = {value!r}"


def _deep(thing: Any) -> Iterator[str]:
    """Yield every text that can be reached from the attributes of ``thing``."""
    waiting, seen = [thing], {}
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen[id(one)] = one
        if isinstance(one, str | bytes):
            yield one if isinstance(one, str) else one.decode("latin-1")
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set | frozenset):
            waiting += one
        elif not isinstance(one, type) and type(one).__module__.partition(".")[0] in (
            "airflow_provider_orgauth",
            "requests",
        ):
            waiting += list(getattr(one, "__dict__", {}).values())
            names = {name for kind in type(one).__mro__ for name in getattr(kind, "__slots__", ())}
            waiting += [getattr(one, name) for name in names if hasattr(one, name)]
