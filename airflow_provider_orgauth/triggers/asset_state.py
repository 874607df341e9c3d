"""What a watcher has told of, kept in Airflow's asset state store (3.3), so that a restart tells nothing twice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from airflow_provider_orgauth.waiting.told import Told

log = logging.getLogger(__name__)

READS = 3
PAUSE_BETWEEN_READS_SECONDS = 5.0


class AssetState:
    """One value, for each asset of a watcher. Where there is no store, it is in memory: a restart forgets it.

    :param store: what the triggerer gives an event trigger; None before Airflow 3.3.
    :param key: under which it is kept.
    """

    def __init__(self, store: Any, key: str) -> None:
        self._stores = _stores_of_each_asset(store)
        self._key = key
        self._unwritten: Told | None = None

    async def read(self) -> Told | None:
        """Return what was told; None: nothing is known of it.

        Of several assets, what is oldest counts: a change is told twice rather than not at all.
        """
        for _ in range(READS):
            try:
                found = [Told.of(await store.aget(self._key)) for store in self._stores]
            except Exception as error:
                log.warning("The state of a watcher could not be read (%s).", type(error).__name__)
                await asyncio.sleep(PAUSE_BETWEEN_READS_SECONDS)
            else:
                return min(filter(None, found), key=lambda told: told.count, default=None)
        log.error("The state of a watcher cannot be read: what there is now is taken as known.")
        return None

    async def write(self, told: Told) -> None:
        """Keep it. What could not be written is written with the next look."""
        self._unwritten = told
        try:
            for store in self._stores:
                await store.aset(self._key, told.as_json())
        except Exception as error:
            log.warning("The state of a watcher could not be written (%s).", type(error).__name__)
        else:
            self._unwritten = None

    async def catch_up(self) -> None:
        """Write what could not be written before."""
        if self._unwritten is not None:
            await self.write(self._unwritten)


def _stores_of_each_asset(store: Any) -> list[Any]:
    if store is None:
        return []
    # With several assets, Airflow's own methods want to be told which, and there is no public way to list them.
    by_name = getattr(store, "_by_name", None)
    if isinstance(by_name, Mapping) and by_name:
        return list(by_name.values())
    return [store]
