"""The connection form: one declaration, valid for Airflow 3.3's form and the same in the older versions' widgets."""

import json
from importlib.metadata import entry_points, version
from pathlib import Path

import airflow
import jsonschema
import pytest

from airflow_provider_orgauth.hooks.fields import BY_NAME, FIELDS
from airflow_provider_orgauth.provider_info import get_provider_info

WORDS_THAT_AIRFLOW_MASKS = ("token", "secret", "password", "passphrase", "authorization", "api_key", "apikey", "passwd")


def conn_type():
    (declared,) = get_provider_info()["connection-types"]
    return declared


@pytest.mark.parametrize("name", ["provider.yaml.schema.json", "provider_info.schema.json"])
def test_the_declaration_is_valid_by_airflows_own_schema(name):
    schema = json.loads((Path(airflow.__file__).parent / name).read_text())
    info = get_provider_info()
    if name == "provider.yaml.schema.json":  # what a provider inside Airflow's repository must state besides
        info |= {"source-date-epoch": 1, "state": "ready"}

    jsonschema.validate(info, schema)


def test_airflow_finds_the_provider_under_its_distributions_name():
    (entry,) = [e for e in entry_points(group="apache_airflow_provider") if e.module.startswith("airflow_provider_org")]
    info = entry.load()()

    assert info["package-name"] == entry.dist.name == "airflow-provider-orgauth"
    assert info["versions"] == [version("airflow-provider-orgauth")]


def test_no_plain_setting_has_a_name_that_airflow_would_mask():
    assert [name for name in BY_NAME if any(word in name for word in WORDS_THAT_AIRFLOW_MASKS)] == []


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_field_says_what_it_is_and_can_be_left_empty(field):
    shown = conn_type()["conn-fields"][field.name]

    assert shown["label"] == field.label
    assert shown["description"].endswith(".")
    assert "null" in shown["schema"]["type"]  # otherwise the form calls it required
    assert shown["schema"].get("default") == field.default
    assert tuple(shown["schema"].get("enum", ())) == field.choices


def test_the_older_versions_widgets_agree_with_the_declaration():
    pytest.importorskip("flask_appbuilder", reason="Airflow 3 without FAB; the run on 2.11 has it")
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

    widgets, behaviour = OrgAuthHook.get_connection_form_widgets(), OrgAuthHook.get_ui_field_behaviour()
    declared = conn_type()
    kinds = {"BooleanField": "boolean", "IntegerField": "integer", "StringField": "string"}
    assert list(widgets) == list(declared["conn-fields"])
    for name, shown in declared["conn-fields"].items():
        if shown["schema"]["type"][0] == "object":
            continue  # these versions have no box for JSON: a text box, whose text is parsed
        widget = widgets[name]
        assert kinds[widget.field_class.__name__] == shown["schema"]["type"][0]
        assert str(widget.args[0]) == shown["label"]
        assert widget.kwargs["description"] == shown["description"]
        assert widget.kwargs["default"] == shown["schema"].get("default")
    assert behaviour["hidden_fields"] == declared["ui-field-behaviour"]["hidden-fields"]
    assert behaviour["relabeling"] == declared["ui-field-behaviour"]["relabeling"]
    assert behaviour["placeholders"].items() >= declared["ui-field-behaviour"]["placeholders"].items()
