"""Each recipe of the documentation gets a token and an answer from a fake that is as strict as its vendor."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fake_vendor import KEY, Authority, FakeVendor, running
from variables_in_memory import VariablesInMemory
from vendors import THUMBPRINT, VENDORS

from airflow_provider_orgauth import compat
from airflow_provider_orgauth.exceptions import ConfigurationError, OrgAuthError
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

DOCS = Path(__file__).parents[2] / "docs"
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
RECIPES = {path.stem: path for path in sorted((DOCS / "recipes").glob("*.json"))}


def recipe(name: str) -> dict[str, Any]:
    return dict(json.loads(RECIPES[name].read_text().replace("THUMBPRINT", THUMBPRINT)))


def hook_of(about: dict[str, Any], fake: FakeVendor, monkeypatch) -> OrgAuthHook:
    """Return a hook on a recipe, with the two hosts of the fake in place of the vendor's; the rest stays as it is."""
    extra = {"max_attempts": 1, "cache": "memory", **about.get("extra", {})}
    if "refresh_token" in extra:
        extra["cache"] = "variable"
        monkeypatch.setattr(compat, "Variable", VariablesInMemory())
    if fake.vendor.elsewhere:
        assert re.match(r"https://[^/]+/", extra["oauth_path"])
        extra["oauth_path"] = re.sub(r"^https://[^/]+", fake.token_origin, extra["oauth_path"])
    if about["password"] == "PRIVATE-KEY":
        about = {**about, "password": PEM}
    if fake.vendor.certificate_at:
        assert extra["client_cert"].endswith(".pem")
        extra["client_cert"] = str(fake.authority.client_file("client"))
        extra["verify"] = str(fake.authority.bundle)
    schema = "https" if "api" in fake.vendor.certificate_at else "http"
    here = {"host": "127.0.0.1", "port": fake.api_port, "schema": schema, "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_RECIPE", json.dumps({**about, **here}))
    ahead = [0.0]
    return OrgAuthHook("recipe", clock=lambda: time.time() + sum(ahead), sleep=ahead.append)


@pytest.fixture(params=sorted(VENDORS))
def name(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def fake(name, authority):
    with running(VENDORS[name], authority) as fake:
        yield fake


def test_it_gets_a_token_and_an_answer(name, fake, monkeypatch):
    hook = hook_of(recipe(name), fake, monkeypatch)
    assert hook.run(fake.vendor.endpoint).json() == {"ok": True}
    assert hook.run(fake.vendor.endpoint).json() == {"ok": True}
    assert len(fake.tokens) == 1
    assert fake.refusals == []


def test_test_says_that_it_works(name, fake, monkeypatch):
    works, said = hook_of(recipe(name), fake, monkeypatch).test_connection()
    assert works, said


def fields_that_matter() -> list[tuple[str, str]]:
    """Return which field of which recipe is something else than the default."""
    return [
        (name, field)
        for name in RECIPES
        for field, value in recipe(name).get("extra", {}).items()
        if field in FIELDS and (field, value) not in DEFAULTS
    ]


FIELDS = (
    "refresh_token",
    "oauth_jwt",
    "oauth_params",
    "headers",
    "scope",
    "grant_params_in",
    "api_header",
    "client_auth",
)
DEFAULTS = (("client_auth", "header"), ("grant_params_in", "query"))


@pytest.mark.parametrize(("name", "field"), fields_that_matter(), indirect=["name"])
def test_without_a_field_of_it_the_vendor_refuses(name, field, fake, monkeypatch):
    about = recipe(name)
    del about["extra"][field]
    with pytest.raises(OrgAuthError) as caught:
        hook_of(about, fake, monkeypatch).run(fake.vendor.endpoint)
    assert fake.refusals or isinstance(caught.value, ConfigurationError)


def test_every_recipe_is_tried_and_stands_on_the_page():
    page = (DOCS / "recipes.md").read_text()
    assert set(RECIPES) == set(VENDORS)
    assert {Path(file).stem for file in re.findall(r"literalinclude\} recipes/(\S+)", page)} == set(RECIPES)
