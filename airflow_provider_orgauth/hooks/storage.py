"""From what a user wrote to a path on a file system that exists."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.exports.location import location_of
from airflow_provider_orgauth.oauth.text_redaction import one_line

if TYPE_CHECKING:
    from airflow_provider_orgauth.compat import ObjectStoragePath


FIELD = "output_path"
"""What errors about a path call it, here and where it lands."""


@contextmanager
def naming(argument: str) -> Iterator[None]:
    """Use another name in errors, where the user gave the path as another argument."""
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
    """Return the ``ObjectStoragePath`` of what was given.

    :param given: a path or URL as text, or as a ``Path`` or ``ObjectStoragePath``.
    :raises ConfigurationError: no file system takes it.
    """
    from airflow_provider_orgauth.compat import ObjectStoragePath

    try:
        location = location_of(given)
        # Airflow 2 takes a relative path for one of the root folder.
        path = ObjectStoragePath(location if "://" in location else os.path.abspath(location))
        _make_own(path)
    except (ImportError, ValueError) as error:
        raise _unknown_store(given, error) from None
    return path


_PACKAGES = {
    **dict.fromkeys(("s3", "s3a", "s3n"), "apache-airflow-providers-amazon[s3fs]"),
    **dict.fromkeys(("gs", "gcs"), "apache-airflow-providers-google"),
    **dict.fromkeys(("abfs", "abfss", "adl", "az", "wasb", "wasbs"), "apache-airflow-providers-microsoft-azure"),
    **dict.fromkeys(("sftp", "ssh"), "apache-airflow-providers-sftp[sshfs]"),
}
"""What has to be installed for a path's scheme."""


def _unknown_store(given: Any, error: Exception) -> ConfigurationError:
    scheme = str(given).partition("://")[0].lower()
    package = _PACKAGES.get(scheme)
    advice = f"Run pip install '{package}' on the workers." if package else "Install the provider of its scheme."
    return ConfigurationError(FIELD, f"has no file system here ({one_line(str(error))})", advice=advice)


def _make_own(path: ObjectStoragePath) -> None:
    """Give a forked child its own file system: Airflow keeps the parent's, whose thread and sockets are not here."""
    from airflow_provider_orgauth.compat import attach

    fs = path.fs
    # fsspec has no public way to ask which process a file system is of. Only those that it drives on a thread refuse a
    # child, and too late; others have sockets as well.
    if getattr(fs, "_pid", os.getpid()) != os.getpid():
        conn_id = path.conn_id if hasattr(path, "conn_id") else path.storage_options.get("conn_id")  # Airflow 3, and 2
        attach(path.protocol or "file", conn_id).fs = type(fs)(*fs.storage_args, **fs.storage_options)
