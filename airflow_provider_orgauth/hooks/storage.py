"""Where a file goes: what a user wrote, as a path that is somewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.oauth.redaction import one_line

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import ObjectStoragePath


FIELD = "output_path"
"""What errors about a path call it, here and where it lands."""


@contextmanager
def naming(argument: str) -> Iterator[None]:
    """Call it something else where a user gave it under another name."""
    try:
        yield
    except ConfigurationError as error:
        if error.field != FIELD:
            raise
        problem = error.message.removeprefix(f"{FIELD}: ").removesuffix(".")
        renamed = ConfigurationError(argument, problem, advice=error.advice)
    else:
        return
    raise renamed


def storage_path(given: Any) -> ObjectStoragePath:
    """Return a path of Airflow's, whose file system is there.

    :param given: a path or URL as text, or as a ``Path`` or ``ObjectStoragePath``.
    :raises ConfigurationError: it leads nowhere: the file would be found by nobody.
    """
    from airflow.providers.common.compat.sdk import ObjectStoragePath

    try:
        path = ObjectStoragePath(_location(given))
        _ = path.fs
    except (ImportError, ValueError) as error:
        raise ConfigurationError(
            FIELD, f"leads nowhere ({one_line(str(error))})", advice="Install the provider of its scheme."
        ) from None
    return path


def _location(given: Any) -> str:
    is_path = isinstance(given, PurePath) or hasattr(given, "protocol")
    text = str(given) if is_path else given
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
        # Airflow 2 takes a relative path for one of the root folder.
        return text if "://" in text else os.path.abspath(text)
    raise ConfigurationError(
        FIELD,
        problem,
        advice="Write a whole path, such as /data/devices.jsonl, or a URL, such as s3://aws_default@bucket/devices.jsonl.",
    )
