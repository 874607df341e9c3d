"""A host whose clocks a test sets."""

from __future__ import annotations

from airflow_provider_orgauth.client.server_clock import ServerClock

NOW = 1_766_000_000.0


class Machine:
    """A host: a clock that can be set, one that cannot, and the file that its processes share."""

    def __init__(self, ahead: float = 0.0) -> None:
        self.ahead, self.up, self.stood, self.text, self.full = ahead, 1000.0, 0.0, None, False
        self.written = 0

    def wall(self):
        return NOW + self.ahead + self.up - 1000

    def boot(self):
        return self.up - self.stood

    def read(self):
        return self.text

    def write(self, text):
        if self.full:
            return False
        self.text = text
        self.written += 1
        return True

    def process(self):
        clock = ServerClock(self.wall, boot=self.boot, file=self)
        clock.reread()
        return clock

    def true(self):
        """The server's time, which is right."""
        return NOW + self.up - 1000
