"""``python -m airflow_provider_orgauth.emulator``: serve until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import signal
import sys

from airflow_provider_orgauth.emulator.handle import url_host
from airflow_provider_orgauth.emulator.missing import EmulatorExtraMissing, require_aiohttp
from airflow_provider_orgauth.emulator.options import parser, settings
from airflow_provider_orgauth.emulator.settings import Settings


def main(argv: list[str] | None = None) -> int:
    """Return the exit code: 0 when it was told to end, 1 when it could not start."""
    arguments_parser = parser()
    arguments = arguments_parser.parse_args(argv)
    try:
        given = settings(arguments)
    except ValueError as error:
        arguments_parser.error(str(error))
    try:
        require_aiohttp()
        asyncio.run(_serve(given, arguments.host, arguments.port))
    except (EmulatorExtraMissing, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


async def _serve(given: Settings, host: str, port: int) -> None:
    from airflow_provider_orgauth.emulator.core import Core
    from airflow_provider_orgauth.emulator.server import Server

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Server(Core(given)).listening(host, port, None) as bound:
        print(f"READY http://{url_host(host)}:{bound}", flush=True)
        await stop.wait()


if __name__ == "__main__":
    sys.exit(main())
