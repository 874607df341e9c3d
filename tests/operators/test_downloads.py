"""The operator with `output_path` alone: the answer's bytes in a file, with a manifest."""

import hashlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import Asset
from state_in_a_dict import StateInADict

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

sys.path.insert(0, str(Path(__file__).parents[1] / "hooks"))
from hostile_server import hostile_server

PDF = b"%PDF-1.7\n\x00\xff\xfe" + bytes(range(256)) * 40_000
TASK = SimpleNamespace(dag_id="dag", task_id="t", run_id="run", map_index=-1)


class Reports:
    """A server with one report, of which it sends so much."""

    def __init__(self):
        self.body, self.headers, self.status, self.sent = PDF, ["Content-Type: application/pdf"], "200 OK", None
        self.before = lambda: None
        """Called before each answer."""

    def __call__(self, peer):
        self.before()
        lines = [f"HTTP/1.1 {self.status}", f"Content-Length: {len(self.body)}", *self.headers, "", ""]
        peer.send("\r\n".join(lines).encode() + self.body[: self.sent])
        peer.done = self.sent is not None


@pytest.fixture
def reports():
    return Reports()


@pytest.fixture
def server(reports, monkeypatch):
    with hostile_server(api=reports) as running:
        about = {"conn_type": "orgauth", "host": "127.0.0.1", "port": running.port, "schema": "http"}
        extra = {"cache": "memory", "max_attempts": 1}
        login = {"login": "id", "password": "s3cr3t"}
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps({**about, **login, "extra": extra}))
        yield running


@pytest.fixture
def file(tmp_path):
    return tmp_path / "out" / "report.pdf"


@pytest.fixture
def execute(server, file):
    """Return a function that makes an operator for the report and executes it."""

    def run(context=None, **arguments):
        operator = OrgApiOperator(task_id="t", **{"endpoint": "/report", "output_path": str(file), **arguments})
        return operator.execute(context or {})

    return run


def everything_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_the_file_and_its_manifest(execute, server, file):
    manifest = execute(params={"id": 7}, headers={"Accept": "application/pdf"})

    assert file.read_bytes() == PDF
    assert server.requests[-1] == "GET /report?id=7"
    assert everything_in(file.parent) == [file.name]
    assert json.dumps(manifest)
    assert (manifest["path"], manifest["bytes"], manifest["content_type"]) == (str(file), len(PDF), "application/pdf")
    assert manifest["sha256"] == hashlib.sha256(PDF).hexdigest()


@pytest.mark.parametrize("body", [{"json": {"a": 1}}, {"data": {"a": 1}}, {"data": b"x"}])
def test_any_body(execute, server, file, body):
    execute(method="POST", **body)
    assert server.requests[-1] == "POST /report"
    assert file.read_bytes() == PDF


class OutletEvents(dict):
    """As Airflow's: to be asked with an asset, which has no hash on 3.0."""

    def __getitem__(self, asset):
        return super().__getitem__(asset.uri)


def test_the_asset_event_carries_the_manifest(execute, file):
    asset = Asset(f"file://{file}")
    events = OutletEvents({asset.uri: SimpleNamespace(extra={})})

    manifest = execute({"outlet_events": events}, outlets=[asset])

    assert events[asset].extra == manifest


def test_an_interval_and_a_watermark(execute, server, file):
    """The bytes of what is new: the manifest says of what."""
    import pendulum

    times = {
        "data_interval_start": pendulum.datetime(2026, 1, 1),
        "data_interval_end": pendulum.datetime(2026, 1, 2),
    }
    manifest = execute(times, since="from", until="to", time_format="iso8601")

    assert "from=2026-01-01" in server.requests[-1]
    assert manifest["until"] == "2026-01-02T00:00:00+00:00"


