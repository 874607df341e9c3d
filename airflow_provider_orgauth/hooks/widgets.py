"""The connection form for Airflow 2.11 to 3.1, which ask the hook class for it: derived from the same fields."""

from __future__ import annotations

from typing import Any

from airflow_provider_orgauth.hooks.connection_form import FIELDS
from airflow_provider_orgauth.hooks.connection_type import HIDDEN_STANDARD_FIELDS, PLACEHOLDERS, RELABELING
from airflow_provider_orgauth.hooks.field import Field


def connection_form_widgets() -> dict[str, Any]:
    """Return a WTForms field for each field of the connection's ``extra``."""
    return {field.name: _widget(field) for field in FIELDS}


def ui_field_behaviour() -> dict[str, Any]:
    """Return how the standard fields are named and which are hidden, with snake_case keys as these versions want."""
    return {
        "hidden_fields": list(HIDDEN_STANDARD_FIELDS),
        "relabeling": dict(RELABELING),
        "placeholders": {**PLACEHOLDERS, **{field.name: _placeholder(field) for field in FIELDS}},
    }


def _placeholder(field: Field) -> str:
    # These versions fill in no defaults, so the default is shown as the example.
    if field.placeholder or field.default is None:
        return field.placeholder
    return str(field.default).lower() if isinstance(field.default, bool) else str(field.default)


def _widget(field: Field) -> Any:
    from wtforms import BooleanField, IntegerField, StringField
    from wtforms.validators import Optional, any_of

    about = {"default": field.filled_in, "description": field.help}
    if field.kind == "flag":
        return BooleanField(_label(field), **about)
    validators = [Optional(), *([any_of(list(field.choices))] if field.kind == "choice" else [])]
    kind = IntegerField if field.kind in ("number", "integer") else StringField
    return kind(_label(field), validators=validators, **_look(), **about)


def _label(field: Field) -> Any:
    try:
        from flask_babel import lazy_gettext
    except ImportError:
        return field.label
    return lazy_gettext(field.label)


def _look() -> dict[str, Any]:
    # Airflow 3.0 draws its form itself. It asks for nothing but WTForms, and need not have what 2.11 draws with.
    try:
        from flask_appbuilder.fieldwidgets import BS3TextFieldWidget
    except ImportError:
        return {}
    return {"widget": BS3TextFieldWidget()}
