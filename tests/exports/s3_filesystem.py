"""s3fs on the tests' object store."""

from __future__ import annotations

from s3_server import REGION


def filesystem(s3, **changes):
    """A new s3fs, as a process has one."""
    from s3fs import S3FileSystem

    options = {"key": s3.access_key, "secret": s3.secret_key, "endpoint_url": s3.endpoint, **changes}
    return S3FileSystem(**options, client_kwargs={"region_name": REGION}, skip_instance_cache=True)
