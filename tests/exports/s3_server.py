"""SeaweedFS, a real object store with the S3 API: one process from a wheel. It needs no root, and stays on loopback.

Where it differs from Amazon's: a part that was sent twice is listed twice (the one whose ETag is given when the upload
is completed counts, as there), and an upload that was aborted may be aborted again.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from process_session import ProcessSession, poll_until

LOOPBACK = "127.0.0.1"
REGION = "us-east-1"
CONNECTION = "aws_s3"
"""The id of the Airflow connection, as in `s3://aws_s3@bucket/key`."""

PORTS = ("master", "master_grpc", "volume", "volume_grpc", "filer", "filer_grpc", "s3", "s3_grpc")
"""All that listens. The ones with `grpc` have a socket of that number in /tmp besides, which no option moves."""


class S3Server:
    """An object store with one empty bucket. A context manager: leaving it ends the process.

    Args:
        root: an existing, empty folder for its data and its log.
    """

    bucket = "exports"
    access_key = "exports-key-id"
    secret_key = "exports-secret-key"

    def __init__(self, root: Path) -> None:
        self.root = root
        self.log = root / "weed.log"
        self._ports: dict[str, int] = {}
        self._client: Any = None

    @property
    def endpoint(self) -> str:
        """Its address, as `endpoint_url` wants it."""
        return f"http://{LOOPBACK}:{self._ports['s3']}"

    @property
    def environment(self) -> dict[str, str]:
        """The Airflow connection, for the environment of whoever writes here."""
        connection = {
            "conn_type": "aws",
            "login": self.access_key,
            "password": self.secret_key,
            "extra": {"endpoint_url": self.endpoint, "region_name": REGION},
        }
        return {f"AIRFLOW_CONN_{CONNECTION.upper()}": json.dumps(connection)}

    def url(self, key: str) -> str:
        """Return what `ObjectStoragePath` takes for an object of the bucket."""
        return f"s3://{CONNECTION}@{self.bucket}/{key}"

    def client(self, secret_key: str = secret_key) -> Any:
        """Return a new boto3 client, with its own connections to the server; it does not try anything twice."""
        import boto3  # with botocore, only in .venv-exports
        from botocore.config import Config

        return boto3.session.Session().client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=secret_key,
            config=Config(
                retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60, s3={"addressing_style": "path"}
            ),
        )

    def keys(self, prefix: str = "") -> list[str]:
        """Return the keys of the objects that a reader sees, sorted."""
        return sorted(one["Key"] for one in self._pages("list_objects_v2", "Contents", prefix))

    def uploads(self, prefix: str = "") -> list[tuple[str, str]]:
        """Return key and upload id of each multipart upload that is neither completed nor aborted, sorted."""
        return sorted((one["Key"], one["UploadId"]) for one in self._pages("list_multipart_uploads", "Uploads", prefix))

    def parts(self, key: str, upload_id: str) -> list[tuple[int, int]]:
        """Return number and size of each part that an open upload has, by number."""
        pages = self._client.get_paginator("list_parts").paginate(Bucket=self.bucket, Key=key, UploadId=upload_id)
        return [(part["PartNumber"], part["Size"]) for page in pages for part in page.get("Parts", ())]

    def read(self, key: str) -> bytes:
        """Return an object's content.

        Raises:
            botocore.exceptions.ClientError: with the code `NoSuchKey`, there is none.
        """
        body: bytes = self._client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return body

    def __enter__(self) -> Self:
        self._ports = free_ports()
        environment = {"PATH": os.defpath, "HOME": str(self.root), "TMPDIR": str(self.root)}
        self._session = ProcessSession("weed", self._command(), env=environment, log=self.log)
        try:
            self._client = self.client()
            self._await_bucket()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        # An orderly end takes it half a minute, and nobody wants the data.
        self._session.stop(grace=0)
        for name, port in self._ports.items():
            kind = name.removesuffix("_grpc")
            if kind != name:
                Path(f"/tmp/seaweedfs-{kind}-grpc-{port}.sock").unlink(missing_ok=True)

    def _pages(self, operation: str, what: str, prefix: str) -> Iterator[dict[str, Any]]:
        for page in self._client.get_paginator(operation).paginate(Bucket=self.bucket, Prefix=prefix):
            yield from page.get(what, ())

    def _command(self) -> list[str]:
        credentials = {"accessKey": self.access_key, "secretKey": self.secret_key}
        identities = {"identities": [{"name": "tests", "credentials": [credentials], "actions": ["Admin"]}]}
        config, data = self.root / "s3.json", self.root / "data"
        config.write_text(json.dumps(identities))
        data.mkdir()
        ports = {name.replace("_", ".port.") if "_" in name else f"{name}.port": self._ports[name] for name in PORTS}
        options = {
            **ports,
            "dir": data,
            "ip": LOOPBACK,
            "ip.bind": LOOPBACK,
            "master.telemetry": "false",  # it would report to its makers
            "master.volumeSizeLimitMB": 64,
            "volume.max": 64,
            "volume.minFreeSpace": "64MiB",  # a full disk makes it read-only: the usual 1 % is much of a large one
            "filer": "true",
            "filer.localSocket": self.root / "filer.sock",
            "s3": "true",
            "s3.config": config,
            "s3.autoCreateBucket": "false",
            "s3.localSocket": self.root / "s3.sock",
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
        }
        program = str(Path(sys.prefix) / "bin" / "weed")
        return [program, "-logtostderr=true", "server", *(f"-{name}={value}" for name, value in options.items())]

    def _await_bucket(self) -> None:
        """Wait until the bucket is there and takes an object: the port opens before the volumes do."""
        from botocore.exceptions import BotoCoreError, ClientError

        probe = {"Bucket": self.bucket, "Key": "probe"}
        for _ in poll_until("SeaweedFS takes no object", 60, pause=0.1):
            self._session.check_running()
            try:
                if not self._client.list_buckets()["Buckets"]:
                    self._client.create_bucket(Bucket=self.bucket)
                self._client.put_object(**probe, Body=b"?")
                self._client.delete_object(**probe)
            except (BotoCoreError, ClientError):
                continue
            return


def free_ports() -> dict[str, int]:
    """Return a free port on loopback for each of PORTS."""
    with ExitStack() as stack:
        sockets = {name: stack.enter_context(socket.socket()) for name in PORTS}
        for one in sockets.values():
            one.bind((LOOPBACK, 0))
        return {name: one.getsockname()[1] for name, one in sockets.items()}
