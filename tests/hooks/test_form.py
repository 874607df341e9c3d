"""The connection form: one declaration, valid for Airflow 3.3's form and the same in the older versions' widgets."""

import json
import sys
from importlib.metadata import entry_points, version
from pathlib import Path
from types import ModuleType

import airflow
import jsonschema
import pytest

from airflow_provider_orgauth.hooks.connection_form import BY_NAME, FIELDS
from airflow_provider_orgauth.hooks.field import MASKED_CHARACTERS
from airflow_provider_orgauth.provider_info import get_provider_info

WORDS_THAT_AIRFLOW_MASKS = ("token", "secret", "password", "passphrase", "authorization", "api_key", "apikey", "passwd")
ON_AIRFLOW_2 = airflow.__version__.startswith("2.")
# The other schema is for providers inside Airflow's repository: 2.11's wants keys that it has dropped since.
SCHEMAS = ["provider_info.schema.json"] if ON_AIRFLOW_2 else ["provider_info.schema.json", "provider.yaml.schema.json"]


def conn_type():
    (declared,) = get_provider_info()["connection-types"]
    return declared


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_declaration_is_valid_by_airflows_own_schema(name):
    schema = json.loads((Path(airflow.__file__).parent / name).read_text())
    info = get_provider_info()
    if name == "provider.yaml.schema.json":  # what a provider inside Airflow's repository must state besides
        info |= {"source-date-epoch": 1, "state": "ready"}
        if "cli" not in schema["properties"]:  # before Airflow 3.2; the other schema takes what it does not know
            del info["cli"]

    jsonschema.validate(info, schema)


def test_airflow_finds_the_provider_under_its_distributions_name():
    (entry,) = [e for e in entry_points(group="apache_airflow_provider") if e.module.startswith("airflow_provider_org")]
    info = entry.load()()

    assert info["package-name"] == entry.dist.name == "airflow-provider-orgauth"
    assert info["versions"] == [version("airflow-provider-orgauth")]


def test_airflow_masks_the_one_setting_that_is_a_secret_by_its_name():
    assert [name for name in BY_NAME if any(word in name for word in WORDS_THAT_AIRFLOW_MASKS)] == ["refresh_token"]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_field_says_what_it_is_and_can_be_left_empty(field):
    shown = conn_type()["conn-fields"][field.name]

    assert shown["label"] == field.label
    assert shown["description"].endswith(".")
    assert "null" in shown["schema"]["type"]  # otherwise the form calls it required
    assert shown["schema"].get("default") == field.filled_in
    assert tuple(shown["schema"].get("enum", ())) == field.choices


@pytest.fixture
def form_library(monkeypatch):
    """Let widgets be made: 2.11 has the libraries, 3.x's API server puts stand-ins of its own in their place."""
    if ON_AIRFLOW_2:
        return
    from airflow.api_fastapi.core_api.services.ui.connections import HookMetaService

    modules = {
        "wtforms": {
            "BooleanField": HookMetaService.MockBooleanField,
            "IntegerField": HookMetaService.MockIntegerField,
            "StringField": HookMetaService.MockStringField,
        },
        "wtforms.validators": {"Optional": HookMetaService.MockOptional, "any_of": HookMetaService.MockEnum},
        "flask_babel": {"lazy_gettext": str},
        "flask_appbuilder": {},
        "flask_appbuilder.fieldwidgets": {"BS3TextFieldWidget": HookMetaService.MockAnyWidget},
    }
    for name, members in modules.items():
        module = ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)


def as_declared(widget):
    """Return what a widget says, in the words of the declaration."""
    if not ON_AIRFLOW_2:
        param = widget.param.dump()
        shown = {"label": param["schema"]["title"], "description": param["description"], "default": param["value"]}
        return {**shown, "type": param["schema"]["type"][0], "enum": list(param["schema"].get("enum", ()))}
    types = {"BooleanField": "boolean", "IntegerField": "integer", "StringField": "string"}
    allowed = [v.values for v in widget.kwargs.get("validators", ()) if type(v).__name__ == "AnyOf"]
    return {
        "label": str(widget.args[0]),
        "description": widget.kwargs["description"],
        "default": widget.kwargs["default"],
        "type": types[widget.field_class.__name__],
        "enum": allowed[0] if allowed else [],
    }


@pytest.mark.usefixtures("form_library")
def test_the_older_versions_widgets_agree_with_the_declaration():
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

    widgets, declared = OrgAuthHook.get_connection_form_widgets(), conn_type()["conn-fields"]
    assert list(widgets) == list(declared)
    for name, field in declared.items():
        schema = field["schema"]
        assert as_declared(widgets[name]) == {
            "label": field["label"],
            "description": field["description"],
            "default": schema.get("default"),
            # these versions have no box for JSON: a text box, whose text is parsed
            "type": "string" if schema["type"][0] == "object" else schema["type"][0],
            "enum": schema.get("enum", []),
        }


@pytest.mark.usefixtures("form_library")
def test_the_widgets_need_nothing_but_wtforms(monkeypatch):
    """Airflow 3.0 asks for them once WTForms can be imported, and need not have what 2.11 draws its form with."""
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

    drawn = {name: as_declared(widget) for name, widget in OrgAuthHook.get_connection_form_widgets().items()}
    for name in ("flask_appbuilder", "flask_appbuilder.fieldwidgets", "flask_babel"):
        monkeypatch.setitem(sys.modules, name, None)  # an import of it is an ImportError

    assert {name: as_declared(w) for name, w in OrgAuthHook.get_connection_form_widgets().items()} == drawn
    assert list(drawn) == list(BY_NAME)


def test_the_older_versions_standard_fields_agree_with_the_declaration():
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

    behaviour, declared = OrgAuthHook.get_ui_field_behaviour(), conn_type()["ui-field-behaviour"]
    assert behaviour["hidden_fields"] == declared["hidden-fields"]
    assert behaviour["relabeling"] == declared["relabeling"]
    assert behaviour["placeholders"].items() >= declared["placeholders"].items()


@pytest.mark.skipif(not ON_AIRFLOW_2, reason="2.11 takes the form from the widgets; 3.3's is in tests/browser")
def test_airflow_211_takes_the_widgets_into_its_form():
    from airflow.providers_manager import ProvidersManager

    manager = ProvidersManager()
    prefix = "extra__orgauth__"
    shown = [widget.field_name for key, widget in manager.connection_form_widgets.items() if key.startswith(prefix)]
    assert shown == list(BY_NAME)
    assert manager.field_behaviours["orgauth"]["relabeling"]["login"] == "Client ID"
    assert manager.hooks["orgauth"].hook_name == "Organization API (OAuth2)"


def test_what_the_form_saves_by_itself_is_long_enough_to_be_masked():
    """Else Airflow warns of it in a task's log, as of a secret that is too short."""
    for field in (field for field in FIELDS if isinstance(field.filled_in, str)):
        assert len(field.filled_in) >= MASKED_CHARACTERS, field.name
    assert BY_NAME["verify"].default == "true"
    assert BY_NAME["verify"].filled_in is None
