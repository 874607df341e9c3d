"""Each format of an export has a name that is not refused, a line in the docs, and a file that ends up under it."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.exports import export_names
from airflow_provider_orgauth.exports.formats import FORMATS, JSON_LINES, format_of

DOCS = (Path(__file__).parents[2] / "docs" / "exports.md").read_text()


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_format_is_chosen_by_the_last_suffix_and_documented(suffix):
    assert format_of(f"s3://bucket/a.b/devices{suffix.upper()}") is FORMATS[suffix]
    assert f"`{suffix}`" in DOCS


@pytest.mark.parametrize("name", ["devices.jsonl", "devices", "devices.gz.json", ".gz"])
def test_all_else_is_json_lines(name):
    assert format_of(name) is JSON_LINES


@pytest.mark.parametrize("suffix", [suffix for suffix, made in FORMATS.items() if made.conversion is None])
def test_what_is_compressed_is_json_lines(suffix):
    for kind in (".csv", ".parquet"):
        with pytest.raises(ConfigurationError, match=rf"^output_path: is called \{kind}, and an export is JSON Lines"):
            export_names.check_export_name(f"devices{kind}{suffix}")
