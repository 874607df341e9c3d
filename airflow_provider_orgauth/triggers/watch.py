"""A watcher at work: from looks to events, one per change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.client.aio.threads import in_thread
from airflow_provider_orgauth.exceptions import OrgAuthError
from airflow_provider_orgauth.triggers.asset_state import AssetState
from airflow_provider_orgauth.triggers.change_payload import payload_of
from airflow_provider_orgauth.triggers.complaints import Complaints
from airflow_provider_orgauth.triggers.event_arguments import DEFAULTS
from airflow_provider_orgauth.triggers.look_stream import SAME_ERROR_AGAIN_AFTER_SECONDS, check_version, name_of
from airflow_provider_orgauth.triggers.watched import Found, Watched
from airflow_provider_orgauth.waiting.told import Told

if TYPE_CHECKING:
    from airflow_provider_orgauth.triggers.look import Look

STATE_KEY = "orgauth_watch_"
"""Before it, what tells the watchers of an asset apart."""

HANDED_OVER_SECONDS = 5.0
"""After an event was yielded, Airflow's triggerer has surely saved it: it hands events over about once a second.

Only then is the event told: a triggerer that is killed before repeats it, rather than lose it.
"""

LOUD_AGAIN_AFTER_SECONDS = 60.0
"""For what makes a watcher blind, and only the DAG's author can mend."""

LARGE_BYTES = 256 * 1024
"""An answer of that size is looked through in a thread: the loop is all triggers'."""


async def changes(
    request: Mapping[str, Any], options: Mapping[str, Any], looks: AsyncIterator[Look], store: Any
) -> AsyncIterator[dict[str, Any]]:
    """Yield a payload for each change, for ever.

    :param options: of the trigger, without those that are as by default.
    :param store: Airflow's, for the state of the trigger's assets; None: there is none.
    """
    try:
        check_version(options)
        watched = Watched.of(request, options)
    except Exception as error:  # also of what a row may hold that nobody has thought of
        complaints = Complaints(name_of(request, options), again_after=SAME_ERROR_AGAIN_AFTER_SECONDS)
        complaints.tell(error, asyncio.get_running_loop().time())
        async for look in looks:  # they are taken: Airflow keeps what nobody takes
            complaints.tell(error, look.now)
        return
    tell_first = bool(options.get("tell_first", DEFAULTS["tell_first"]))
    state = AssetState(store, STATE_KEY + watched.watch)
    complaints = Complaints(name_of(request, options), again_after=LOUD_AGAIN_AFTER_SECONDS)
    told, last_signature = await state.read(), 0
    async for look in looks:
        await state.catch_up()
        if look.signature and look.signature == last_signature:
            continue
        last_signature = 0
        found = await _found(watched, look, complaints)
        if found is None:
            continue
        marks = {name: one.mark for name, one in found.items()}
        if told is None:
            told = Told(0, {} if tell_first else marks)
            await state.write(told)
        for shown in told.rounds(marks):
            if news := told.news(shown):
                # Before they are told: whoever comes after a kill knows that these may have been.
                told = told.about_to_tell(shown)
                await state.write(told)
            for name in news:
                yield payload_of(watched, found[name], told.change(watched.watch, name, shown[name]))
            if news:
                await asyncio.sleep(HANDED_OVER_SECONDS)
            if (after := told.after(shown)) is not told:
                told = after
                await state.write(told)
        last_signature = look.signature


async def _found(watched: Watched, look: Look, complaints: Complaints) -> dict[str, Found] | None:
    is_error = isinstance(look.outcome, OrgAuthError)
    try:
        if not isinstance(look.outcome, OrgAuthError) and len(look.outcome.content) > LARGE_BYTES:
            found = await in_thread(watched.in_look, look)
        else:
            found = watched.in_look(look)
    except Exception as error:
        if not is_error:  # else the stream of looks has said so
            complaints.tell(error.with_traceback(None), look.now)
        return None
    if found is not None:
        complaints.end()
    return found
