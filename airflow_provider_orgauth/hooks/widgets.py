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
    from flask_appbuilder.fieldwidgets import BS3TextFieldWidget
    from flask_babel import lazy_gettext
    from wtforms import BooleanField, IntegerField, StringField
    from wtforms.validators import Optional, any_of

    label, about = lazy_gettext(field.label), field.help
    match field.kind:
        case "flag":
            return BooleanField(label, default=field.default, description=about)
        case "number" | "integer":
            return IntegerField(
                label, validators=[Optional()], widget=BS3TextFieldWidget(), default=field.default, description=about
            )
        case "choice":
            return StringField(
                label,
                validators=[Optional(), any_of(list(field.choices))],
                widget=BS3TextFieldWidget(),
                default=field.default,
                description=about,
            )
        case _:
            return StringField(
                label,
                validators=[Optional()],
                widget=BS3TextFieldWidget(),
                default=field.default,
                description=about,
            )
