"""The operator's ``params`` are its query, whatever Airflow made of them on the way."""

import pytest
from airflow.providers.common.compat.sdk import DAG, Param
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.operators.params_as_query import merged_query, split_params

names = st.sampled_from(["a", "b", "page", "size", "q"]) | st.text(min_size=1, max_size=4)
values = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.integers(), max_size=2)
queries = st.dictionaries(names, values, max_size=4)


@given(query=st.none() | queries, params=queries)
def test_merging_keeps_every_name_and_params_win(query, params):
    before = repr((query, params))
    result = merged_query(query, params)

    assert dict(result or {}) == {**(query or {}), **params}
    assert repr((query, params)) == before


@given(query=queries.filter(bool), other=st.text(max_size=5) | st.integers() | st.lists(st.integers()))
def test_what_is_no_mapping_stands_alone(query, other):
    assert merged_query(None, other) == other
    with pytest.raises(ConfigurationError, match="params"):
        merged_query(query, other)


@given(params=queries)
def test_a_plain_dict_is_the_query_as_it_is(params):
    assert split_params(params) == (params, {})


@given(own=queries, of_dag=queries)
def test_what_airflow_merged_is_taken_apart_again(own, of_dag):
    dag = DAG("d", schedule=None, params={name: Param(value) for name, value in of_dag.items()})
    both = dag.params.__class__({**{name: Param(value) for name, value in of_dag.items()}, **own})
    query, dag_params = split_params(both, dag)

    assert set(query) | set(dag_params) == set(own) | set(of_dag)
    assert not set(query) & set(dag_params)
    assert all(query[name] == own[name] for name in query if name in own)
    # What only the task has, or has with another value, is never lost to the DAG.
    assert all(name in query for name, value in own.items() if name not in of_dag or of_dag[name] != value)
    assert all(name in of_dag for name in dag_params)
