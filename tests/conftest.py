"""What every test gets: an Airflow home of its own, an empty process-wide cache, and time in its hands."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

# A busy machine is no finding: what is slow is measured in benchmarks/.
hypothesis.settings.register_profile("house", deadline=None)
_EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "20000"))
hypothesis.settings.register_profile("properties", deadline=None, max_examples=_EXAMPLES)  # make properties
hypothesis.settings.load_profile("house")

# Before anything imports Airflow: a test must read nobody's airflow.cfg and write into nobody's database.
_HOME = Path(tempfile.mkdtemp(prefix="orgauth-tests-"))
_HOME.chmod(0o711)  # servers that are not to run as root run as another user, in here
os.environ["AIRFLOW_HOME"] = str(_HOME)
# Nor in the private folder of this user: a host of its own. What pytest keeps for a look stays where it was.
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
os.environ["TMPDIR"] = tempfile.tempdir = str(_HOME / "tmp")
os.mkdir(tempfile.tempdir)
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = f"sqlite:///{_HOME / 'airflow.db'}"
os.environ["AIRFLOW__CORE__UNIT_TEST_MODE"] = "False"
# Airflow keeps the first Fernet that it makes, or that it has no key for one.
os.environ["AIRFLOW__CORE__FERNET_KEY"] = "x" * 43 + "="


@atexit.register
def _remove_home(process: int = os.getpid()) -> None:
    if os.getpid() == process:  # a forked child that ends as a program does would take the home away from all tests
        shutil.rmtree(_HOME, ignore_errors=True)


class Time:
    """A clock and a sleep that only the test moves: waiting is writing down how long."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.slept: list[float] = []
        self.meanwhile: Callable[[], object] = lambda: None
        """What happens while somebody sleeps."""

    def clock(self) -> float:
        """Epoch seconds, with what was slept or advanced on top."""
        return time.time() + self.ahead

    def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self.slept.append(seconds)
        self.ahead += seconds
        self.meanwhile()

    def advance(self, seconds: float) -> None:
        """Let the time pass for whoever uses this clock."""
        self.ahead += seconds


@pytest.fixture
def clockwork() -> Time:
    return Time()


@pytest.fixture(autouse=True)
def _a_new_process():
    """Forget what this process and its host know, as new ones would."""
    from airflow_provider_orgauth import compat
    from airflow_provider_orgauth.cache import memory, store_choice, text_store
    from airflow_provider_orgauth.client import clock_check, server_clock, token_source

    memory.TOKENS.clear()
    store_choice.refresh_tokens_of.cache_clear()
    token_source.MOMENTS.forget()
    text_store.WARNED.clear()
    clock_check.SAID.clear()
    server_clock.CLOCKS.clear()
    for kind in ("token", "refresh", "newest", "outage", "calls"):
        for file in (_HOME / "tmp").glob(f"airflow-orgauth-*/*.{kind}"):
            file.unlink()
    # Airflow's masker compiles all that it knows anew for each secret: a thousand tests' secrets take minutes.
    masker = compat.secrets_masker()
    masker.patterns, masker.replacer = set(), None
