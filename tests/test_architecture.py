"""The page for whoever changes the code names files that are there, and each room that is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "airflow_provider_orgauth"
NAMED = re.findall(r"`([\w/]+(?:\.py|/))`", (ROOT / "docs" / "architecture.md").read_text())


def test_each_file_and_folder_that_the_page_names_is_there():
    there = [name for name in NAMED if name != "airflow_provider_orgauth/"]

    assert len(there) > 50
    assert [name for name in there if not (PACKAGE / name).exists()] == []


def test_the_page_names_each_room():
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}

    assert rooms <= {name.split("/")[0] for name in NAMED}
