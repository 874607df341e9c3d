"""Drive one target with Atheris: ``python -m fuzz.drive TARGET [libFuzzer's options and folders]``."""

from __future__ import annotations

import importlib
import logging
import sys

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]


def main() -> None:
    """Fuzz until a property does not hold or libFuzzer's options say stop."""
    target = sys.argv.pop(1)
    logging.disable(logging.CRITICAL)  # warnings about what was typed are not what is tested
    # Before ours: Airflow and the libraries stay as they are, or their coverage would drown that of the parsers.
    importlib.import_module("airflow.providers.common.compat.sdk").AirflowException  # noqa: B018 - loads Airflow
    with atheris.instrument_imports(include=["airflow_provider_orgauth", "fuzz.targets", "jmespath"]):
        importlib.import_module("jmespath")  # the provider loads it only when it is used
        one = importlib.import_module(f"fuzz.targets.{target}").one
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
