"""What Airflow stores of a watcher, and what is refused when the DAG is parsed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS

from airflow_provider_orgauth.exceptions import ConfigurationError, OrgAuthError
from airflow_provider_orgauth.triggers.event_arguments import read
from airflow_provider_orgauth.triggers.org_api import OrgApiEventTrigger

REQUEST = {"params": {"size": 5, "page": 0}, "endpoint": "/devices"}
needs_airflow_3 = pytest.mark.skipif(not AIRFLOW_V_3_0_PLUS, reason="Airflow 2 has no AssetWatcher")


@pytest.mark.skipif(AIRFLOW_V_3_0_PLUS, reason="Airflow 3 has what it needs")
def test_before_airflow_3_it_says_what_it_needs():
    with pytest.raises(ConfigurationError, match="needs Airflow 3"):
        OrgApiEventTrigger(REQUEST, when="a")


@needs_airflow_3
def test_what_is_stored():
    trigger = OrgApiEventTrigger(
        REQUEST, when={404, 200}, key=None, fields={"b": "b", "a": "a"}, poke_interval=60, org_conn_id="orgauth_default"
    )
    path, arguments = trigger.serialize()

    assert path == "airflow_provider_orgauth.triggers.org_api.OrgApiEventTrigger"
    assert json.dumps(read(arguments)) == (
        '{"fields": {"a": "a", "b": "b"}, "request": {"endpoint": "/devices", "params": {"page": 0, "size": 5}}, '
        '"v": 1, "when": [200, 404]}'
    )
    assert OrgApiEventTrigger(**arguments).serialize() == (path, arguments)


@needs_airflow_3
def test_airflow_3_2_gets_no_mapping_which_it_would_damage(monkeypatch):
    monkeypatch.setattr("airflow.__version__", "3.2.2")
    trigger = OrgApiEventTrigger(REQUEST, when="a", fields={"b": "b"})
    path, arguments = trigger.serialize()

    assert not any(isinstance(value, dict) for value in arguments.values())
    again = OrgApiEventTrigger(**arguments)
    assert again.serialize() == (path, arguments)
    assert (again.request, again.options) == (trigger.request, trigger.options)
    assert again.shared_stream_key() == trigger.shared_stream_key()
    # after an upgrade, the rows are still there
    monkeypatch.setattr("airflow.__version__", "3.3.2")
    assert OrgApiEventTrigger(**arguments).serialize()[1]["request"] == trigger.request


@needs_airflow_3
def test_what_airflow_keeps_of_a_watcher_it_knows_again():
    encoders = pytest.importorskip("airflow.serialization.encoders")  # since 3.2
    from airflow.models.trigger import Trigger
    from airflow.serialization.decoders import smart_decode_trigger_kwargs
    from airflow.triggers.base import BaseEventTrigger

    trigger = OrgApiEventTrigger(REQUEST, when="a", fields={"b": "b"})
    encoded = encoders.encode_trigger(trigger)["kwargs"]
    row = Trigger(classpath="c", kwargs=encoded)
    arguments = {name: smart_decode_trigger_kwargs(value) for name, value in row.kwargs.items()}

    assert OrgApiEventTrigger(**arguments).serialize() == trigger.serialize()
    assert BaseEventTrigger.hash("c", encoded) == BaseEventTrigger.hash("c", row.kwargs)


@needs_airflow_3
def test_equal_watchers_are_one_row_for_airflow():
    from airflow.triggers.base import BaseEventTrigger

    one = OrgApiEventTrigger(REQUEST, when="a", key="b")
    other = OrgApiEventTrigger(dict(reversed(REQUEST.items())), key="b", when="a", tell_first=False)
    assert BaseEventTrigger.hash(*one.serialize()) == BaseEventTrigger.hash(*other.serialize())


@needs_airflow_3
def test_who_shares_a_stream():
    def key(**arguments):
        return OrgApiEventTrigger(**{"request": REQUEST, "when": "a", **arguments}).shared_stream_key()

    assert key() == key(when="b", key="c", fields=["d"], tell_first=True) == key(when=None, records="a")
    others = [
        key(),
        key(when=404),
        key(waiting_statuses=404),
        key(poke_interval=30),
        key(org_conn_id="other"),
        key(request={**REQUEST, "method": "HEAD"}),
    ]
    assert len(set(others)) == len(others)


@needs_airflow_3
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "when: is missing, as are key and records"),
        ({"when": "a =="}, "when: "),
        ({"when": "'FINISH'"}, "is the same of every answer"),
        ({"when": len}, "when: is a function"),
        ({"when": "a.b:c"}, "when: is the import path of a function"),
        ({"when": 401}, "about the credentials"),
        ({"when": 404, "records": "a"}, "records have none"),
        ({"when": 404, "waiting_statuses": [404]}, "can mean one thing only"),
        ({"when": "{{ ds }}"}, "template"),
        ({"key": "nonsense(a)"}, "key: there is no function"),
        ({"key": 7}, "key: is int"),
        ({"when": "a", "fields": "name"}, "fields: is str"),
        ({"when": "a", "fields": ["b["]}, "fields: "),
        ({"when": "a", "poke_interval": 0}, "poke_interval: "),
        ({"when": "a", "poke_intervall": 5}, "Did you mean poke_interval"),
        ({"when": "a", "request": {"endpoint": "/a", "param": {}}}, "Did you mean params"),
        ({"when": "a", "request": {"path": "/a"}}, "has no endpoint"),
        (
            {"when": "a", "request": {"endpoint": "/a", "headers": {"Authorization": "Bearer abc"}}},
            "holds a credential",
        ),
        ({"when": "a", "request": {"endpoint": "/a/{{ ds }}"}}, "template"),
        ({"when": "a", "request": {"endpoint": "/a", "json": {1, 2}}}, "is no JSON"),
    ],
)
def test_what_cannot_work_is_refused_when_the_dag_is_parsed(arguments, said):
    with pytest.raises(OrgAuthError) as error:
        OrgApiEventTrigger(**{"request": REQUEST, **arguments})
    assert said in str(error.value)
    assert "Bearer abc" not in str(error.value)


def test_the_import_is_light():
    code = (
        "import airflow.triggers.base, sys; before = set(sys.modules)\n"
        "from airflow_provider_orgauth.triggers.org_api import OrgApiEventTrigger\n"
        "print(sorted(name for name in set(sys.modules) - before if not name.startswith('airflow_provider_orgauth')))\n"
        "print(len(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    *_, names, number = done.stdout.splitlines()
    assert "jmespath" not in names
    assert "requests" not in names
    assert int(number) < 18, names
