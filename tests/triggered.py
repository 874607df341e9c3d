"""What a triggerer makes of a task that has deferred."""

from __future__ import annotations

import json
from importlib import import_module

from tests import virtual_loop


def event_of(deferred):
    """Return the event of a trigger, which is made anew from what Airflow stores of it, as a triggerer does."""
    path, arguments = deferred.trigger.serialize()
    stored = json.loads(json.dumps(arguments))
    module, _, name = path.rpartition(".")

    async def first():
        trigger = getattr(import_module(module), name)(**stored)
        events = [event async for event in trigger.run()]
        assert len(events) == 1
        return json.loads(json.dumps(events[0].payload))

    return virtual_loop.run(first())
