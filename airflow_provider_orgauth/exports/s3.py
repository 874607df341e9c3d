"""An export to S3: a multipart upload, of which nobody sees anything before it is complete."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.exports.landing import OfOneProcess, pieces
from airflow_provider_orgauth.exports.resuming import CannotResumeError

log = logging.getLogger(__name__)

_SMALLEST_PART = 5 * 1024 * 1024
"""S3's. Two of 8 MiB under way cost 50 MB of memory with all that s3fs holds, two of 5 MiB cost 23 MB."""
_PARTS_OF_ONE_SIZE = 1000
_AT_ONCE = 2
_READ = 4 * 1024 * 1024

Part = Mapping[str, Any]
"""A part as S3 wants it named: its number, its ETag, and the check sum that the upload was declared to have."""


def part_size(before: int) -> int:
    """Return the size, in bytes, of a part that has so many before it.

    It doubles now and then: S3 takes 10,000 parts of at most 5 GiB, and with these they hold 4.9 TiB.
    """
    return _SMALLEST_PART << before // _PARTS_OF_ONE_SIZE


class S3Landing(OfOneProcess):
    """A multipart upload. Each cut makes a part, which is sent while the next one comes.

    At most three parts are in memory: one that fills and two under way. What is sent goes through s3fs, which tries
    anew where S3 asks for it; what fails for good is raised by the next :meth:`cut`, :meth:`save` or :meth:`complete`.

    An upload whose id was not kept anywhere stays in the bucket, unseen, until a lifecycle rule
    (``AbortIncompleteMultipartUpload``) takes it.

    :param fs: an ``s3fs.S3FileSystem``.
    :param path: bucket and key, as ``fs`` takes them.
    :raises ConfigurationError: there is no key.
    """

    def __init__(self, fs: Any, path: str) -> None:
        self._fs = fs
        self._path = path
        bucket, key, _ = fs.split_path(path)
        if not key or key.endswith("/"):
            raise ConfigurationError("output_path", "names no object", advice="End it in one such as devices.jsonl.")
        self._object = {"Bucket": bucket, "Key": key}
        self._upload_id: str | None = None
        self._sum = ""
        self._parts: list[Part] = []
        self._under_way: deque[tuple[int, Future[Any]]] = deque()
        self._digest = hashlib.sha256()
        self._size = 0
        self._buffer = bytearray()
        forks.watch(self)

    def after_fork(self) -> None:
        """Know of no upload: what is under way, a thread that is not there any more would have to end."""
        self._forget()
        super().after_fork()

    @property
    def cut_bytes(self) -> int:
        """The size of a part, which depends on its number only."""
        return part_size(self._begun_parts)

    @property
    def cut_lines(self) -> float:
        """No number: a part has to have its size."""
        return math.inf

    def begin(self) -> None:
        """Create an upload. One that an earlier attempt left behind was aborted when it could not be resumed.

        :raises OSError: S3 refused.
        """
        self._forget()
        answer = self._fs.call_s3("create_multipart_upload", **self._object)
        self._upload_id = answer["UploadId"]
        self._sum = _sum_of(answer)

    def resume(self, saved: Mapping[str, Any]) -> None:
        """Go on with the upload after its saved parts; one that lacks any of them is aborted.

        Parts that came after them stay unnamed: S3 drops them on completion, or a new one of that number replaces them.

        :raises CannotResumeError: the upload or one of its parts is gone, or they may not be listed.
        """
        self._forget()
        self._upload_id = str(saved["upload_id"])
        try:
            listed = self._listed(int(saved["parts"]))
        except FileNotFoundError:
            self._forget()
            raise CannotResumeError("its upload is gone: completed, aborted or expired") from None
        except PermissionError:
            self.discard()
            raise CannotResumeError("its upload may not be listed (s3:ListMultipartUploadParts)") from None
        for part in listed:
            self._count(part, part["Size"])
        if len(listed) != saved["parts"] or self._digest.hexdigest() != saved["digest"]:
            self.discard()
            raise CannotResumeError("the parts of its upload are not what they were")

    def write(self, data: bytes) -> None:
        """Append to the part that fills."""
        self._buffer += data

    def cut(self) -> None:
        """Send what came since the last cut; wait while two parts are under way already."""
        while self._under_way and (len(self._under_way) >= _AT_ONCE or self._under_way[0][1].done()):
            self._await_one()
        if self._buffer:
            part, self._buffer = self._buffer, bytearray()
            # In the thread in which s3fs does all its input and output.
            sending = self._fs._call_s3("upload_part", **self._upload, PartNumber=self._begun_parts + 1, Body=part)
            self._under_way.append((len(part), asyncio.run_coroutine_threadsafe(sending, self._fs.loop)))

    def save(self) -> dict[str, Any]:
        """Wait until S3 has all parts; return the upload's id, how many parts, and a digest of their ETags."""
        while self._under_way:
            self._await_one()
        return {**self._id, "parts": len(self._parts), "digest": self._digest.hexdigest()}

    def written(self) -> None:
        """Return None: S3 does not give parts back."""

    def complete(self, *, sha256: str | None = None) -> None:
        """Send the rest and complete the upload; a file without any byte is put as it is.

        :raises OSError: S3 refused, for instance because another process has sent a part in the meantime.
        """
        self.save()
        parts, size, rest = list(self._parts), self._size, self._buffer
        if rest:
            number = len(parts) + 1
            answer = self._fs.call_s3("upload_part", **self._upload, PartNumber=number, Body=rest)
            parts.append(self._named(number, answer))
            size += len(rest)
        if parts:
            self._complete(parts, size)
        else:
            self._fs.call_s3("put_object", **self._object, Body=b"")
            self.discard()
        self._buffer = bytearray()
        self._fs.invalidate_cache(self._path)

    def read(self) -> Iterator[bytes]:
        """Read the object."""
        self._fs.invalidate_cache(self._path)
        with self._fs.open(self._path, "rb", block_size=_READ, cache_type="readahead") as file:
            yield from pieces(file)

    def leave(self) -> None:
        """Nothing is held that would keep another attempt from it."""

    def discard(self) -> None:
        """Abort the upload; that this did not succeed is said in the log, and nobody but the bill sees it."""
        for _, sending in self._under_way:
            sending.cancel()
        upload = self._upload if self._upload_id else None
        self._forget()
        if upload is None:
            return
        try:
            self._fs.call_s3("abort_multipart_upload", **upload)
        except FileNotFoundError:
            pass
        except Exception as error:  # what led here is what the task must fail with
            log.warning("An unfinished upload could not be aborted (%s): it stays, unseen.", type(error).__name__)

    @property
    def _begun_parts(self) -> int:
        return len(self._parts) + len(self._under_way)

    @property
    def _id(self) -> dict[str, str]:
        if self._upload_id is None:
            raise self._not_begun()
        return {"upload_id": self._upload_id}

    @property
    def _upload(self) -> dict[str, str]:
        return {**self._object, "UploadId": self._id["upload_id"]}

    def _await_one(self) -> None:
        """Wait for the oldest part. One that failed stays first: it must not be forgotten."""
        size, sending = self._under_way[0]
        answer = sending.result()
        self._under_way.popleft()
        self._count(answer, size)

    def _count(self, answer: Mapping[str, Any], size: int) -> None:
        self._parts.append(self._named(len(self._parts) + 1, answer))
        self._digest.update(_etag(answer).encode() + b"\n")
        self._size += size

    def _named(self, number: int, answer: Mapping[str, Any]) -> Part:
        part = {"PartNumber": number, "ETag": answer["ETag"]}
        return {**part, self._sum: answer[self._sum]} if self._sum in answer else part

    def _listed(self, most: int) -> list[dict[str, Any]]:
        """Return the first parts of the upload; of those with one number, the one that came last."""
        found: dict[int, dict[str, Any]] = {}
        after = 0
        while True:
            page = self._fs.call_s3("list_parts", **self._upload, PartNumberMarker=after, MaxParts=1000)
            self._sum = _sum_of(page)
            for part in page.get("Parts", ()):
                known = found.setdefault(part["PartNumber"], part)
                if part["LastModified"] >= known["LastModified"]:
                    found[part["PartNumber"]] = part
            before, after = after, int(page.get("NextPartNumberMarker") or 0)
            if not page.get("IsTruncated") or not before < after < most:
                return [found[number] for number in range(1, most + 1) if number in found]

    def _complete(self, parts: Sequence[Part], size: int) -> None:
        try:
            self._fs.call_s3("complete_multipart_upload", **self._upload, MultipartUpload={"Parts": list(parts)})
        except FileNotFoundError:
            # s3fs asks again where no answer came, and the first time it was done.
            if not self._is_there(parts, size):
                raise

    def _is_there(self, parts: Sequence[Part], size: int) -> bool:
        """Tell whether the object is the one that these parts make."""
        try:
            answer = self._fs.call_s3("head_object", **self._object)
        except FileNotFoundError:
            return False
        return answer["ContentLength"] == size and _etag(answer) == _etag_of(parts)

    def _forget(self) -> None:
        self._is_parents = False
        self._upload_id = None
        self._parts = []
        self._under_way.clear()
        self._digest = hashlib.sha256()
        self._size = 0
        self._buffer = bytearray()


def _sum_of(answer: Mapping[str, Any]) -> str:
    """Return the name of the check sum that each part is to have: s3fs can be told to declare one."""
    return f"Checksum{answer.get('ChecksumAlgorithm', '')}"


def _etag(answer: Mapping[str, Any]) -> str:
    return str(answer["ETag"]).strip('"')


def _etag_of(parts: Sequence[Part]) -> str:
    """Return the ETag of an object of these parts: the MD5 of their MD5s, as S3 and its like make it.

    Under encryption with a key of one's own a part's ETag is no MD5, nor is this one then: it equals none.
    """
    try:
        digests = b"".join(bytes.fromhex(_etag(part)) for part in parts)
    except ValueError:
        return ""
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"
