"""How many platforms a connection can call: by a table, and by the fields that a connection has."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from airflow_provider_orgauth.provider_info import get_provider_info

_SPEC = importlib.util.spec_from_file_location("platforms", Path(__file__).parents[2] / "scripts" / "platforms.py")
assert _SPEC is not None
assert _SPEC.loader is not None
platforms = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(platforms)


def test_105_of_110_can_be_called():
    *_, (_, _, reached) = platforms.counts()
    assert (reached, len(platforms.needs())) == (105, 110)


def test_each_need_is_a_field_or_out_of_reach():
    assert set().union(*platforms.needs().values()) == {*platforms.FIELDS, platforms.OWN_CALL}


@pytest.mark.parametrize("field", [field.partition(" ")[0] for field in platforms.FIELDS.values()])
def test_each_field_is_one_of_the_connections(field):
    (connection,) = get_provider_info()["connection-types"]
    assert field == "host" or field in connection["conn-fields"]
