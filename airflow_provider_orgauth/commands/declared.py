"""The commands and their arguments, declared once: for Airflow's command line, and for one of our own.

Airflow imports this with each command that anybody types, so it imports next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argparse import Namespace

GROUP = "orgauth"
SUMMARY = "Tokens and calls of orgauth connections"

_PACKAGE = "airflow_provider_orgauth.commands"


@dataclass(frozen=True)
class Argument:
    """An argument, as ``argparse.ArgumentParser.add_argument`` and Airflow's ``Arg`` take it."""

    flags: tuple[str, ...]
    help: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Command:
    """A command; the module of its name has a function ``run``, which takes the parsed arguments."""

    name: str
    help: str
    arguments: tuple[Argument, ...]

    def run(self, args: Namespace) -> None:
        """Run it.

        :raises SystemExit: it failed.
        """
        from airflow_provider_orgauth.commands.running import run

        run(import_module(f"{_PACKAGE}.{self.name}_command").result_of, args)


def _output(default: str) -> Argument:
    text = f"Output format. Allowed values: json, yaml, plain, table (default: {default})"
    choices = ("table", "json", "yaml", "plain")
    return Argument(
        ("-o", "--output"), text, {"metavar": f"({', '.join(choices)})", "choices": choices, "default": default}
    )


_OUTPUT = _output("table")
_OUTPUT_JSON = _output("json")
_VERBOSE = Argument(("-v", "--verbose"), "Show log lines, too", {"action": "store_true"})
_CONN_ID = Argument(
    ("-c", "--conn-id"), "The connection (default: orgauth_default)", {"default": "orgauth_default", "dest": "conn_id"}
)
_CONN_IDS = Argument(("conn_ids",), "The connections", {"nargs": "+", "metavar": "conn_id"})
_ENDPOINT = Argument(("endpoint",), "A path on the server, such as /api/v1/organization/profile")
_PARAM = Argument(
    ("-p", "--param"), "A query parameter; may come several times", {"action": "append", "metavar": "NAME=VALUE"}
)
_RECORDS = Argument(("--records",), "Where the records are in an answer, such as data.items")

COMMANDS = (
    Command(
        "status",
        "Show which tokens are shared, and until when they are valid",
        (
            Argument(
                ("conn_ids",),
                "The connections; without one, all orgauth connections of the database and the environment",
                {"nargs": "*", "metavar": "conn_id"},
            ),
            _OUTPUT,
            _VERBOSE,
        ),
    ),
    Command("test", "Ask for one token and say what worked or what to change", (_CONN_IDS, _OUTPUT, _VERBOSE)),
    Command("renew", "Renew the shared token now, for all tasks", (_CONN_IDS, _OUTPUT, _VERBOSE)),
    Command("forget", "Forget the shared token: the next task asks for a new one", (_CONN_IDS, _OUTPUT, _VERBOSE)),
    Command(
        "call",
        "Send one request and show the answer, with credentials masked",
        (
            _ENDPOINT,
            _CONN_ID,
            Argument(("-X", "--method"), "The HTTP method (default: GET)", {"default": "GET"}),
            _PARAM,
            Argument(("-d", "--data"), "A body to send as JSON", {"metavar": "JSON"}),
            Argument(
                ("-H", "--header"), "A header; may come several times", {"action": "append", "metavar": "NAME:VALUE"}
            ),
            Argument(("--filter",), "A JMESPath expression over the answer", {"metavar": "JMESPATH"}),
            _OUTPUT_JSON,
            _VERBOSE,
        ),
    ),
    Command(
        "export",
        "Write the records of a list to a file",
        (
            _ENDPOINT,
            Argument(("output_path",), "The file, such as devices.jsonl.gz or s3://aws_default@lake/devices.parquet"),
            _CONN_ID,
            _PARAM,
            Argument(
                ("--pagination",),
                "How pages follow each other: a name such as page_number, or JSON (default: page_number)",
                {"default": "page_number"},
            ),
            _RECORDS,
            Argument(("--fields",), "Keep only these fields, separated by commas"),
            Argument(("--drop-fields",), "Leave these fields out, separated by commas"),
            Argument(("--unique-by",), "Fields that tell two records apart, separated by commas"),
            Argument(("--strict",), "Fail where the list changed while it was read", {"action": "store_true"}),
            Argument(
                ("--max-concurrency",), "Pages fetched at once, at most (default: 8)", {"type": int, "default": 8}
            ),
            Argument(
                ("--anew",), "Begin with the first page, whatever an earlier command has left", {"action": "store_true"}
            ),
            _OUTPUT,
            _VERBOSE,
        ),
    ),
)
