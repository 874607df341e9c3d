# ruff: noqa: ANN001, ANN201, S101
from devices_dag import dag


def test_counts_the_devices_with_one_token(orgauth_emulator, orgauth_connection):
    run = dag.test()

    assert run.get_task_instance("count").xcom_pull(task_ids="count") == 2500
    assert orgauth_emulator.stats()["token_requests"] == 1


def test_survives_an_overloaded_server(orgauth_emulator, orgauth_connection):
    orgauth_emulator.fault("status", "/devices", status=503, times=2)

    assert dag.test().state == "success"
    assert orgauth_emulator.stats()["api_requests_by_status"] == {"503": 2, "200": 1}


def test_fails_when_the_organization_is_empty(orgauth_emulator, orgauth_connection):
    orgauth_emulator.fault("status", "/devices", status=200, body='{"content": [], "totalElements": 0}')

    assert dag.test().state == "failed"
