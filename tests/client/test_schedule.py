"""When the next request may be sent, in memory and in a file that all processes of a host share."""

import fcntl
import math
import os
import struct
from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.client import schedule
from airflow_provider_orgauth.client.schedule import Gcra, HostSchedule, MemorySchedule


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path / f"airflow-orgauth-{os.getuid()}"


@given(
    per_minute=st.floats(0.1, 3000),
    gaps=st.lists(st.just(0.0) | st.floats(0, 2) | st.floats(0, 300), min_size=1, max_size=200),
)
def test_no_minute_has_more_than_were_allowed(per_minute, gaps):
    gcra, slots = Gcra.of(per_minute), MemorySchedule()
    now, sent = 0.0, []
    for gap in gaps:
        now += gap
        sent.append(now + slots.reserve(gcra, now))

    sent.sort()
    for i, start in enumerate(sent):
        assert bisect_left(sent, start + 60 - 1e-6) - i <= math.ceil(per_minute)


@pytest.mark.parametrize("per_minute", [1, 60, 119.5, 120, 600, 10_000])
def test_a_burst_is_part_of_its_minute(per_minute):
    gcra, slots = Gcra.of(per_minute), MemorySchedule()
    sent = [slots.reserve(gcra, 0.0) for _ in range(3 * math.ceil(per_minute))]

    assert bisect_left(sent, 60 - 1e-6) == math.ceil(per_minute)


@given(per_minute=st.floats(0.1, 1_000_000))
def test_whoever_always_asks_gets_nearly_all_that_is_allowed(per_minute):
    gcra, slots = Gcra.of(per_minute), MemorySchedule()
    waits = [slots.reserve(gcra, 0.0) for _ in range(300)]

    assert waits == sorted(waits)
    assert 0.98 * per_minute <= 60 / gcra.interval <= per_minute * (1 + 1e-9)
    assert sum(wait < 1e-6 for wait in waits) == min(300, max(1, per_minute // 60))
    assert gcra.burst * gcra.interval <= max(1.02, 60 / per_minute * (1 + 1e-9))


def test_what_is_in_the_file_is_the_schedule(folder):
    gcra = Gcra.of(60)
    here, elsewhere = HostSchedule("a"), HostSchedule("a")

    assert [slots.reserve(gcra, 100.0) for slots in (here, elsewhere, here, HostSchedule("b"))] == [0, 1, 2, 0]
    assert here.reserve(gcra, 102.5) == 0.5
    assert here.reserve(gcra, 200.0) == 0
    (folder / "a.rate").unlink()  # a temporary folder is cleaned now and then
    assert here.reserve(gcra, 200.0) == 0
    assert elsewhere.reserve(gcra, 200.0) == 1
    assert (folder / "a.rate").stat().st_mode & 0o777 == 0o600
    assert (folder / "a.rate").stat().st_size == 24


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"x",
        b"\xff" * 24,
        struct.pack("<d16s", 103.0, b"another boot"),
        struct.pack("<d16s", math.inf, schedule._boot()),
        struct.pack("<d16s", math.nan, schedule._boot()),
        struct.pack("<d16s", 100.0 + schedule.MAX_WAITING + 1, schedule._boot()),
    ],
    ids=repr,
)
def test_a_schedule_that_cannot_be_is_none(folder, record):
    HostSchedule("a").reserve(Gcra.of(60), 100.0)
    (folder / "a.rate").write_bytes(record)

    assert HostSchedule("a").reserve(Gcra.of(60), 100.0) == 0
    assert HostSchedule("a").reserve(Gcra.of(60), 100.0) == 1


def test_a_schedule_of_this_boot_is_kept(folder):
    HostSchedule("a").reserve(Gcra.of(60), 100.0)
    (folder / "a.rate").write_bytes(struct.pack("<d16s", 103.0, schedule._boot()))

    assert HostSchedule("a").reserve(Gcra.of(60), 100.0) == 3


def test_a_link_is_not_followed(folder, tmp_path):
    HostSchedule("a").reserve(Gcra.of(60), 100.0)
    (folder / "b.rate").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OSError, match="symbolic"):
        HostSchedule("b").reserve(Gcra.of(60), 100.0)
    assert not (tmp_path / "elsewhere").exists()


def test_whoever_holds_the_file_and_is_frozen_holds_nobody_and_one_request_only(folder, monkeypatch):
    monkeypatch.setattr(schedule, "LONGEST_LOCK_SECONDS", 0.05)
    HostSchedule("a").reserve(Gcra.of(60), 100.0)
    with (folder / "a.rate").open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(BlockingIOError):
            HostSchedule("a").reserve(Gcra.of(60), 100.0)
        assert [HostSchedule("a").reserve(Gcra.of(60), 100.0) for _ in range(2)] == [0, 1]  # in a file of their own


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_that_was_forked_meanwhile_does_not_keep_the_file_locked(folder):
    waits, ends = os.pipe()

    class ForkingGcra(Gcra):
        """Another thread forks just then."""

        def reserve(self, arrival, now):
            if os.fork() == 0:
                os.close(ends)
                os.read(waits, 1)
                os._exit(0)
            return super().reserve(arrival, now)

    HostSchedule("limit").reserve(ForkingGcra(1.0, 1.0), 0.0)
    try:
        assert HostSchedule("limit").reserve(Gcra(1.0, 1.0), 0.0) == 1.0
    finally:
        os.close(ends)
        os.close(waits)
        os.wait()
