"""What the page of the tokens takes from an Airflow that has teams, and what no documentation promises."""

from __future__ import annotations

import inspect
from importlib.metadata import version

import pytest

from airflow_provider_orgauth.hooks.connection_team import TEAM_SEPARATOR


def test_airflow_says_whose_dags_and_variables_are_and_who_is_in_a_team():
    if tuple(int(part) for part in version("apache-airflow").split(".")[:2]) < (3, 2):
        pytest.skip("Airflow has teams from 3.2 on")
    from airflow.api_fastapi.auth.managers.base_auth_manager import BaseAuthManager
    from airflow.api_fastapi.auth.managers.models.resource_details import DagDetails
    from airflow.models import DagModel, Variable
    from airflow.secrets import environment_variables

    assert {"user", "method"} <= inspect.signature(BaseAuthManager.get_authorized_teams).parameters.keys()
    assert "dag_id" in inspect.signature(DagModel.get_team_name).parameters
    assert "team_name" in inspect.signature(DagDetails).parameters
    assert hasattr(Variable, "team_name")
    assert "variable_key" in inspect.signature(Variable.get_team_name).parameters
    assert TEAM_SEPARATOR in inspect.getsource(environment_variables)
