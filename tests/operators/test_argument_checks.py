"""Wrong arguments: found before anything is sent, and when the DAG is parsed where they are constant."""

import functools
from datetime import UTC, datetime

import pytest
from airflow.providers.common.compat.sdk import DAG, AirflowFailException, task_group
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.answers.handlers import check_handler
from airflow_provider_orgauth.answers.response import search
from airflow_provider_orgauth.exceptions import ConfigurationError, ForeignOriginError
from airflow_provider_orgauth.operators.argument_checks import CHECKED
from airflow_provider_orgauth.operators.combinations import COMBINATIONS
from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.paging import PageNumberPagination

DEVICE = "/api/v1/organization/device"
A_FILE = {"pagination": "page_number", "output_path": "/tmp/x.jsonl"}


async def later(response):
    return True


def one_by_one(response):
    yield response


class Later:
    async def __call__(self, response):
        return True


def nothing():
    return True


WRONG = [
    ({"endpoint": 5}, "endpoint"),
    ({"endpoint": "//evil.example/x"}, "endpoint"),
    ({"endpoint": "/a/../b"}, "endpoint"),
    ({"endpoint": "/a b"}, "endpoint"),
    ({"endpoint": "/a#b"}, "endpoint"),
    ({"method": "GTE T"}, "method"),
    ({"method": "TRACE"}, "method"),
    ({"method": None}, "method"),
    ({"params": {"flag": float("nan")}}, "params.flag"),
    ({"params": {"flag": {"a": 1}}}, "params.flag"),
    ({"params": {"t": "{{ ds }}", "flag": b"1"}}, "params.flag"),
    ({"params": 5}, "params"),
    ({"json": {"at": datetime(2026, 1, 1, tzinfo=UTC)}}, "json"),
    ({"json": {1, 2}}, "json"),
    ({"json": float("nan")}, "json"),
    ({"json": {"a": 1}, "data": {"a": 1}}, "json"),
    ({"data": {"a": object()}}, "data.a"),
    ({"data": 5}, "data"),
    ({"headers": ["X-A: 1"]}, "headers"),
    ({"headers": {"X A": "1"}}, "headers"),
    ({"headers": {"X-A": 1}}, "headers"),
    ({"headers": {"X-A": "a\r\nX-B: 1", "X-C": "{{ ds }}"}}, "headers"),
    ({"org_conn_id": ""}, "org_conn_id"),
    ({"org_conn_id": None}, "org_conn_id"),
    ({"response_check": "content["}, "response_check"),
    ({"response_check": ""}, "response_check"),
    ({"response_check": "status = 'ok'"}, "response_check"),
    ({"response_check": "lenght(content) > `0`"}, "response_check"),
    ({"response_check": "length(content, `0`) > `0`"}, "response_check"),
    ({"response_check": "a || content[].{n: nmae(@)}"}, "response_check"),
    ({"response_check": True}, "response_check"),
    ({"response_check": nothing}, "response_check"),
    ({"response_check": later}, "response_check"),
    ({"response_check": Later()}, "response_check"),
    ({"response_check": functools.partial(later)}, "response_check"),
    ({"response_check": lambda *, response: True}, "response_check"),
    ({"response_filter": "content[::0]"}, "response_filter"),
    ({"response_filter": "{{ ds }}"}, "response_filter"),
    ({"response_filter": one_by_one}, "response_filter"),
    ({"response_filter": ["id"]}, "response_filter"),
    ({"pagination": "page_numbr"}, "pagination.type"),
    ({"pagination": {"sise": 5}}, "pagination"),
    ({"pagination": {"size": 0}}, "pagination.size"),
    ({"pagination": PageNumberPagination}, "pagination"),
    ({"pagination": 5}, "pagination"),
    ({"records": 5}, "records"),
    ({"pagination": "single", "params": "a=1"}, "params"),
    ({"pagination": "single", "data": {"a": 1}}, "data"),
    ({"output_path": 5}, "output_path"),
    ({"output_path": ""}, "output_path"),
    ({"output_path": "~/x.jsonl"}, "output_path"),
    ({**A_FILE, "response_filter": "id"}, "response_filter"),
    ({**A_FILE, "output_path": "/x/{{ ds }}.jsonl", "response_filter": "id"}, "response_filter"),
    ({**A_FILE, "fields": "id"}, "fields"),
    ({**A_FILE, "fields": []}, "fields"),
    ({**A_FILE, "drop_fields": "token"}, "drop_fields"),
    ({**A_FILE, "drop_fields": ["{{ params.secret }}"]}, "drop_fields"),
    ({**A_FILE, "unique_by": 5}, "unique_by"),
    ({**A_FILE, "strict": "false"}, "strict"),
    ({"drop_fields": ["token"]}, "drop_fields"),
    ({"strict": True}, "strict"),
    ({"max_concurrency": 0}, "max_concurrency"),
    ({"max_concurrency": "8"}, "max_concurrency"),
    ({"since": ""}, "since"),
    ({"since": 5}, "since"),
    ({"since": "{{ var.value.name }}"}, "since"),
    ({"since": "at", "until": "at"}, "until"),
    ({"since": "from", "params": {"from": 1}}, "since"),
    ({"until": "to", "params": {"to": "{{ ts }}"}}, "until"),
    ({"time_format": "epoch"}, "time_format"),
    ({"watermark": ""}, "watermark"),
    ({**A_FILE, "watermark": "readings"}, "watermark"),
    ({"watermark": "readings", "since": "from"}, "watermark"),
    ({"log_response": "false"}, "log_response"),
    ({"max_result_bytes": "1000"}, "max_result_bytes"),
    ({"max_result_bytes": 0}, "max_result_bytes"),
]


