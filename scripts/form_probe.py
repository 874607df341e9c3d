"""Print, as a line of JSON, what this interpreter's Airflow shows in the form of an ``orgauth`` connection.

``FORM {"fields": [...], "labels": {...}}``: the names of the fields of ``extra``, the labels of the standard ones.
It asks for what the form is made of: Airflow 3's API server by its service, 2.11's web server by the providers manager.
"""

from __future__ import annotations

import importlib
import json
from typing import Any

TYPE = "orgauth"
MARK = "FORM "


def shown() -> dict[str, Any]:
    """Return what the form shows."""
    import airflow

    return _in_airflow_2() if airflow.__version__.startswith("2.") else _in_airflow_3()


def _in_airflow_2() -> dict[str, Any]:
    from airflow.providers_manager import ProvidersManager

    make: Any = ProvidersManager  # Airflow 3 has no types for it
    manager = make()
    widgets = manager.connection_form_widgets.items()
    fields = [widget.field_name for key, widget in widgets if key.startswith(f"extra__{TYPE}__")]
    return {"fields": fields, "labels": manager.field_behaviours[TYPE]["relabeling"]}


def _in_airflow_3() -> dict[str, Any]:
    connections: Any = importlib.import_module("airflow.api_fastapi.core_api.services.ui.connections")
    (hook,) = [hook for hook in connections.HookMetaService.hook_meta_data() if hook.connection_type == TYPE]
    standard = hook.standard_fields.model_dump() if hook.standard_fields else {}
    labels = {name: field["title"] for name, field in standard.items() if field and field["title"]}
    return {"fields": list(hook.extra_fields or {}), "labels": labels}


if __name__ == "__main__":
    print(MARK + json.dumps(shown()))
