"""One multipart upload, as requests to S3: what it holds, who resumes it, and what became of it."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

log = logging.getLogger(__name__)

UNSUPPORTED = frozenset({"InvalidArgument", "MethodNotAllowed", "NotImplemented", "NotSupported", "400", "405", "501"})
"""What stores that speak S3's language say where they do not have all of it: some list no parts, some take a thousand.

The numbers are the codes of answers to HEAD requests, which have no text; 400 is that for an object with a key of its
own (SSE-C).
"""

Part = Mapping[str, Any]
"""A part as S3 wants it named: its number, its ETag, and the check sum that the upload was declared to have."""

ObjectHead = Mapping[str, Any]
"""What a HEAD request says of an object, as botocore has it."""

_SIGN_PART_NUMBER = 9_999
"""The number of a part that no file needs: an attempt that resumes an earlier one's upload signs there, with a part.

It is not named when the upload is completed, and so is no part of the object. S3's highest number, 10,000, would come
before 1,001 where a store lists by text (SeaweedFS), and hide the parts that follow.
"""

_NONCE = "orgauth-upload"
"""The object's metadata under which the upload is told that made it."""

UPLOAD_DEAD_AFTER = timedelta(days=1)
"""An upload to the same key to which nothing came for so long, by the store's clock, is a dead attempt's."""


class Upload:
    """An upload that was created, by this process or an earlier attempt.

    :param fs: an ``s3fs.S3FileSystem``. It retries where S3 asks for it.
    :param where: ``Bucket`` and ``Key``.
    :param upload_id: S3's name for it.
    :param nonce: identifies the object that it makes.
    """

    def __init__(self, fs: Any, where: Mapping[str, str], upload_id: str, nonce: str, *, check_sum: str = "") -> None:
        self._fs = fs
        self._where = where
        self.id = upload_id
        self.nonce = nonce
        self._sum = check_sum
        self._signs: set[str] = set()

    @classmethod
    def create(cls, fs: Any, where: Mapping[str, str]) -> Upload:
        """Create an upload.

        :raises OSError: S3 refused.
        """
        nonce = secrets.token_hex(8)
        answer = fs.call_s3("create_multipart_upload", **where, Metadata=_metadata(fs, nonce))
        return cls(fs, where, answer["UploadId"], nonce, check_sum=_sum_of(answer))

    def sending(self, number: int, body: bytearray) -> Any:
        """Return the coroutine that sends a part, for the thread in which s3fs does all its input and output.

        By fsspec's convention, what has an underscore before its name is the coroutine, and the name without it waits.
        """
        return self._fs._call_s3("upload_part", **self._all, PartNumber=number, Body=body)

    def send(self, number: int, body: bytes | bytearray) -> Mapping[str, Any]:
        """Send a part and return the answer."""
        answer: Mapping[str, Any] = self._fs.call_s3("upload_part", **self._all, PartNumber=number, Body=body)
        return answer

    def named(self, number: int, answer: Mapping[str, Any]) -> Part:
        """Return how a part is named when the upload is completed."""
        part = {"PartNumber": number, "ETag": answer["ETag"]}
        return {**part, self._sum: answer[self._sum]} if self._sum in answer else part

    def listed(self, *, after: int = 0, most: int = _SIGN_PART_NUMBER - 1) -> Iterator[Mapping[str, Any]]:
        """Yield the parts with numbers above ``after``, up to ``most``; one that was sent again may come twice.

        :raises FileNotFoundError: it was completed, aborted, or has expired.
        :raises PermissionError: this may not be asked.
        """
        while True:
            with _unsupported_is_not_permitted():
                page = self._fs.call_s3("list_parts", **self._all, PartNumberMarker=after, MaxParts=1000)
            self._sum = _sum_of(page)
            # Both ends: there are stores that do not look at the marker.
            yield from (part for part in page.get("Parts", ()) if after < part["PartNumber"] <= most)
            before, after = after, int(page.get("NextPartNumberMarker") or 0)
            if not page.get("IsTruncated") or not before < after < most:
                return

    def take_over(self) -> None:
        """Sign the upload, so that the attempt that had it until now finds that it has lost it.

        :raises FileNotFoundError: it was completed, aborted, or has expired.
        :raises PermissionError: its parts may not be listed, or this cannot be done in this store.
        """
        self._signs = {etag_in(part) for part in self._signatures()}
        with _unsupported_is_not_permitted():
            self._signs.add(etag_in(self.send(_SIGN_PART_NUMBER, secrets.token_hex(8).encode())))

    def is_taken(self) -> bool:
        """Return whether another attempt has signed since this one took it, or created it.

        :raises FileNotFoundError: it was completed, aborted, or has expired.
        """
        try:
            return any(etag_in(part) not in self._signs for part in self._signatures())
        except PermissionError:  # nor then can another attempt resume it
            return False

    def complete(self, parts: Sequence[Part]) -> None:
        """Make the object of these parts."""
        self._fs.call_s3("complete_multipart_upload", **self._all, MultipartUpload={"Parts": list(parts)})

    def made(self, head: ObjectHead, parts: Sequence[Part], size: int) -> bool:
        """Return whether an object is the one that this upload makes of these parts.

        Under encryption with a customer's key, an ETag is no MD5. Then it is enough that the object is of this upload.
        """
        if head["ContentLength"] != size or nonce_in(head) not in (None, self.nonce):
            return False
        if etag_in(head) == _etag_of(parts):
            return True
        is_opaque = (
            not _etag_of(parts) or "kms" in str(head.get("ServerSideEncryption")) or "SSECustomerAlgorithm" in head
        )
        return is_opaque and nonce_in(head) == self.nonce and etag_in(head).endswith(f"-{len(parts)}")

    def abort(self) -> None:
        """Remove it with all its parts; one that is gone is no error.

        :raises OSError: S3 refused.
        """
        with suppress(FileNotFoundError):
            self._fs.call_s3("abort_multipart_upload", **self._all)

    def abort_the_dead(self) -> None:
        """Abort uploads to the same key that dead attempts have left, as far as one may.

        One counts as dead if the same user created it, and nothing came to it for :data:`UPLOAD_DEAD_AFTER` before this
        one.
        """
        try:
            page = self._fs.call_s3("list_multipart_uploads", Bucket=self._where["Bucket"], Prefix=self._where["Key"])
            found = [one for one in page.get("Uploads", ()) if one["Key"] == self._where["Key"]]  # these come first
            for own in [one for one in found if one["UploadId"] == self.id]:  # else the listing is an old one
                for other in found:
                    if other.get("Initiator") == own.get("Initiator") and self._is_dead(other, now=own["Initiated"]):
                        Upload(self._fs, self._where, other["UploadId"], "").abort()
                        log.info(
                            "An unfinished upload to this key, of %s, was idle: it is aborted.", other["Initiated"]
                        )
        except Exception as error:  # a lifecycle rule of the bucket does it, in the end
            log.debug("Uploads that dead attempts may have left are not looked for (%s).", type(error).__name__)

    def _is_dead(self, other: Mapping[str, Any], *, now: Any) -> bool:
        if other["UploadId"] == self.id or now - other["Initiated"] <= UPLOAD_DEAD_AFTER:
            return False
        parts = Upload(self._fs, self._where, other["UploadId"], "").listed(most=_SIGN_PART_NUMBER)
        return all(now - part["LastModified"] > UPLOAD_DEAD_AFTER for part in parts)

    def _signatures(self) -> Iterator[Mapping[str, Any]]:
        return self.listed(after=_SIGN_PART_NUMBER - 1, most=_SIGN_PART_NUMBER)

    @property
    def _all(self) -> dict[str, str]:
        return {**self._where, "UploadId": self.id}


