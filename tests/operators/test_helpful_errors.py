"""What a newcomer does wrong, and whether the error names the thing and the way out."""

import asyncio
import functools
import json
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import DAG

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.compat import AirflowNotFoundException
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.sensors.org_api import OrgApiSensor

API = "/api/v1/organization"
DEVICES = {"task_id": "t", "endpoint": f"{API}/devices"}
A_PAGE = {"page": 0, "size": 2}


@pytest.fixture
def connection(orgauth_emulator, monkeypatch):
    """The emulator's connection, as ``orgauth_default``; a dict to make others of."""
    orgauth_emulator.set_connection(monkeypatch, cache="memory")
    return json.loads(orgauth_emulator.connection_json(cache="memory"))


def error_of(kind=errors.ConfigurationError, **arguments):
    with pytest.raises(kind) as caught:
        OrgApiOperator(**{**DEVICES, **arguments}).execute({})
    return str(caught.value)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("totalElements > 0", "A number is written in backquotes: totalElements > `0`"),
        ("a.b >= -1.5 && c", "A number is written in backquotes: a.b >= `-1.5` && c"),
        ("name = 'x'", "Two values are compared with ==: name == 'x'"),
        ("total = 5", "Two values are compared with ==: total == `5`"),
        ("response.status_code == 200", "give a function, such as response_check=lambda response:"),
        ("lambda r: r.ok", "That is Python"),
        ("a and b", "JMESPath writes && for and"),
        ("$.content", "JMESPath has no $"),
        ("{{ ds }}", "response_check is not templated"),
        ("content[", "JMESPath misses something at the end in 'content['"),
        ("", "there is no expression"),
    ],
)
def test_an_expression_that_cannot_be_read_says_what_to_write(expression, said):
    text = error_of(response_check=expression)

    assert said in text
    assert "for expression" not in text


def test_the_sensor_says_the_same():
    with pytest.raises(errors.ConfigurationError, match="backquotes: total > `0`"):
        OrgApiSensor(**DEVICES, until="total > 0")


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("total > `0`", "it has no 'total'. It has 'content', 'totalElements'."),
        ("totalElement > `0`", "Did you mean 'totalElements'?"),
        ('content[0].name == "Nobody"', "it has no 'Nobody'. It has 'content', 'totalElements'. Texts are written in"),
    ],
)
def test_a_check_on_a_key_that_is_not_there_lists_those_that_are(connection, expression, said):
    assert said in error_of(errors.ResponseCheckError, params=A_PAGE, response_check=expression)


def test_a_check_that_finds_its_keys_lists_none(connection):
    text = error_of(errors.ResponseCheckError, params=A_PAGE, response_check="totalElements < `0`")

    assert text.endswith("(totalElements < `0`). log_response=True shows the answer.")


def test_params_may_be_a_text(connection):
    found = OrgApiOperator(**DEVICES, params="page=0&size=2", response_filter="length(content)").execute({})

    assert found == 2


def test_nothing_is_added_to_a_text():
    assert "params: is a str, and more is to be added to it" in error_of(params="size=5", query={"page": 1})


@pytest.mark.parametrize("name", ["conn_id", "http_conn_id"])
@pytest.mark.parametrize(
    "make",
    [OrgApiOperator, OrgApiOperator.partial, functools.partial(OrgApiSensor, until="a"), OrgApiSensor.partial],
    ids=["operator", "mapped operator", "sensor", "mapped sensor"],
)
def test_the_name_of_another_operators_argument_is_translated(name, make):
    with pytest.raises(errors.ConfigurationError, match=f"{name}: is no argument here. It is called org_conn_id."):
        make(**DEVICES, **{name: "x"})


def test_none_in_a_path_is_refused_before_anything_is_sent(connection, orgauth_emulator):
    operator = OrgApiOperator(task_id="t", endpoint=f"{API}/device/{{{{ params.id }}}}")
    operator.endpoint = f"{API}/device/None"  # as Airflow renders a DAG param without a value

    with pytest.raises(errors.ConfigurationError, match="endpoint: has None in its path"):
        operator.execute({})
    assert orgauth_emulator.requests() == []


