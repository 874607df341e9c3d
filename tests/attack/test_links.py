"""The operator's link leads to Airflow's own list of connections, whatever the connection id is."""

from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from airflow_provider_orgauth.operators.links import ConnectionLink


@pytest.mark.parametrize(
    "conn_id",
    [
        "javascript:alert(1)",
        "//evil.example/",
        "https://evil.example/",
        "\\\\evil.example",
        "../../logout",
        "a&name_pattern=b#c",
        "a\r\nX: 1",
        "\x00",
        "\ud800",
        "\u202e",
        '"><script>alert(1)</script>',
        "orgauth://id:s3cr3t-part@host",
        "{% if 1 %}s3cr3t-part{% endif %}",
        "{{ 's3cr3t-part' }}",
        "a" * 100_000,
        "",
        None,
    ],
    ids=lambda value: ascii(value)[:40],
)
@pytest.mark.parametrize("base", ["https://airflow.example/ui", ""])
def test_a_connection_id_makes_no_link_elsewhere(monkeypatch, conn_id, base):
    for section in ("API", "WEBSERVER"):
        monkeypatch.setenv(f"AIRFLOW__{section}__BASE_URL", base)
    link = ConnectionLink().get_link(SimpleNamespace(org_conn_id=conn_id), ti_key=None)

    parts = urlsplit(link)
    assert (parts.scheme, parts.netloc) == (("https", "airflow.example") if base else ("", ""))
    assert parts.path in ("/ui/connections", "/connections", "/ui/connection/list/", "/connection/list/")
    assert parts.query.count("=") == 1
    assert not parts.fragment
    assert "s3cr3t-part" not in link
    assert len(link) < 1000
    assert link.isascii()
    assert link.isprintable()
