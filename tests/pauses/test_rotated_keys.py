"""As many token requests as there are secrets, and one more for each that is rotated: no storm."""

from __future__ import annotations

from hosts import STRICT, Findings, Fleet

from airflow_provider_orgauth.emulator import running_emulator

HOSTS = 4
OLD, NEW = ("old",), ("new", "old")
"""Fernet keys of a worker of Airflow 2.11: the first encrypts, each decrypts."""


def _tasks(fleet: Fleet, count: int, **of_host) -> Findings:
    """Let tasks take turns on the hosts, with what each host has; return all findings so far."""
    for number in range(count):
        host = number % HOSTS
        fleet.task(host, **{name: values[host % len(values)] for name, values in of_host.items()})
    return fleet.collect()


def test_two_secrets_of_one_client_cost_two_token_requests(tmp_path):
    with (
        running_emulator(**STRICT, token_lifetime=3600, second_secret="as-good-as-the-first") as emulator,
        Fleet(tmp_path, emulator, hosts=HOSTS) as fleet,
    ):
        first, second = fleet.connection(), fleet.connection(password="as-good-as-the-first")
        found = _tasks(fleet, 20, connection=(first, second))
    print(f"two secrets: {found}")

    assert len(found.calls) == 20
    assert found.failed == [], str(found)
    assert found.token_requests == 2, str(found)


def test_a_secret_that_is_rotated_in_a_running_fleet_costs_one(tmp_path):
    with (
        running_emulator(**STRICT, token_lifetime=3600) as emulator,
        Fleet(tmp_path, emulator, hosts=HOSTS) as fleet,
    ):
        old, new = fleet.connection(), fleet.connection(password="the-new-one")
        running = fleet.start(0)
        assert running.answer() == "ready"
        running.call()
        _tasks(fleet, 4, connection=(old,))
        emulator.settings(second_secret="the-new-one")
        _tasks(fleet, 8, connection=(old, new))  # workers learn of it one after the other
        emulator.settings(client_secret="the-new-one", second_secret="")
        running.call()  # it keeps the connection it read; its token is good
        found = _tasks(fleet, 4, connection=(new,))
    print(f"rotated secret: {found}")

    assert found.failed == [], str(found)
    assert found.token_requests == 2, str(found)


def test_a_fernet_key_that_half_of_the_fleet_has_costs_one_for_each_host(tmp_path):
    """Who lacks the new key finds no value where it cannot decrypt it, and writes one that it can."""
    with (
        running_emulator(**STRICT, token_lifetime=3600) as emulator,
        Fleet(tmp_path, emulator, hosts=HOSTS) as fleet,
    ):
        _tasks(fleet, 4, fernet_keys=(OLD,))
        _tasks(fleet, 8, fernet_keys=(OLD, ("new",)))
        _tasks(fleet, 4, fernet_keys=(OLD, NEW))
        found = _tasks(fleet, 4, fernet_keys=(NEW,))
    print(f"half-rotated Fernet key: {found}")

    assert found.failed == [], str(found)
    assert found.token_requests <= 1 + HOSTS, str(found)
