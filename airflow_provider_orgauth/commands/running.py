"""Runs a command: rows to standard output, an error to standard error, and an exit code that scripts can rely on."""

from __future__ import annotations

import json
import logging
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.compat import AirflowException

if TYPE_CHECKING:
    from argparse import Namespace

FAILED = 1
"""The exit code where something was asked for and did not work; ``argparse`` has 2 for arguments that are wrong."""


@dataclass(frozen=True)
class Result:
    """What a command has found.

    :param data: rows to show; or any JSON value.
    :param failed: the exit code says so.
    """

    data: Any
    failed: bool = False


def run(command: Callable[[Namespace], Result], args: Namespace) -> None:
    """Run a command, and print what it found.

    :raises SystemExit: it failed.
    """
    if not args.verbose:
        logging.disable(logging.CRITICAL)  # log lines would be among the output, and errors are told in any case
        warnings.simplefilter("ignore")
    try:
        result = command(args)
    except KeyboardInterrupt:
        sys.exit(130)  # as shells have it: 128 and the number of the signal
    except (AirflowException, OSError) as error:
        print(f"{error}", file=sys.stderr)  # noqa: T201
        sys.exit(FAILED)
    finally:
        if not args.verbose:
            logging.disable(logging.NOTSET)
    show(result.data, args.output)
    if result.failed:
        sys.exit(FAILED)


def show(data: Any, output: str) -> None:
    """Print rows as Airflow's commands do; what is no rows, as JSON or YAML.

    :param output: ``table``, ``json``, ``yaml`` or ``plain``.
    """
    if output == "yaml":
        import yaml

        print(yaml.safe_dump(data, sort_keys=False), end="")  # noqa: T201
    elif output == "json" or not _is_rows(data):
        print(json.dumps(data, indent=2))  # noqa: T201
    else:
        _show_rows(data, output)


def _show_rows(rows: list[Mapping[str, Any]], output: str) -> None:
    from airflow.cli.simple_table import AirflowConsole
    from rich.markup import escape

    names = list(dict.fromkeys(name for row in rows for name in row))
    texts = [{name: _text(row.get(name)) for name in names} for row in rows]
    if output == "table":
        # A terminal is narrow: a column that is empty in each row is left out. Scripts take one of the other forms.
        names = [name for name in names if any(text[name] for text in texts)] or names
        texts = [{name: text[name] for name in names} for text in texts]
        # rich would take what stands in brackets for a style
        texts = [{escape(name): escape(text) for name, text in row.items()} for row in texts]
    AirflowConsole().print_as(data=texts, output=output)


def _is_rows(data: Any) -> bool:
    return isinstance(data, list) and all(isinstance(row, Mapping) for row in data)


def _text(value: Any) -> str:
    """Return a value for people: nothing for nothing, and nothing that a terminal would obey."""
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
    return "".join(character if character.isprintable() else " " for character in text)
