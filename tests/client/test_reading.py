"""Bodies that come from no socket of ours: an adapter of someone's own, as tests of DAGs have."""

from __future__ import annotations

import io

import pytest
import requests
from requests.adapters import BaseAdapter

from airflow_provider_orgauth.client.reading import piece_size
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook


class Canned(BaseAdapter):
    def __init__(self, raw):
        super().__init__()
        self.raw = raw

    def send(self, request, **kwargs):
        response = requests.Response()
        response.status_code, response.request, response.url, response.raw = 200, request, request.url, self.raw
        return response

    def close(self):
        pass


@pytest.mark.parametrize(("raw", "content"), [(None, b""), (io.BytesIO(b"x" * 100_000), b"x" * 100_000)])
def test_an_answer_from_an_adapter_of_ones_own_is_read(orgauth_connection, raw, content):
    hook = OrgAuthHook(orgauth_connection)
    hook.get_conn().mount("http://", Canned(raw))

    assert hook.run("/anything").content == content


def test_a_body_that_may_unpack_to_much_more_is_read_in_smaller_pieces():
    assert piece_size({}) == 1024 * 1024
    assert piece_size({"Content-Encoding": "gzip"}) == 64 * 1024
    assert piece_size({}, 1000) == piece_size({"Content-Encoding": "gzip"}, 1000) == 1000
