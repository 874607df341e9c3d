"""Bodies: how much of one is read at once, and those from an adapter of someone's own, as tests of DAGs have."""

from __future__ import annotations

import io
import socket

import pytest
import requests
from requests.adapters import BaseAdapter

from airflow_provider_orgauth.client.read_deadline import ReadDeadline
from airflow_provider_orgauth.client.transport import BoundedReader
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


def test_a_read_takes_no_more_at_once_than_it_may():
    ours, peer = socket.socketpair()
    with ours, peer, BoundedReader(ours.makefile("rb", buffering=0), ours) as reader:
        peer.sendall(b"x" * 100)
        reader.bound(ReadDeadline(1.0), at_once=30)
        assert reader.readinto(bytearray(50)) == 30
        reader.release()
        assert reader.readinto(bytearray(50)) == 50
