"""An export to S3: a multipart upload, which is invisible before it is complete."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.exceptions import ConfigurationError, FileChangedError
from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
from airflow_provider_orgauth.exports.s3_upload import (
    UNSUPPORTED,
    ObjectHead,
    Part,
    Upload,
    code_of,
    etag_in,
    head_of,
    nonce_in,
    put,
)
from airflow_provider_orgauth.exports.sink import OfOneProcess, file_pieces

log = logging.getLogger(__name__)

_SMALLEST_PART_BYTES = 5 * 1024 * 1024
"""S3's. Two of 8 MiB under way cost 50 MB of memory with all that s3fs holds, two of 5 MiB cost 23 MB."""
_PARTS_OF_ONE_SIZE = 1000
_PARTS_AT_ONCE = 2
_READ_BYTES = 4 * 1024 * 1024

_LOOK_INTERVAL_SECONDS = 2.0
"""Seconds between two looks whether another attempt has resumed the upload: this one may have been paused so long."""

_MAY_NOT = frozenset({"AccessDenied", "AllAccessDisabled", "403", ""})
"""What S3 says where a role lacks a permission. Expired credentials and a wrong clock are something else."""


def part_size(before: int) -> int:
    """Return the size, in bytes, of a part that has so many before it.

    It doubles now and then: S3 takes 10,000 parts of at most 5 GiB, and with these they hold 4.9 TiB.
    """
    return _SMALLEST_PART_BYTES << before // _PARTS_OF_ONE_SIZE