def test_openlineage_gets_the_file(execute, server, file):
    lineage = pytest.importorskip("airflow.providers.openlineage.extractors")
    operator = OrgApiOperator(task_id="t", endpoint="/report", output_path=str(file))
    operator.execute({})

    found = operator.get_openlineage_facets_on_complete(None)

    assert isinstance(found, lineage.OperatorLineage)
    (output,) = found.outputs
    assert (output.namespace, output.name) == ("file", str(file))
    assert output.outputFacets["outputStatistics"].size == len(PDF)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"response_check": "status == 'FINISH'"}, "^response_check: is JMESPath"),
        ({"response_filter": "content"}, "^response_filter: does not go"),
        ({"response_filter": lambda response: response.json()}, "^response_filter: does not go"),
        ({"log_response": True}, "^log_response: does not go"),
        ({"method": "HEAD"}, "^method: is HEAD"),
        ({"output_path": "/tmp"}, "^output_path: is a folder"),
        ({"output_path": ""}, "^output_path: is empty"),
        ({"output_path": "nosuch://b/report.pdf"}, "^output_path: has no file system here"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(execute, server, arguments, said):
    with pytest.raises(errors.ConfigurationError, match=said):
        execute(**arguments)
    assert server.requests == []


# response_check


def test_a_check_sees_status_and_headers(execute, file):
    seen = []
    execute(response_check=lambda response, ds: seen.append((response.status_code, ds)) or True, context={"ds": "d"})
    assert seen == [(200, "d")]
    assert file.read_bytes() == PDF

    with pytest.raises(errors.ResponseCheckError, match="does not pass response_check"):
        execute(response_check=lambda response: response.headers["Content-Type"] == "text/csv")
    assert file.read_bytes() == PDF
    assert everything_in(file.parent) == [file.name]


def test_a_check_may_read_all_of_the_body(execute, file):
    execute(response_check=lambda response: len(response.content) == len(PDF))
    assert file.read_bytes() == PDF


@pytest.mark.parametrize(
    "look",
    [
        lambda response: next(response.iter_content(10)),
        lambda response: list(response.iter_content(100_000)),
        lambda response: response.raw.read(10),
        lambda response: next(response.iter_lines(10)),
    ],
    ids=["iter_content", "all of iter_content", "raw", "iter_lines"],
)
def test_a_check_that_reads_a_part_of_it_leaves_no_file(execute, file, look):
    with pytest.raises(errors.ConfigurationError, match=r"^response_check: has read some of the body"):
        execute(response_check=look)
    assert everything_in(file.parent) == []


def test_a_check_that_fails_by_itself_fails_as_it_does(execute, file):
    def check(response):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        execute(response_check=check)
    assert everything_in(file.parent) == []


# An attempt that fails, and the next


@pytest.mark.parametrize("store", [None, StateInADict()], ids=["no state", "state"])
def test_an_attempt_that_fails_leaves_nothing_and_the_next_begins_anew(execute, reports, file, store):
    context = {"ti": TASK, "task_state_store": store}
    reports.sent = 5_000_000
    with pytest.raises(errors.ApiConnectionError, match="broke off"):
        execute(context)
    assert everything_in(file.parent) == []
    assert store is None or store.values == {}

    reports.sent = None
    execute(context)
    assert file.read_bytes() == PDF
    assert everything_in(file.parent) == [file.name]
    assert store is None or store.values == {}


def test_what_a_killed_attempt_left_is_removed(execute, file):
    """The names of its hidden files tell whose task's they are."""
    import hashlib

    key = hashlib.sha256(json.dumps(["dag", "t", "run", -1]).encode()).hexdigest()[:16]
    file.parent.mkdir()
    (file.parent / f".report.pdf.{key}.0123456789ab.part").write_bytes(PDF[:1000])
    (file.parent / ".report.pdf.another.part").write_bytes(b"another task's")

    execute({"ti": TASK})

    assert file.read_bytes() == PDF
    assert everything_in(file.parent) == [".report.pdf.another.part", "report.pdf"]


def test_what_an_export_saved_is_no_download(execute, file):
    store = StateInADict()
    store.values["orgauth_export"] = {"purpose": "another", "landing": {"size": 7}, "position": "sealed"}
    execute({"ti": TASK, "task_state_store": store})
    assert file.read_bytes() == PDF


def test_an_error_is_no_file(execute, reports, file):
    reports.status, reports.body = "404 Not Found", b'{"error": {"message": "No such report."}}'
    reports.headers = ["Content-Type: application/json"]
    with pytest.raises(errors.ApiError, match="No such report"):
        execute()
    assert everything_in(file.parent) == []


# In a @task


def test_in_a_task_its_hidden_files_are_known_by_their_names(server, reports, file, monkeypatch):
    from airflow_provider_orgauth.hooks import task_key

    monkeypatch.setattr(task_key, "current_context", lambda: {"ti": TASK})
    seen = []
    reports.before = lambda: seen.append(everything_in(file.parent))
    for _ in range(2):
        OrgAuthHook().download("/report", file)
    assert [len(names) for names in seen] == [1, 2]
    assert seen[1][1] == file.name
    assert seen[0][0] != seen[1][0]  # each has its own
    assert len({name.rsplit(".", 2)[0] for name in (seen[0][0], seen[1][0])}) == 1
