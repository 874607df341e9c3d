"""The hook of a person, on a real database: what is renewed and forgotten, for whom, and what the record says."""

from __future__ import annotations

import json

import pytest
from database_tables import database_tables

from airflow_provider_orgauth.cache import memory
from airflow_provider_orgauth.cache.state_record import state_from_text
from airflow_provider_orgauth.cache.store_choice import shared_key
from airflow_provider_orgauth.commands import status_command
from airflow_provider_orgauth.exceptions import ConfigurationError, InvalidClientError, MissingConnectionError
from airflow_provider_orgauth.hooks import connection_team, database_hook
from airflow_provider_orgauth.hooks.database_hook import DatabaseHook


@pytest.fixture(autouse=True)
def _database():
    with database_tables():
        yield


@pytest.fixture
def connected(orgauth_emulator, monkeypatch):
    orgauth_emulator.set_connection(monkeypatch, cache="variable", max_attempts=1)
    return orgauth_emulator


@pytest.fixture
def team():
    """Return Airflow's module of teams."""
    from airflow.models import Variable

    if not hasattr(Variable, "team_name"):  # 3.1 has the module, and not yet what belongs to a team
        pytest.skip("teams came with Airflow 3.2")
    from airflow.models import team

    return team


def hook(user="ada") -> DatabaseHook:
    return DatabaseHook("orgauth_default", user=user)


def rows() -> dict[str, tuple[str, str | None]]:
    """Return value and team of each Variable, by the key without the client's name."""
    from airflow.models import Variable
    from airflow.utils.session import create_session

    with create_session() as session:
        found = session.query(Variable).all()
        return {row.key.rpartition("_")[0]: (row.get_val(), getattr(row, "team_name", None)) for row in found}


def record():
    return state_from_text(rows()["orgauth_state"][0])


def test_a_renewal_is_shared_and_written_down_with_the_user(connected):
    first = hook().renew()
    second = hook("grace").renew()

    assert first.done, first.says
    assert first.says == "Renewed: a token for 300 s. Tasks take it when theirs comes to its end."
    assert second.done
    assert [renewal.by.user for renewal in record().renewals] == ["grace", "ada"]
    assert [renewal.grant for renewal in record().renewals] == ["refresh_token", "client_credentials"]
    assert record().renewals[0].by.dag_id is None
    assert hook().shared.load().access_token == connected.issued()[-1][0]


def test_without_a_user_the_host_is_known(connected):
    hook(None).renew()

    by = record().renewals[0].by
    assert by.user is None
    assert by.host


def test_what_is_forgotten_is_gone_for_all_and_written_down(connected):
    hook().renew()
    said = hook("grace").forget()

    assert (said.done, said.says) == (True, database_hook.FORGOTTEN)
    assert "orgauth_shared" not in rows()
    assert not memory.TOKENS
    assert record().forgotten.by.user == "grace"
    hook().get_access_token()
    assert connected.stats()["token_requests_by_grant"] == {"client_credentials": 2}


def test_where_there_is_nothing_to_forget_it_says_so(connected):
    said = hook().forget()

    assert (said.done, said.says) == (False, database_hook.NOTHING_TO_FORGET)
    assert connected.stats()["token_requests"] == 0


def test_a_refusal_is_an_error_and_written_down(connected, monkeypatch):
    about = json.loads(connected.connection_json(cache="variable", max_attempts=1)) | {"password": "wr0ng-secret"}
    monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(about))

    with pytest.raises(InvalidClientError) as refused:
        hook().renew()

    assert (record().failure.message, record().failure.by.user) == (str(refused.value), "ada")


def test_a_token_that_others_cannot_see_is_not_called_renewed(connected, monkeypatch):
    monkeypatch.setenv(f"AIRFLOW_VAR_{shared_key(hook().settings.client).upper()}", "of a secrets backend")

    said = hook().renew()

    assert (said.done, said.says) == (False, database_hook.NOT_SHARED)
    assert connected.stats()["token_requests"] == 1


@pytest.mark.parametrize("act", [DatabaseHook.renew, DatabaseHook.forget])
def test_where_tokens_are_not_shared_the_field_is_named(orgauth_emulator, monkeypatch, act):
    orgauth_emulator.set_connection(monkeypatch, cache="memory")

    with pytest.raises(ConfigurationError, match=r"^cache \(Share the token through\): is memory, so tokens are not"):
        act(hook())
    assert orgauth_emulator.stats()["token_requests"] == 0


@pytest.mark.parametrize("act", [DatabaseHook.renew, DatabaseHook.forget])
def test_what_another_connection_holds_is_sent_nowhere(orgauth_emulator, monkeypatch, act):
    about = json.loads(orgauth_emulator.connection_json()) | {"conn_type": "http"}
    monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(about))

    with pytest.raises(ConfigurationError, match="is 'http'"):
        act(hook())
    assert orgauth_emulator.stats()["token_requests"] == 0


def test_a_connection_that_is_not_there_is_missing():
    with pytest.raises(MissingConnectionError, match="nobody"):
        DatabaseHook("nobody").renew()


@pytest.mark.parametrize("act", ["renew", "forget"])
def test_the_token_that_tasks_of_another_team_share_is_left_to_them(connected, monkeypatch, team, act):
    """A connection of nobody: a task's Variables are its team's, and have the keys that ours would have."""
    from airflow.models import Variable
    from airflow.utils.session import create_session

    hook().renew()
    monkeypatch.setenv("AIRFLOW__CORE__MULTI_TEAM", "True")
    with create_session() as session:
        session.add(team.Team(name="red"))
        session.flush()
        for row in session.query(Variable):
            row.team_name = "red"
    before = rows(), connected.stats()["token_requests"]
    memory.TOKENS.clear()

    said = getattr(hook(), act)()

    assert (said.done, said.says) == (False, database_hook.OF_ANOTHER_TEAM)
    assert status_command.facts(hook())["state"] == status_command.NOT_TO_BE_SEEN
    assert (rows(), connected.stats()["token_requests"]) == before


@pytest.mark.usefixtures("team")
def test_a_connection_that_the_environment_gives_to_a_team_is_nobody_elses(orgauth_emulator, monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__MULTI_TEAM", "True")
    monkeypatch.setenv("AIRFLOW_CONN__RED_ONE___IN_ENV", orgauth_emulator.connection_json(cache="variable"))

    with pytest.raises(MissingConnectionError):
        DatabaseHook("_red_one___in_env").renew()
    assert orgauth_emulator.stats()["token_requests"] == 0


def test_the_token_of_a_team_is_that_teams(orgauth_emulator, monkeypatch, team):
    from airflow.models import Connection
    from airflow.utils.session import create_session

    monkeypatch.setenv("AIRFLOW__CORE__MULTI_TEAM", "True")
    with create_session() as session:
        session.add(team.Team(name="red"))
        session.flush()
        made = Connection.from_json(orgauth_emulator.connection_json(cache="variable"), conn_id="of_red")
        made.team_name = "red"
        session.add(made)
    assert connection_team.team_of("of_red") == "red"

    assert DatabaseHook("of_red", user="ada").renew().done

    assert len(rows()) == 4
    assert {of for _, of in rows().values()} == {"red"}
    assert DatabaseHook("of_red", user="grace").forget().done
    assert record().forgotten.by.user == "grace"
    assert "orgauth_shared" not in rows()