class S3Sink(OfOneProcess):
    """A multipart upload. Each cut makes a part, which is sent while the next one comes.

    At most three parts are in memory: one that fills and two under way. What is sent goes through s3fs, which tries
    again where S3 asks for it; what fails for good is raised by the next :meth:`cut`, :meth:`save` or :meth:`complete`.

    An attempt has an upload of its own, or resumes an earlier attempt's and signs it; the earlier one, if it
    wakes up, finds the sign and leaves it alone. Between its look and its completion lies a moment: then the later one
    finds the upload gone, and the object is the earlier one's, whole.

    An upload whose id was not kept anywhere stays in the bucket, unseen, until an export to the same key completes and
    finds that it is idle, or a lifecycle rule (``AbortIncompleteMultipartUpload``) takes it.

    :param fs: an ``s3fs.S3FileSystem``.
    :param path: bucket and key, as ``fs`` takes them.
    :raises ConfigurationError: there is no key.
    """

    def __init__(self, fs: Any, path: str, *, timer: Callable[[], float] = time.monotonic) -> None:
        self._fs = fs
        self._path = path
        bucket, key, _ = fs.split_path(path)
        if not key or key.endswith("/"):
            raise ConfigurationError("output_path", "names no object", advice="End it in one such as devices.jsonl.")
        self._object = {"Bucket": bucket, "Key": key}
        self._timer = timer
        self._looked_at = timer()
        self._upload: Upload | None = None
        self._stood: str | None = None
        self._made: str | None = None
        self._parts: list[Part] = []
        self._under_way: deque[tuple[int, Future[Any]]] = deque()
        self._digest = hashlib.sha256()
        self._size = 0
        self._buffer = bytearray()
        forks.watch(self)

    def after_fork(self) -> None:
        """Forget the upload: the thread that sends its parts is only in the parent."""
        self._forget()
        super().after_fork()

    @property
    def cut_bytes(self) -> int:
        """The size of a part, which depends on its number only."""
        return part_size(self._begun_parts)

    @property
    def cut_lines(self) -> float:
        """Infinite: each part must have its size."""
        return math.inf

    def begin(self) -> None:
        """Create an upload, and do no more: until its id is saved, an attempt that is killed leaves it behind.

        :raises OSError: S3 refused.
        """
        self._forget()
        self._stood = self._standing()
        self._upload = Upload.create(self._fs, self._object)
        self._looked_at = self._timer()

    def resume(self, saved: Mapping[str, Any]) -> None:
        """Resume the upload after its saved parts, and sign it; one that lacks any of them is aborted.

        Parts that came after them stay unnamed: S3 drops them on completion, or a new one of that number replaces them.

        :raises CannotResumeError: the upload or one of its parts is gone, or they may not be listed.
        :raises OSError: S3 cannot be asked, such as with credentials that have expired. A next attempt can continue.
        """
        self._forget()
        upload = Upload(self._fs, self._object, str(saved["upload_id"]), str(saved["nonce"]))
        try:
            upload.take_over()
            listed = _latest(upload.listed(most=int(saved["parts"])))
        except FileNotFoundError:
            raise CannotResumeError("its upload is gone: completed, aborted or expired") from None
        except PermissionError as error:
            if code_of(error) not in _MAY_NOT | UNSUPPORTED:
                raise
            self._abort(upload)
            raise CannotResumeError(
                "this store lists no parts of an upload, or takes none of so high a number"
                if code_of(error) in UNSUPPORTED
                else "its upload may not be listed (s3:ListMultipartUploadParts)"
            ) from None
        self._upload = upload
        for part in listed:
            self._count(part, 0)
        # Not their sizes: a store that compresses or encrypts may say how much of its disk they take.
        self._size = int(saved["bytes"])
        found = {"parts": len(listed), "digest": self._digest.hexdigest()}
        if found != {name: saved[name] for name in found}:
            self.discard()
            raise CannotResumeError("the parts of its upload are not what they were")
        self._stood = self._standing()
        self._looked_at = self._timer()

    def write(self, data: bytes) -> None:
        """Append ``data`` to the current part."""
        self._buffer += data

    def cut(self) -> None:
        """Send the part; wait while two parts are under way already.

        :raises FileChangedError: another attempt has completed or aborted the upload, or resumes it.
        """
        while self._under_way and (len(self._under_way) >= _PARTS_AT_ONCE or self._under_way[0][1].done()):
            self._await_one()
        if self._buffer:
            upload = self._own
            self._look()
            part, self._buffer = self._buffer, bytearray()
            # In the thread in which s3fs does all its input and output.
            sending = upload.sending(self._begun_parts + 1, part)
            self._under_way.append((len(part), asyncio.run_coroutine_threadsafe(sending, self._fs.loop)))

    def save(self) -> dict[str, Any]:
        """Wait until S3 has all parts; return the upload's id and nonce, how many parts and bytes, a digest of ETags.

        :raises FileChangedError: another attempt has completed or aborted the upload, or resumes it.
        """
        upload = self._own
        self._await_all()
        self._look()
        return {
            "upload_id": upload.id,
            "nonce": upload.nonce,
            "parts": len(self._parts),
            "bytes": self._size,
            "digest": self._digest.hexdigest(),
        }

    def written(self) -> None:
        """Return None: S3 does not give parts back."""

    def complete(self, *, sha256: str | None = None) -> None:
        """Send the rest and complete the upload; a file without any byte is put as it is.

        Before it, uploads to this key that dead attempts have left are aborted, and what S3 lists of this one is
        compared with what was sent; after it, the object's length, and that it is of this upload.

        :raises FileChangedError: another attempt has completed or aborted the upload, or resumes it.
        :raises OSError: S3 refused.
        """
        upload = self._own
        self._await_all()
        parts, size, rest = list(self._parts), self._size, self._buffer
        if rest:
            with self._of_upload():
                parts.append(upload.named(len(parts) + 1, upload.send(len(parts) + 1, rest)))
            size += len(rest)
        upload.abort_the_dead()
        self._insist_on_parts(upload, parts)
        stands = self._standing()
        if parts:
            self._complete(upload, parts, size)
        else:
            put(self._fs, self._object, upload.nonce)
            self._abort(upload)
        self._buffer = bytearray()
        self._fs.invalidate_cache(self._path)
        self._verify(upload, size, before=stands)

    def read(self) -> Iterator[bytes]:
        """Read the object.

        :raises FileChangedError: it is not the one that was completed: another file got its name.
        """
        self._fs.invalidate_cache(self._path)
        with self._fs.open(self._path, "rb", block_size=_READ_BYTES, cache_type="readahead") as file:
            if self._made is not None and etag_in(file.details) != self._made:
                self.overlap = _REPLACED
                raise FileChangedError("Another file got this name right after this one.")
            yield from file_pieces(file)

    def leave(self) -> None:
        """Release nothing: no lock keeps another attempt away."""

    def discard(self) -> None:
        """Abort the upload, if it is still this attempt's.

        Where that fails, the log says so: the parts stay in the bucket and are paid for.
        """
        for _, sending in self._under_way:
            sending.cancel()
        upload = self._upload
        self._forget()
        if upload is not None:
            self._abort(upload)

    @property
    def _begun_parts(self) -> int:
        return len(self._parts) + len(self._under_way)

    @property
    def _own(self) -> Upload:
        if self._upload is None:
            raise self._not_begun()
        return self._upload

    def _await_all(self) -> None:
        while self._under_way:
            self._await_one()

    def _await_one(self) -> None:
        """Wait for the oldest part. One that failed stays first: it must not be forgotten."""
        size, sending = self._under_way[0]
        with self._of_upload():
            answer = sending.result()
        self._under_way.popleft()
        self._count(answer, size)

    def _count(self, answer: Mapping[str, Any], size: int) -> None:
        self._parts.append(self._own.named(len(self._parts) + 1, answer))
        self._digest.update(etag_in(answer).encode() + b"\n")
        self._size += size

    def _look(self) -> None:
        """Check from time to time that no other attempt has resumed the upload: this one must not send to it then."""
        if self._timer() - self._looked_at < _LOOK_INTERVAL_SECONDS:
            return
        with self._of_upload():
            self._insist_on_sign(self._own)
        self._looked_at = self._timer()

    def _insist_on_sign(self, upload: Upload) -> None:
        if upload.is_taken():
            raise self._changed("is gone on with by another attempt of this task")

    def _insist_on_parts(self, upload: Upload, parts: Sequence[Part]) -> None:
        """Compare what S3 has with what was sent. Of a part that was sent twice, some stores list both."""
        with self._of_upload(), suppress(PermissionError):  # no permission to list: S3's answers have to do
            self._insist_on_sign(upload)
            found = {(part["PartNumber"], etag_in(part)) for part in upload.listed(most=len(parts))}
            if not found.issuperset((part["PartNumber"], etag_in(part)) for part in parts):
                raise self._changed("has other parts than the ones that were sent")

    def _complete(self, upload: Upload, parts: Sequence[Part], size: int) -> None:
        try:
            with self._of_upload():
                upload.complete(parts)
        except Exception:
            # The answer may have been lost, or be an error although it was done. The object tells.
            head = None
            with suppress(Exception):
                head = head_of(self._fs, self._object)
            if head is None or not upload.made(head, parts, size):
                raise

    def _verify(self, upload: Upload, size: int, *, before: str | None) -> None:
        """Look at the object: what is in the manifest has to be true of it, or of none that is there now."""
        if before not in (self._stood, _UNKNOWN) and self._stood != _UNKNOWN:
            self.overlap = "another file got this name while this one was made, and is replaced by it"
        try:
            head = head_of(self._fs, self._object)
        except PermissionError:
            return
        if head is None or nonce_in(head) not in (None, upload.nonce):
            self.overlap = _REPLACED
            self._made = ""
        elif head["ContentLength"] != size:
            raise self._changed(f"has made an object of {head['ContentLength']:,} bytes, and {size:,} were sent")
        else:
            self._made = etag_in(head)

    def _standing(self) -> str | None:
        """Return what tells the object that stands there now from any other; None: there is none."""
        try:
            head = head_of(self._fs, self._object)
        except PermissionError:
            return _UNKNOWN
        return None if head is None else _mark(head)

    def _abort(self, upload: Upload) -> None:
        try:
            if not upload.is_taken():
                upload.abort()
        except FileNotFoundError:
            pass
        except Exception as error:  # the task must fail with the error that led here
            log.warning("An unfinished upload could not be aborted (%s): it stays, unseen.", type(error).__name__)

    @contextmanager
    def _of_upload(self) -> Iterator[None]:
        """Turn S3's "no such upload" or "no such part" into an error that says what became of the upload."""
        try:
            yield
        except OSError as error:
            if code_of(error) in ("NoSuchUpload", "404"):
                raise self._changed("is gone: it was completed or aborted by another attempt, or has expired") from None
            if code_of(error) in ("InvalidPart", "InvalidPartOrder"):
                raise self._changed("has other parts than the ones that were sent") from None
            raise

    def _changed(self, problem: str) -> FileChangedError:
        return FileChangedError(
            f"The upload to {self._object['Key']} {problem}.",
            advice="Nothing half has its name. If no other attempt has completed it, a next one can.",
        )

    def _forget(self) -> None:
        self._is_parents = False
        self.overlap = None
        self._upload = None
        self._made = None
        self._parts = []
        self._under_way.clear()
        self._digest = hashlib.sha256()
        self._size = 0
        self._buffer = bytearray()


_UNKNOWN = "?"
_REPLACED = "another file got this name right after this one, or it was removed"


def _mark(head: ObjectHead) -> str:
    return f"{etag_in(head)} {nonce_in(head)} {head.get('LastModified')}"


def _latest(listed: Iterator[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the parts in their order; of those with one number, the one that came last."""
    found: dict[int, Mapping[str, Any]] = {}
    for part in listed:
        known = found.setdefault(part["PartNumber"], part)
        if part["LastModified"] >= known["LastModified"]:
            found[part["PartNumber"]] = part
    return [found[number] for number in sorted(found)]
