"""So many requests a minute."""

import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from airflow_provider_orgauth.client.admission_control import AttemptOutcome
from airflow_provider_orgauth.client.rate_limit import RateLimit
from airflow_provider_orgauth.client.retry_policy import RetryPolicy


class Clock:
    def __init__(self):
        self.now = 1000.0
        self.waits = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.waits.append(round(seconds, 6))
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def policy(clock):
    return RetryPolicy(5, clock=clock, timer=clock, sleep=clock.sleep)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def test_those_with_the_same_connection_share_it(policy, clock):
    first, second = RateLimit(30, "server client", policy), RateLimit(30, "server client", policy)
    for gate in (first, second, first, RateLimit(30, "server another", policy)):
        assert gate.enter() is not None

    assert clock.waits == [2, 2]


def test_a_changed_limit_holds_at_once(policy, clock):
    slow = RateLimit(0.1, "server client", policy)
    slow.enter()
    slow.leave(0, AttemptOutcome(200, requests=3))  # two replays: 20 minutes' worth
    RateLimit(60, "server client", policy).enter()

    assert clock.waits == []


def test_a_replay_counts(policy, clock):
    gate = RateLimit(60, "server client", policy)
    gate.enter()
    gate.leave(0, AttemptOutcome(200, requests=2))
    gate.enter()

    assert clock.waits == [2]


def test_stopped_while_it_waits(policy, clock):
    policy = RetryPolicy(5, clock=clock, timer=clock)
    policy.cancelled.set()
    gate = RateLimit(0.1, "server client", policy)

    assert gate.enter() is not None
    assert gate.enter() is None


def test_where_no_file_can_be_used_each_process_keeps_the_limit_and_says_so_once(policy, clock, tmp_path, caplog):
    (tmp_path / f"airflow-orgauth-{os.getuid()}").write_text("a file, not a folder")
    for _ in range(3):
        RateLimit(60, f"server {tmp_path}", policy).enter()  # what this process keeps to by itself it keeps

    assert clock.waits == [1, 1]
    assert caplog.text.count("this process only") == 1


PROCESS = """
import sys
from http.client import HTTPConnection
from airflow_provider_orgauth.client.rate_limit import RateLimit
from airflow_provider_orgauth.client.retry_policy import RetryPolicy
gate = RateLimit(240, "server client", RetryPolicy(5))
connection = HTTPConnection("127.0.0.1", int(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for _ in range(5):
    gate.enter()
    connection.request("GET", "/")
    connection.getresponse().read()
"""


@pytest.fixture
def arrivals():
    """Start a server; return its port and the times at which requests came."""
    times = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            times.append(time.monotonic())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port, times
    server.shutdown()
    thread.join()
    server.server_close()


def test_processes_of_a_host_keep_one_limit_together(arrivals, tmp_path):
    """Fifteen requests at 240 a minute: four at once, then one each quarter of a second."""
    port, times = arrivals
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", PROCESS, str(port)]
    processes = [
        subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    try:
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("\n")
            process.stdin.flush()
        assert [process.wait(60) for process in processes] == [0, 0, 0]
    finally:
        for process in processes:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()

    assert len(times) == 15
    # Each on its own would be done in a quarter of a second. What came early may have come a little late.
    assert max(times) - min(times) >= 11 * 60 / 237 - 0.4
