"""Run a cell, and say what came of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cells import FACES, Cell, cells
from hunt import Hunt, secrets_of
from placements import PLACEMENTS
from rig import Rig
from secret_search import SecretSearch


@dataclass(frozen=True)
class Answer:
    """What a call gave: a result, or an error."""

    result: Any
    error: Exception | None


@dataclass(frozen=True)
class Report:
    """What came of a cell.

    :param during: of the call that met the fault.
    :param after: of the same call, once the fault was lifted.
    :param token_requests: the grants that the token endpoint saw during the fault.
    :param api_requests: the methods that the API saw.
    :param token_requests_after: the grants of the later call.
    :param waits: seconds, of each wait of the client.
    :param created: devices that there are now and were not.
    :param strayed: whether anybody went to another server.
    :param misplaced: what a server got that is another's.
    :param assertions: those that the token endpoint saw, in order.
    :param log: all that was logged, by any library, at DEBUG level.
    :param found: secrets, and where they stood.
    :param in_locals: secrets in the local variables of the frames of a traceback.
    :param search: knows all secrets of the cell.
    """

    during: Answer
    after: Answer
    token_requests: list[str]
    api_requests: list[str]
    token_requests_after: list[str]
    waits: list[float]
    created: int
    strayed: bool
    misplaced: list[str]
    assertions: list[str] = field(repr=False)
    log: str
    found: list[str]
    in_locals: list[str]
    search: SecretSearch = field(repr=False)


def run(cell: Cell, face: str, mode: str) -> Report:
    """Run one cell."""
    if cell.fault.slow:
        return _all_of(cell.fault.name)[cell.name, face, mode]
    rig = Rig(cell, mode)
    try:
        return _run(rig, face)
    finally:
        rig.forget()


@cache
def _all_of(fault: str) -> dict[tuple[str, str, str], Report]:
    """Run the cells of a slow fault side by side: nearly all they do is to wait for a timeout."""
    # Connections are environment variables, and those must not change while threads look at them.
    rigs = {
        (cell.name, face, mode): Rig(cell, mode)
        for cell, face, mode in itertools.product(cells(), FACES, PLACEMENTS)
        if cell.fault.name == fault and PLACEMENTS[mode].is_tried(cell, face)
    }
    try:
        with ThreadPoolExecutor(len(rigs)) as pool:
            reports = pool.map(lambda key: _run(rigs[key], key[1]), rigs)
            return dict(zip(rigs, reports, strict=True))
    finally:
        for rig in rigs.values():
            rig.forget()


def _run(rig: Rig, face: str) -> Report:
    with rig.waits, Hunt() as hunt:
        try:
            rig.lift()
            rig.prepare()
            rig.hit()
            during = _call(rig, face, hunt)
            token_requests, api_requests = (rig.requests(to_token_endpoint=place) for place in (True, False))
            taken, created = list(rig.waits.taken), rig.created()
            rig.lift()
            after = _call(rig, face, hunt)
            hunt.hook(rig)
            strayed = any(server.elsewhere.came() for server in rig.servers)
        finally:
            rig.stop()
        search = secrets_of(rig)
        found, in_locals = hunt.found(search)
        return Report(
            during=during,
            after=after,
            token_requests=token_requests,
            api_requests=api_requests,
            token_requests_after=rig.requests(to_token_endpoint=True)[len(token_requests) :],
            waits=taken,
            created=created,
            strayed=strayed,
            misplaced=rig.misplaced(),
            assertions=rig.reader.assertions,
            log=hunt.log,
            found=found,
            in_locals=in_locals,
            search=search,
        )


def _call(rig: Rig, face: str, hunt: Hunt) -> Answer:
    """Let a face make the call."""
    if face == "hook":
        return _attempt(lambda: rig.hook.run(**rig.call), hunt)
    operator = rig.operator()
    operator.render_template_fields({})
    hunt.operator(operator)
    answer = _attempt(lambda: operator.execute({}), hunt)
    hunt.operator(operator)
    hunt.result(answer.result)
    return answer


def _attempt(action: Callable[[], Any], hunt: Hunt) -> Answer:
    try:
        return Answer(action(), None)
    except Exception as error:
        hunt.error(error)
        return Answer(None, error)