def names(error, field):
    """Tell whether an error is about ``field``; one about the endpoint has a type of its own."""
    return field == "endpoint" if isinstance(error, ForeignOriginError) else error.field == field


@pytest.mark.parametrize(("arguments", "field"), WRONG, ids=lambda value: str(value)[:60])
def test_what_is_constant_is_refused_when_the_dag_is_parsed(arguments, field):
    with pytest.raises((ConfigurationError, ForeignOriginError)) as caught:
        OrgApiOperator(task_id="t", **{"endpoint": "/x", **arguments})

    assert names(caught.value, field), caught.value
    assert isinstance(caught.value, AirflowFailException)
    assert caught.value.advice


ALONE = [
    (arguments, field) for arguments, field in WRONG if len(arguments) == 1 and field not in ("strict", "drop_fields")
]


@pytest.mark.parametrize(("arguments", "field"), ALONE, ids=lambda value: str(value)[:60])
def test_a_mapped_task_is_checked_as_far_as_it_is_known(arguments, field):
    with DAG("d", schedule=None), pytest.raises((ConfigurationError, ForeignOriginError)) as caught:
        OrgApiOperator.partial(task_id="t", **arguments).expand(json=[1])

    assert names(caught.value, field), caught.value


RENDERED = [(arguments, field) for arguments, field in WRONG if "{{" not in str(arguments)]


@pytest.mark.parametrize(("arguments", "field"), RENDERED, ids=lambda value: str(value)[:60])
@pytest.mark.parametrize("method", ["PUT", "GET"])
def test_before_anything_is_sent(orgauth_emulator, orgauth_connection, arguments, field, method):
    """As if all of it had been a template, or had come from another task."""
    operator = OrgApiOperator(task_id="t", endpoint=DEVICE, method=method)
    for name, value in arguments.items():
        setattr(operator, "query" if name == "params" else name, value)

    with pytest.raises((ConfigurationError, ForeignOriginError)) as caught:
        operator.execute({})
    assert names(caught.value, field), caught.value
    assert orgauth_emulator.stats()["api_requests"] == 0
    assert orgauth_emulator.stats()["token_requests"] == 0


def test_a_device_is_not_renamed_before_a_typo_is_found(orgauth_emulator, orgauth_connection):
    rename = {"method": "PUT", "params": {"deviceId": 1}, "json": {"name": "renamed"}}
    name = OrgApiOperator(task_id="t", endpoint=DEVICE, params={"deviceId": 1}, response_filter="name")
    before = name.execute({})
    for argument, value in (
        ("response_check", "nam]e"),
        ("response_filter", "leng(name)"),
        ("response_check", lambda response, no_such_value: True),
        ("response_filter", lambda ti: True),
    ):
        operator = OrgApiOperator(task_id="t", endpoint=DEVICE, **rename)
        setattr(operator, argument, value)
        with pytest.raises(ConfigurationError, match=rf"^{argument}: "):
            operator.execute({"ti": None})

    assert name.execute({}) == before


@pytest.mark.parametrize(
    "handler",
    [
        lambda response: True,
        lambda response, ti: True,
        lambda response, *, ds, other=1: True,
        lambda *anything: True,
        lambda response, **context: True,
        functools.partial(lambda least, response: True, 1),
        bool,
        len,
        str.strip,
        "content[?id > `1`] | [0].{a: max_by(@, &id)}",
        "not_null(a, b, c)",
        "merge(a)",
        "@",
    ],
)
def test_what_can_be_called_or_evaluated_passes(handler):
    check_handler("response_check", handler)
    check_handler("response_check", handler, {"ti": 1, "ds": "2026-01-01"})


def error_of(call):
    """Return the text of the ``ConfigurationError`` that a call raises, or nothing."""
    try:
        call()
    except ConfigurationError as error:
        return str(error)
    return ""


@given(st.text(max_size=30) | st.text(alphabet="ab[]{}().,:*@&|!<>='`\"0- ", max_size=30))
@example("`\\ud800`")
@example("`nan`")
@example("'" * 3)
@example("[?" * 500)
@example("a." * 3000 + "a")
@example("(" * 5000)
def test_an_expression_is_taken_or_refused(expression):
    refused = error_of(lambda: check_handler("response_check", expression))
    if refused:
        assert len(refused) < 700
    else:  # what JMESPath says of an answer is about the answer
        found = error_of(lambda: search(expression, {"a": [{"b": 1}], "b": "x"}, "response_check"))
        assert "Unknown function" not in found
        assert "Expected" not in found.partition(" in ")[0]


