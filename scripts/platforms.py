"""`make platforms`: how many of 110 public APIs a connection can call, and which of its fields opens how many.

The table is `tests/recipes/platforms.csv`: the APIs with the grant client_credentials in a public table of
integrations (Nango's `providers.yaml`), and what each needs by what is declared there.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

TABLE = Path(__file__).parents[1] / "tests" / "recipes" / "platforms.csv"

FIELDS = {
    "token_url": "oauth_path (a URL)",
    "json": "grant_params_in (json)",
    "parameters": "oauth_params",
    "certificate": "client_cert",
    "assertion": "client_auth (private_key_jwt)",
    "api_header": "api_header",
    "base_url": "host (Test names it)",
}
"""What opens them, in the order in which they are counted."""

OWN_CALL = "own_call"
"""A log-in of the vendor's own, which is no OAuth: out of reach."""


def needs() -> dict[str, frozenset[str]]:
    """Return what each platform needs besides client credentials on its own host."""
    with TABLE.open(newline="") as file:
        return {row["platform"]: frozenset(row["needs"].split()) for row in csv.DictReader(file)}


def served(platforms: Iterable[frozenset[str]], fields: Iterable[str]) -> int:
    """Return how many platforms need nothing else than these fields."""
    known = set(fields)
    return sum(wanted <= known for wanted in platforms)


def counts() -> Iterator[tuple[str, int, int]]:
    """Yield each field, how many platforms need it, and how many can be called with it and those before it."""
    platforms = list(needs().values())
    yield "none of these", served(platforms, ()), served(platforms, ())
    known: list[str] = []
    for name, field in FIELDS.items():
        known.append(name)
        yield field, sum(name in wanted for wanted in platforms), served(platforms, known)


def main() -> int:
    """Print the table."""
    total = len(needs())
    print(f"{'field':32} {'need it':>8} {'can be called, with those above':>32}")
    for field, wanted, reached in counts():
        print(f"{field:32} {wanted:8} {reached:32} ({reached / total:.0%})")
    out = sorted(platform for platform, wanted in needs().items() if OWN_CALL in wanted)
    print(f"\n{total} platforms; out of reach, for what they have is no OAuth: {', '.join(out)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
