"""``python -m airflow_provider_orgauth …``: the same commands, where Airflow's command line has none of ours."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence

from airflow_provider_orgauth.commands.declared import COMMANDS, SUMMARY


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the arguments, and run the command.

    :param arguments: None: those of this process.
    :raises SystemExit: with 1 where the command failed, with 2 where the arguments are wrong.
    """
    args = _parser().parse_args(arguments)
    args.command.run(args)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m airflow_provider_orgauth", description=SUMMARY)
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        its = subparsers.add_parser(command.name, help=command.help, description=command.help)
        its.set_defaults(command=command)
        for argument in command.arguments:
            its.add_argument(*argument.flags, help=argument.help, **argument.options)
    return parser
