"""Where a file goes, as the user wrote it."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from airflow_provider_orgauth.exceptions import ConfigurationError


def location_of(output_path: Any) -> str:
    """Return the path as a text, or refuse it: a file in the wrong place is found by nobody.

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
    else:
        return text
    raise ConfigurationError("output_path", problem, advice=advice)