# What is not constant


OPEN = {
    "endpoint": "/x/{{ params.id }}?a b",
    "method": "{{ params.method }}",
    "params": {"a": "{{ ds }}", "{% if 1 %}b{% endif %}": 1},
    "json": "{{ params.body }}",
    "headers": {"X-{{ ds }}": "{# nothing #}"},
    "org_conn_id": "{{ params.conn }}",
    "pagination": {"type": "{{ params.style }}", "size": 5},
    "records": "{{ params.records }}",
    "output_path": "~/{{ ds }}",
}


@pytest.mark.parametrize("name", OPEN)
def test_a_template_is_no_constant(name):
    with DAG("d", schedule=None):
        OrgApiOperator(task_id="t", **{"endpoint": "/x", name: OPEN[name]})
        OrgApiOperator.partial(task_id="m", **{name: OPEN[name]}).expand(data=["a"])


def test_all_of_them_may_be_templates():
    with DAG("d", schedule=None):
        assert OrgApiOperator(task_id="t", since="from", watermark="{{ params.name }}", **OPEN)


def test_a_template_of_which_a_dict_is_made_goes_with_pages():
    with DAG(dag_id="d", schedule=None, render_template_as_native_obj=True):
        OrgApiOperator(task_id="a", endpoint="/x", params="{{ dag_run.conf }}", pagination="page_number")
        OrgApiOperator.partial(task_id="b", params="{{ dag_run.conf }}", pagination="page_number").expand(
            endpoint=["/"]
        )
    with pytest.raises(ConfigurationError, match=r"^params: is a text"):
        OrgApiOperator(task_id="c", endpoint="/x", params="a=1", pagination="page_number")


def test_another_tasks_output_is_no_constant():
    with DAG("d", schedule=None):
        output = OrgApiOperator(task_id="first", endpoint="/x").output
        for number, name in enumerate(OrgApiOperator.template_fields):
            about = {"endpoint": "/x", "since": "from", "pagination": "single", "output_path": "/x.jsonl", name: output}
            if name == "data":
                del about["pagination"], about["output_path"]
            OrgApiOperator(task_id=f"t{number}", **about)
        OrgApiOperator(task_id="inside", endpoint="/x", params={"a": [output]}, json={"a": (output,)})
        mapped = OrgApiOperator.partial(task_id="m", endpoint="/x").expand(params=output)

    assert mapped.upstream_task_ids == {"first"}


def test_the_argument_of_a_mapped_group_is_no_constant():
    with DAG("d", schedule=None):

        @task_group
        def group(where):
            OrgApiOperator(task_id="t", endpoint=where, output_path=where, params={"a": where})

        group.expand(where=["/x", "/y"])


def test_what_is_mapped_is_checked_in_its_turn():
    with DAG("d", schedule=None):
        mapped = OrgApiOperator.partial(task_id="t", endpoint="/x").expand(response_check=["id", "[id"])

    assert mapped.unmap({"response_check": "id"}).response_check == "id"
    with pytest.raises(ConfigurationError, match=r"^response_check: "):
        mapped.unmap({"response_check": "[id"})


def test_what_a_mapped_task_gets_later_decides_what_goes_together():
    with DAG("d", schedule=None):
        mapped = OrgApiOperator.partial(task_id="t", endpoint="/x", drop_fields=["token"]).expand(
            output_path=["/a/1", "/a/2"]
        )

    assert mapped.unmap({"output_path": "/a/1"}).drop_fields == ["token"]
    with (
        DAG("d", schedule=None),
        pytest.raises(ConfigurationError, match=r"^response_filter: does not go with output_path"),
    ):
        OrgApiOperator.partial(task_id="t", response_filter="id", output_path="/{{ ds }}").expand(endpoint=["/x", "/y"])


def test_a_subclass_may_have_templates_of_its_own():
    class Files(OrgApiOperator):
        template_fields = (*OrgApiOperator.template_fields, "since", "response_filter")
        template_ext = (".sql",)

    with DAG("d", schedule=None):
        assert Files(task_id="t", endpoint="a query.sql", since="{{ params.since }}", response_filter="{{ params.f }}")
        with pytest.raises(ForeignOriginError):
            Files(task_id="u", endpoint="a query.txt")


def test_each_argument_of_the_operator_is_checked():
    import inspect

    own = [
        name
        for name in inspect.signature(OrgApiOperator.__init__.__wrapped__).parameters
        if name not in ("self", "kwargs")
    ]
    assert set(own) - {"params"} == set(CHECKED)
    known = {*CHECKED, "params"} - {"query"}
    assert all(set(combination.names) <= known for combination in COMBINATIONS)
