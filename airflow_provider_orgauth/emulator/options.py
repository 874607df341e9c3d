"""Command-line flags, one for each setting: ``token_lifetime`` is ``--token-lifetime``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from airflow_provider_orgauth.emulator.settings import Settings


def parser() -> argparse.ArgumentParser:
    """Return the parser of ``python -m airflow_provider_orgauth.emulator``."""
    result = argparse.ArgumentParser(
        prog="python -m airflow_provider_orgauth.emulator",
        description="An Organization API on loopback, with an OAuth2 token endpoint. Prints READY and its URL.",
    )
    result.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    result.add_argument("--port", type=int, default=8089, help="0: a free one (default: %(default)s)")
    for declared in fields(Settings):
        flag = "--" + declared.name.replace("_", "-")
        text = declared.metadata["help"].replace("%", "%%")
        default = {} if declared.default is MISSING else declared.default
        if declared.name in ("client_id", "client_secret"):
            shown = text
        else:
            shown = f"{text} (default: {json.dumps(default)})".replace("%", "%%")
        if declared.type == "bool":
            result.add_argument(flag, action=argparse.BooleanOptionalAction, default=default, help=shown)
        else:
            choices = declared.metadata["choices"] or None
            result.add_argument(flag, type=_kind(str(declared.type)), default=default, choices=choices, help=shown)
    return result


def settings(arguments: argparse.Namespace) -> Settings:
    """Return the settings that were given.

    :raises ValueError: naming the setting.
    """
    return Settings(**{declared.name: getattr(arguments, declared.name) for declared in fields(Settings)})


def _kind(declared: str) -> Any:
    return {"int": int, "float": float, "str": str}.get(declared, _json_object)


def _json_object(text: str) -> Mapping[str, Any]:
    parsed = json.loads(text)
    if not isinstance(parsed, dict):
        raise argparse.ArgumentTypeError("not a JSON object")
    return parsed
