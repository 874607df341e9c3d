"""``airflow orgauth …``: what Airflow 3.2 and later ask the provider info for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.commands.declared import COMMANDS, GROUP, SUMMARY

if TYPE_CHECKING:
    from airflow_provider_orgauth.commands.declared import Command


def airflow_commands() -> list[Any]:
    """Return the group of commands, as Airflow's command line wants it."""
    from airflow.cli.cli_config import GroupCommand

    return [GroupCommand(name=GROUP, help=SUMMARY, subcommands=[_command(command) for command in COMMANDS])]


def _command(command: Command) -> Any:
    from airflow.cli.cli_config import ActionCommand, Arg

    make: Any = Arg  # without annotations in Airflow
    arguments = [make(flags=one.flags, help=one.help, **one.options) for one in command.arguments]
    return ActionCommand(name=command.name, help=command.help, func=command.run, args=arguments)