def test_none_in_the_query_is_a_warning(connection, caplog):
    OrgApiOperator(**DEVICES, params={**A_PAGE, "name": "None"}).execute({})

    assert "params.name is the text 'None'" in caplog.text


def test_a_method_that_nobody_knows_is_refused_before_anything_is_sent(connection, orgauth_emulator):
    with pytest.raises(errors.ConfigurationError, match="method: is 'FETCH', which is no HTTP method"):
        OrgAuthHook().run(f"{API}/profile", method="FETCH")
    assert orgauth_emulator.requests() == []
    assert OrgAuthHook().run(f"{API}/profile", method="get").ok


@pytest.mark.parametrize(
    ("path", "package"),
    [("s3://aws_default@lake/x.jsonl", "apache-airflow-providers-amazon[s3fs]"), ("abfs://x@y/z.jsonl", "azure")],
)
def test_a_store_without_its_provider_names_the_package(connection, path, package):
    text = error_of(pagination="page_number", output_path=path)

    assert text.startswith("output_path: has no file system here")
    assert package in text


def test_a_folder_that_cannot_be_written_to_is_named_and_not_the_hidden_file(connection):
    for arguments in ({"pagination": "page_number"}, {"params": A_PAGE}):
        text = error_of(OSError, output_path="/proc/devices.json" + "l" * ("pagination" in arguments), **arguments)

        assert "cannot be made in this folder: let the worker's user write there (uid " in text
        assert text.endswith("'/proc'")
        assert ".part" not in text


