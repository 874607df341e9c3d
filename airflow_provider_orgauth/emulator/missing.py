"""The one sentence for a machine without the extra."""

from __future__ import annotations

INSTALL = "pip install 'airflow-provider-orgauth[emulator]'"


class EmulatorExtraMissing(ImportError):
    """aiohttp is not installed. The message says how to install it."""

    def __init__(self) -> None:
        super().__init__(f"The emulator needs aiohttp: {INSTALL}")


def require_aiohttp() -> None:
    """Raise unless aiohttp can be imported.

    :raises EmulatorExtraMissing: naming the command that installs it.
    """
    try:
        import aiohttp  # noqa: F401  only whether it is there
    except ModuleNotFoundError as error:
        raise EmulatorExtraMissing from error
