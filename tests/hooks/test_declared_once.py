"""A connection field's default and choices stand in one place, and what is declared is what is used."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import get_args, get_type_hints

import pytest

import airflow_provider_orgauth
from airflow_provider_orgauth.client.settings import HttpSettings
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.hooks import field_parsing
from airflow_provider_orgauth.hooks.connection import read_connection
from airflow_provider_orgauth.hooks.connection_form import BY_NAME, FIELDS
from airflow_provider_orgauth.hooks.field import Field
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.provider_info import conn_field

PACKAGE = Path(airflow_provider_orgauth.__file__).parent
ROOT = Path(__file__).parents[2]
DECLARED_IN = ("client/settings.py", "oauth/client.py", "hooks/connection_form.py")


def read(extra=None, host="https://fra1.example"):
    about = {"host": host, "port": None, "schema": None, "login": "my-id", "password": "my-secret"}
    return read_connection(SimpleNamespace(**about, extra=json.dumps(extra or {})))


def another(field):
    """Return a value that says something else than the default."""
    match field.kind:
        case "choice":
            return next(choice for choice in field.choices if choice != field.default)
        case "number" | "integer":
            return field.minimum if field.maximum == field.default else field.maximum
        case "integers":
            return [int(field.maximum)]
        case "object":
            return {"kid": "my-key"} if field.name == "oauth_jwt" else {"X-Team": "data"}
        case "flag":
            return not field.default
    return {"verify": "false", "api_header": "X-Other"}.get(field.name, "/other")


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_each_field_has_an_effect(field):
    if field.name == "allow_http":  # it decides what is refused
        with pytest.raises(ConfigurationError):
            read(host="http://fra1.example")
        read({"allow_http": True}, host="http://fra1.example")
    else:
        assert read({field.name: another(field)}) != read()


@pytest.mark.parametrize("empty", ["", "  ", None])
def test_an_empty_field_is_its_settings_default(empty):
    settings = read(dict.fromkeys(BY_NAME, empty))

    assert settings == read()
    assert settings.http == HttpSettings()
    client = settings.client
    assert client == OAuthClient(client.token_url, client.client_id, client.client_secret)


def test_the_default_that_the_form_shows_is_what_an_empty_field_means():
    shown = {field.name: field.default for field in FIELDS if field.default is not None}

    assert shown.keys() >= {"client_auth", "grant_params_in", "timeout", "max_attempts", "verify", "cache"}
    assert read(shown) == read()


@pytest.mark.parametrize("settings", [HttpSettings, OAuthClient])
def test_the_choices_are_those_of_the_setting(settings):
    for name, hint in get_type_hints(settings).items():
        if name in BY_NAME and BY_NAME[name].kind == "choice":
            assert BY_NAME[name].choices == get_args(hint)


def defaults_in(tree):
    """Yield names of attributes and parameters of this module's, with their defaults."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node.value
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            positional = [*node.args.posonlyargs, *node.args.args]
            given = node.args.defaults
            yield from ((each.arg, value) for each, value in zip(positional[::-1], given[::-1], strict=False))
            keywords = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            yield from ((each.arg, value) for each, value in keywords)
        elif isinstance(node, ast.Call):
            yield from ((each.arg, each.value) for each in node.keywords)


def second_defaults(modules):
    """Return where else in these modules a setting of a field's name has a value."""
    return [
        f"{path}: {name}={value.value!r}"
        for path, source in modules
        for name, value in defaults_in(ast.parse(source))
        if name in BY_NAME and isinstance(value, ast.Constant) and value.value is not None
    ]


def test_no_field_has_a_second_default_anywhere():
    modules = [(path.relative_to(PACKAGE).as_posix(), path.read_text()) for path in PACKAGE.rglob("*.py")]
    looked_at = [(path, source) for path, source in modules if not path.startswith("emulator/")]

    assert second_defaults([pair for pair in looked_at if pair[0] not in DECLARED_IN]) == []
    # those that it does not find would be missed elsewhere too
    assert len(second_defaults([pair for pair in looked_at if pair[0] in DECLARED_IN])) >= 5


def test_a_row_of_the_form_states_no_default_that_the_settings_have():
    tree = ast.parse((PACKAGE / "hooks/connection_form.py").read_text())
    rows = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Field.of"]

    assert len(rows) == sum(field.settings is not None for field in FIELDS)
    assert not [row for row in rows if {keyword.arg for keyword in row.keywords} & {"default", "settings"}]
    for field in FIELDS:
        attributes = {name for settings in (HttpSettings, OAuthClient) for name in settings.__slots__}
        assert (field.name in attributes) == (field.settings is not None)


def test_the_readmes_table_says_what_is_declared():
    rows = re.findall(r"(?m)^\| `(\w+)` \| `?([^|`]+)`? \| (.*) \|$", (ROOT / "README.md").read_text())
    table = {name: (default.strip(), about) for name, default, about in rows if name in BY_NAME}

    assert list(table) == list(BY_NAME)
    for name, (default, about) in table.items():
        declared = BY_NAME[name].default
        shown = json.dumps(declared) if isinstance(declared, bool) else str(declared)
        assert default == ("none" if declared is None else shown), name
        assert [choice for choice in BY_NAME[name].choices if f"`{choice}`" not in about] == []


def test_a_default_that_a_page_repeats_is_the_one_that_is_declared():
    pages = "\n".join(path.read_text() for path in (ROOT / "docs").glob("*.md"))
    repeated = re.findall(r"`(\w+)` \((\d+) seconds\)", pages)

    assert len(repeated) >= 2
    assert [pair for pair in repeated if str(BY_NAME[pair[0]].default) != pair[1]] == []


def test_a_number_without_a_maximum():
    field = Field("patience", "Patience (s)", "Seconds.", "number", minimum=0.5)

    assert conn_field(field)["schema"] == {"type": ["integer", "null"], "minimum": 1}
    assert field_parsing.parse_field(field, "1e9") == 1e9
    for wrong in ("0.4", "inf", "nan", "-1"):
        with pytest.raises(ConfigurationError, match=r"patience \(Patience \(s\)\): is .* Write a number from 0\.5\."):
            field_parsing.parse_field(field, wrong)


def test_a_number_whose_maximum_is_0():
    field = Field("shift", "Shift (s)", "Seconds.", "integer", minimum=-5, maximum=0)

    assert conn_field(field)["schema"] == {"type": ["integer", "null"], "minimum": -5, "maximum": 0}
    assert [field_parsing.parse_field(field, -5), field_parsing.parse_field(field, 0)] == [-5, 0]
    with pytest.raises(ConfigurationError, match="a whole number from -5 to 0"):
        field_parsing.parse_field(field, 1)


def test_airflow_reads_the_declaration_at_its_start_and_nothing_heavy_with_it():
    script = (
        "import sys; from airflow_provider_orgauth.provider_info import get_provider_info; get_provider_info();"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)));"
        "print(*sorted(name for name in sys.modules if name.startswith('airflow_provider_orgauth')))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True)
    packages, modules = (line.split() for line in done.stdout.splitlines())

    assert [name for name in packages if not name.startswith("_")] == ["airflow_provider_orgauth"]
    assert len(modules) <= 12, modules
