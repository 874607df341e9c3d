"""Where a file goes, as the user wrote it."""

from __future__ import annotations

import os
import re
from pathlib import PurePath
from typing import Any

from airflow_provider_orgauth.exceptions import ConfigurationError

_ONE_SLASH = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/(?!/)")
"""Such as ``s3:/bucket/a.jsonl``."""


def location_of(output_path: Any) -> str:
    """Return the path as a text, or refuse one that would put the file in a wrong place.

    :raises ConfigurationError: naming ``output_path``.
    """
    is_path = isinstance(output_path, PurePath) or hasattr(output_path, "protocol")
    text = str(output_path) if is_path else output_path
    advice = "Write a whole path, such as /data/devices.jsonl, or a URL, such as s3://aws_default@bucket/devices.jsonl."
    if not isinstance(text, str):
        problem = f"is {type(text).__name__}"
    elif not text.strip() or text.strip() == "None":
        problem = "is empty: a template may have come to nothing"
    elif any(char < " " for char in text):
        problem = "holds a control character"
    elif text.startswith("~"):
        problem = "begins with ~, which is a folder of that name here"
    elif text.startswith("file://") and not text.startswith("file:///"):
        problem = "names a host where a folder was meant (file: takes three slashes)"
    elif _ONE_SLASH.match(text):
        problem = "has one slash after its scheme, and would be a folder of that name here"
    else:
        return text
    raise ConfigurationError("output_path", problem, advice=advice)


def dataset_name(path: str) -> tuple[str, str]:
    """Return namespace and name: ``s3://bucket`` and ``devices/a.jsonl``, or ``file`` and ``/data/a.jsonl``.

    As OpenLineage has them (https://openlineage.io/docs/spec/naming); the connection's id before the ``@`` of Airflow's
    paths is part of neither.
    """
    scheme, separator, rest = path.partition("://")
    if not separator:
        return "file", os.path.abspath(path)
    if scheme in ("file", "local"):
        return "file", rest
    host, _, key = rest.partition("/")
    return f"{_SAME.get(scheme, scheme)}://{host.rpartition('@')[2]}", key


_SAME = {"s3a": "s3", "s3n": "s3", "gcs": "gs"}
"""Airflow's other names of a store, and what it is called in OpenLineage."""