def put(fs: Any, where: Mapping[str, str], nonce: str) -> None:
    """Put an object without any byte: an upload without parts cannot be completed."""
    fs.call_s3("put_object", **where, Body=b"", Metadata=_metadata(fs, nonce))


def head_of(fs: Any, where: Mapping[str, str]) -> ObjectHead | None:
    """Return what stands under a key now; None: nothing.

    :raises PermissionError: this may not be asked, or there is nothing and the bucket may not be listed.
    """
    try:
        with _unsupported_is_not_permitted():
            head: ObjectHead = fs.call_s3("head_object", **where)
    except FileNotFoundError:
        return None
    return head


def etag_in(answer: Mapping[str, Any]) -> str:
    """Return an ETag without its quotes."""
    return str(answer["ETag"]).strip('"')


def nonce_in(head: ObjectHead) -> str | None:
    """Return the nonce of the upload that made an object; None: no export did, or the store keeps no metadata."""
    return (head.get("Metadata") or {}).get(_NONCE)


def code_of(error: BaseException) -> str:
    """Return S3's own word for an error that s3fs has translated, such as ``NoSuchUpload``."""
    response = getattr(error.__cause__ or error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


@contextmanager
def _unsupported_is_not_permitted() -> Iterator[None]:
    """Raise what a store cannot do as what one may not do: all that follows is the same."""
    try:
        yield
    except OSError as error:
        if code_of(error) in UNSUPPORTED:
            raise PermissionError(str(error)) from error.__cause__
        raise


def _metadata(fs: Any, nonce: str) -> dict[str, str]:
    return {**(getattr(fs, "s3_additional_kwargs", None) or {}).get("Metadata", {}), _NONCE: nonce}


def _sum_of(answer: Mapping[str, Any]) -> str:
    """Return the name of the check sum that each part is to have: s3fs can be told to declare one."""
    return f"Checksum{answer.get('ChecksumAlgorithm', '')}"


def _etag_of(parts: Sequence[Part]) -> str:
    """Return the ETag of an object of these parts: the MD5 of their MD5s, as S3 and its like make it.

    Where a part's ETag is no MD5 there is none: it is empty then.
    """
    try:
        digests = b"".join(bytes.fromhex(etag_in(part)) for part in parts)
    except ValueError:
        return ""
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"
