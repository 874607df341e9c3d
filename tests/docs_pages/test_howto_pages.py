"""Each DAG on the pages for newcomers is a file that a test runs, or the page says that it is not run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [DOCS / "start.md", *sorted((DOCS / "howto").glob("*.md"))]
TESTS = (
    DOCS / "examples" / "test_howto_dags.py",
    DOCS / "examples" / "loads" / "test_nightly_load.py",
    DOCS.parent / "tests" / "airflow" / "test_examples.py",
    DOCS.parent / "tests" / "airflow" / "test_watchers.py",
    DOCS / "examples" / "warehouses" / "test_snowflake.py",
    DOCS / "examples" / "warehouses" / "test_bigquery.py",
)


def shown(page: Path) -> list[Path]:
    names = re.findall(r"^```\{literalinclude\} (\S+)$", page.read_text(), re.MULTILINE)
    return [(page.parent / name).resolve() for name in names]


def is_run(dag: Path) -> bool:
    names = (dag.stem, dag.stem.removeprefix("example_orgauth_"))
    words = {word for test in TESTS for word in re.findall(r"\w+", test.read_text())}
    return not words.isdisjoint(names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_files_that_are_there_and_no_other_python(page):
    assert [file for file in shown(page) if not file.exists()] == []
    assert "```python" not in page.read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_shows_is_run_by_a_test_or_said_not_to_be(page):
    not_run = [dag for dag in shown(page) if dag.suffix == ".py" and not is_run(dag)]

    assert all(dag.parent.name == "warehouses" for dag in not_run)
    assert page.read_text().count("not run here") >= len(not_run)


def test_each_dag_of_the_guides_is_on_a_page():
    folder = DOCS / "examples"
    dags = {file.resolve() for file in folder.rglob("*_dag.py") if not file.name.startswith("test_")}
    pages = [*PAGES, DOCS / "emulator.md"]

    assert dags - {file for page in pages for file in shown(page)} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_dag_depends_on_a_logical_date_which_not_every_run_has(page):
    for dag in shown(page):
        assert not re.search(r"\{\{[^}]*\b(ds|ds_nodash|ts|logical_date|data_interval_\w+)\b", dag.read_text()), dag


@pytest.mark.parametrize(
    "word", ["install", "sensor", "deferrable", "csv", "snowflake", "troubleshooting", "duckdb", "bigquery"]
)
def test_who_searches_finds_a_page(word):
    assert any(word in page.read_text().lower() for page in PAGES)