def test_a_connection_of_another_type_is_told_from_an_empty_field(connection, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_WEB", json.dumps({"conn_type": "http", "host": "api.example.com"}))

    text = error_of(org_conn_id="web")

    assert "org_conn_id: names a connection of type http, and one of type orgauth is needed (login (Client ID)" in text
    assert "Choose the type Organization API (OAuth2) in the connection 'web'" in text


def test_a_complete_connection_of_another_type_works_as_before(connection, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_WEB", json.dumps({**connection, "conn_type": "generic"}))

    assert OrgAuthHook("web").run(f"{API}/profile").ok


def test_a_missing_connection_says_where_to_make_it():
    for known_as in (errors.MissingConnectionError, AirflowNotFoundException):
        text = error_of(known_as, org_conn_id="orgauth_prod")
    assert (
        "Airflow knows no connection 'orgauth_prod'. Make it in the UI (Admin, Connections, type Organization" in text
    )
    assert "AIRFLOW_CONN_ORGAUTH_PROD" in text
    assert OrgAuthHook("orgauth_prod").test_connection() == (False, text)


def test_https_to_a_server_of_plain_http_says_so(connection, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_TLS", json.dumps({**connection, "schema": "https"}))

    worked, said = OrgAuthHook("tls").test_connection()

    assert not worked
    assert "the port answers, but not in TLS. It seems to speak plain http: write http:// in front of" in said
    assert "allow_http" in said


def test_an_event_loop_says_the_same(connection, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_TLS", json.dumps({**connection, "schema": "https"}))

    with pytest.raises(errors.TokenUnavailableError, match="It seems to speak plain http"):
        asyncio.run(OrgAuthHook("tls", max_attempts=1).run_async(f"{API}/profile"))


def test_a_mapped_task_over_bare_ids_says_what_to_write():
    with pytest.raises(errors.ConfigurationError, match=r"params: is 1 in a mapped task, and no query"):
        OrgApiOperator.partial(**DEVICES).expand(params=[1, 2, 3])


@pytest.mark.parametrize("before", [{}, {"params": {"page": 0}}], ids=["alone", "with more"])
def test_a_mapped_task_sends_each_query(connection, before):
    with DAG("mapped", schedule=None) as dag:
        OrgApiOperator.partial(**DEVICES, **before).expand(params=[{"size": 2}, {"size": 3}])
    mapped = dag.task_dict["t"]

    name = "params" if before else "query"
    assert mapped.unmap({name: {"size": 3}}).query == {"size": 3, **before.get("params", {})}


def test_bare_ids_of_another_task_are_named_when_the_task_runs(connection):
    with DAG("mapped", schedule=None) as dag:
        ids = OrgApiOperator(task_id="ids", endpoint=f"{API}/devices").output
        OrgApiOperator.partial(**DEVICES).expand(params=ids)

    with pytest.raises(errors.ConfigurationError, match="params: is neither a mapping nor pairs, but int"):
        dag.task_dict["t"].unmap({"query": 1}).execute({})


@pytest.mark.parametrize("values", [{"deviceId": 1}, "deviceId=1", 1, None], ids=["dict", "text", "number", "None"])
@pytest.mark.parametrize("before", [{}, {"params": {"page": 0}}], ids=["alone", "with more"])
def test_a_mapped_task_over_no_list_says_what_to_write(values, before):
    with pytest.raises(
        errors.ConfigurationError, match=r"params: is of type \w+ in expand\(…\), and no list. Give a dict"
    ):
        OrgApiOperator.partial(**DEVICES, **before).expand(params=values)


@pytest.mark.parametrize("common", ["params", "query"])
def test_a_query_that_is_mapped_and_given_says_which_is_for_what(common):
    with pytest.raises(errors.ConfigurationError, match=r"query: is mapped.*What differs: expand\(params="):
        OrgApiOperator.partial(**DEVICES, **{common: {"page": 0}}).expand(query=[{"size": 2}])


def test_a_query_that_is_mapped_twice_says_so():
    with pytest.raises(errors.ConfigurationError, match="query: is mapped"):
        OrgApiOperator.partial(**DEVICES).expand(query=[{"size": 2}], params=[{"page": 0}])


def test_bare_ids_in_expand_kwargs_say_what_to_write():
    with pytest.raises(errors.ConfigurationError, match="params: is 7 in a mapped task, and no query"):
        OrgApiOperator.partial(**DEVICES).expand_kwargs([{"params": 7}])


def output_of_a_task(value):
    """Return a task's output, and the context in which it has this value."""
    ti = SimpleNamespace(
        xcom_pull=lambda **_: value, get_relevant_upstream_map_indexes=lambda *_, **__: None, task=None, run_id="r"
    )
    return OrgApiOperator(task_id="ids", endpoint=f"{API}/devices").output, {"ti": ti, "expanded_ti_count": 1}


@pytest.mark.parametrize("before", [{}, {"params": {"page": 0}}], ids=["alone", "with more"])
@pytest.mark.parametrize("given", [1, [1], "x=1"], ids=["number", "list", "text"])
def test_bare_ids_of_another_task_are_named_before_they_are_merged(given, before):
    with DAG("mapped", schedule=None) as dag:
        ids, context = output_of_a_task([given])
        OrgApiOperator.partial(**DEVICES, **before).expand_kwargs(ids.map(lambda i: {"params": i}))
        mapped = dag.task_dict["t"]

        with pytest.raises(errors.ConfigurationError, match=r"params: is .* in a mapped task, and no query"):
            mapped.expand_input.value.resolve(context)[0]


def test_bare_ids_of_another_task_are_named_before_they_are_added_to_more():
    with DAG("mapped", schedule=None) as dag:
        ids, context = output_of_a_task([1])
        OrgApiOperator.partial(**DEVICES, params={"page": 0}).expand(params=ids)

    with pytest.raises(errors.ConfigurationError, match="params: is 1 in a mapped task, and no query"):
        dag.task_dict["t"].expand_input.value["params"].resolve(context)[0]


def test_what_is_no_query_is_said_without_its_credentials_and_cut():
    with pytest.raises(errors.ConfigurationError) as caught:
        OrgApiOperator.partial(**DEVICES, params={"size": 2}).expand(params=["api_key=hunter2&names=" + "x" * 5000])

    assert "hunter2" not in str(caught.value)
    assert len(str(caught.value)) < 600
