"""An export to a folder: a hidden file beside the final name, which takes that name when it is complete."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.exceptions import ConfigurationError, FileChangedError
from airflow_provider_orgauth.exports.background_fsync import BackgroundFsync
from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
from airflow_provider_orgauth.exports.hidden_file import HiddenFiles, LockState, leads_to, lock_of, this_boot
from airflow_provider_orgauth.exports.sink import OfOneProcess, file_pieces


class LocalSink(OfOneProcess):
    """A file on this machine, or on a file system that it mounts.

    Each attempt writes to a hidden file that no other attempt writes to, even where each takes the other for dead: one
    of its own; or an earlier attempt's, if the lock proves that this one has ended; or, where no lock can prove it for
    all hosts, a copy of what that one has saved.

    :param path: the final name; its folder is made where it is missing.
    :param key: tells this task's unfinished files from another's with the same final name.
    :raises ConfigurationError: the path names no file.
    """

    cut_bytes = 1024 * 1024
    cut_lines = 8 * 1024 * 1024

    def __init__(self, path: str, *, key: str) -> None:
        if not Path(path).name:
            raise ConfigurationError("output_path", "names no file", advice="Write one such as /data/devices.jsonl.")
        self._path = Path(os.path.realpath(path))  # of a link, what it leads to is written: the link stays
        self._hidden = HiddenFiles(self._path, key=key)
        self._file: BinaryIO | None = None
        self._partial = self._path
        self._size = self._cut_at = 0
        self._stood: tuple[int, ...] | None = None
        forks.watch(self)

    def after_fork(self) -> None:
        """Close the file, with its lock, and leave what is still to be written to the parent."""
        super().after_fork()
        if self._file is not None:
            self._file.raw.close()  # type: ignore[attr-defined]
            self._file = None

    def begin(self) -> None:
        """Begin with an empty file; those of earlier attempts go, if these have ended.

        :raises ConfigurationError: the name is a folder's.
        """
        # Now, and not when all is there and gets its name.
        if self._path.is_dir():
            raise ConfigurationError("output_path", "is a folder", advice="Name a file in it, such as devices.jsonl.")
        if self._path.exists() and not self._path.is_file():
            raise ConfigurationError("output_path", "is no regular file", advice="Name a file, such as devices.jsonl.")
        with self._naming_folder():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, path, _ = self._hidden.create()
        self._begin(descriptor, path, size=0)
        self._hidden.tidy(own=descriptor)

    def resume(self, saved: Mapping[str, Any]) -> None:
        """Resume after the saved size; what came after it goes. A file that another process still writes to is left.

        :raises CannotResumeError: it is gone, too short, or still written to.
        """
        size = int(saved["size"])
        try:
            descriptor, path = self._hidden.open(str(saved.get("file")))
        except FileNotFoundError:
            raise CannotResumeError("its hidden file is gone: that may be in a folder of another host") from None
        except OSError as error:
            raise CannotResumeError(f"its hidden file cannot be opened ({error.strerror})") from None
        try:
            lock = self._require_file(descriptor, path, size)
            if lock is LockState.MINE and this_boot() and saved.get("boot") == this_boot():
                os.truncate(descriptor, size)
            else:
                with self._naming():
                    descriptor, path = self._copied(descriptor, size)
        except BaseException:
            os.close(descriptor)
            raise
        self._begin(descriptor, path, size=size)

    def write(self, data: bytes) -> None:
        """Append ``data`` to the hidden file.

        :raises OSError: naming the file.
        """
        with self._naming():
            self._open.write(data)
        self._size += len(data)

    def cut(self) -> None:
        """Remember the size, and begin to sync the file to the disk.

        :raises FileChangedError: it is not as long as what was written.
        """
        self._flush()
        self._cut_at = self._size
        with self._naming():
            self._on_disk.grown(self._cut_at)

    def save(self) -> dict[str, Any]:
        """Return the size. The operating system has the bytes, and keeps them when this process is killed.

        :raises FileChangedError: it is not there any more.
        """
        if self._is_parents:
            raise self._not_begun()
        if self._file is not None:
            self._insist_on_name()
        return {"file": self._partial.name, "size": self._cut_at, "boot": this_boot()}

    def written(self) -> Iterator[bytes]:
        """Read it from the beginning to the last cut."""
        with self._partial.open("rb") as file:
            yield from file_pieces(file, most=self._cut_at)

    def complete(self, *, sha256: str | None = None) -> None:
        """Put it on the disk and rename it: a name never leads to half a file, not after a power cut either.

        :raises FileChangedError: its bytes are not what was written, or it is gone.
        :raises OSError: naming the file.
        """
        self._flush()
        with self._naming():
            found = self._on_disk.finish(self._size)
        if sha256 not in (None, found):
            raise self._changed("does not hold what was written to it")
        descriptor, stands = self._open.fileno(), self._seen()
        with contextlib.suppress(OSError):  # there is no older file, or it is another user's
            os.fchmod(descriptor, stat.S_IMODE(self._path.stat().st_mode))
        self._insist_on_name()
        # With its lock: an attempt that resumes this one could truncate it in between.
        self._rename(descriptor)
        with contextlib.suppress(OSError):  # some file systems have no folders that can be synced
            _sync_folder(self._path.parent)
        self._note_overlap(stands, descriptor)
        self._hidden.tidy(own=descriptor)
        self._close()

    def read(self) -> Iterator[bytes]:
        """Read the final file."""
        with self._path.open("rb") as file:
            yield from file_pieces(file)

    def leave(self) -> None:
        """Close and so unlock it. Where the disk could not take its bytes, no attempt may resume it: it is removed."""
        if self._file is not None and self._on_disk.has_failed:
            self.discard()
        with contextlib.suppress(OSError):  # a full disk: what is still to be written is nothing that was saved
            self._close()

    def discard(self) -> None:
        """Remove the hidden file, if it is still the one."""
        try:
            # Before the lock is released: without a lock, another attempt may resume the file.
            if self._file is not None and leads_to(self._partial, self._file.fileno()):
                self._partial.unlink(missing_ok=True)
        finally:
            with contextlib.suppress(OSError):  # a full disk: what is still to be written cannot be, and need not
                self._close()

    @property
    def _open(self) -> BinaryIO:
        if self._file is None:
            raise self._not_begun()
        return self._file

    def _begin(self, descriptor: int, path: Path, *, size: int) -> None:
        self._file = os.fdopen(descriptor, "ab")
        self._partial, self._size, self._cut_at, self._is_parents = path, size, size, False
        self.overlap, self._stood = None, self._seen()
        self._on_disk = BackgroundFsync(descriptor)
        self._on_disk.grown(size)

    def _require_file(self, descriptor: int, path: Path, size: int) -> LockState:
        """Return what came of the wish to lock an earlier attempt's file.

        :raises CannotResumeError: it must not be resumed.
        """
        if os.fstat(descriptor).st_size < size:
            raise CannotResumeError("its hidden file is shorter than it was")
        lock = lock_of(descriptor)
        if lock is LockState.TAKEN:
            raise CannotResumeError("an earlier attempt still runs, and writes to the hidden file")
        if not leads_to(path, descriptor):  # it got its final name while it was opened here
            raise CannotResumeError("its hidden file is gone: another attempt has just completed or removed it")
        return lock

    def _copied(self, descriptor: int, size: int) -> tuple[int, Path]:
        """Copy what was saved to a file of this attempt's own, and close the other."""
        own, path, _ = self._hidden.create()
        try:
            with open(descriptor, "rb", closefd=False) as source, open(own, "ab", closefd=False) as copy:
                source.seek(0)
                for piece in file_pieces(source, most=size):
                    copy.write(piece)
        except BaseException:
            path.unlink(missing_ok=True)
            os.close(own)
            raise
        os.close(descriptor)
        return own, path

    def _flush(self) -> None:
        with self._naming():
            self._open.flush()
            # Not fstat(), before which NFS sends all that waits. Where the descriptor stands then, nothing is written.
            found = os.lseek(self._open.fileno(), 0, os.SEEK_END)
        if found != self._size:
            raise self._changed(f"has {found:,} bytes, and {self._size:,} were written to it")

    def _rename(self, descriptor: int) -> None:
        try:
            self._partial.replace(self._path)
        except FileNotFoundError:
            # Over a network, the answer may be lost and the question asked again.
            if not leads_to(self._path, descriptor):
                raise self._changed("was removed") from None

    def _insist_on_name(self) -> None:
        if not leads_to(self._partial, self._open.fileno()):
            is_there = os.path.lexists(self._partial)
            raise self._changed("was replaced" if is_there else "was removed, or the folder that it is in")

    def _changed(self, problem: str) -> FileChangedError:
        return FileChangedError(
            f"The hidden file {self._partial} {problem}, by another process than the one that writes it.",
            advice=f"{self._path.name} has what it had before. Find out what tidies up there, and try again.",
        )

    def _seen(self) -> tuple[int, ...] | None:
        """Return what tells the file that has the final name now from any other; None: there is none."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size

    def _note_overlap(self, stands: tuple[int, ...] | None, descriptor: int) -> None:
        """Log, and remember for the manifest, that another file got this name meanwhile.

        :param stands: what had it right before it was this one's.
        """
        if not leads_to(self._path, descriptor):
            self.overlap = "another file got this name right after this one"
        elif stands not in (None, self._stood):
            self.overlap = "another file got this name while this one was made, and is replaced by it"

    @contextmanager
    def _naming(self) -> Iterator[None]:
        """Name the file in an error that does not: a full disk, a quota, a disk that fails."""
        try:
            yield
        except OSError as error:
            if error.filename is not None or error.errno is None:
                raise
            raise OSError(error.errno, error.strerror, str(self._partial)) from None

    @contextmanager
    def _naming_folder(self) -> Iterator[None]:
        """Say in an error what was to be done in which folder: nobody knows the hidden name."""
        try:
            yield
        except (PermissionError, FileNotFoundError, NotADirectoryError) as error:
            problem = (
                f"{error.strerror}. {self._path.name} cannot be made in this folder: let the worker's user write there "
                f"(uid {os.geteuid()}), or name another folder"
            )
            raise type(error)(error.errno, problem, str(self._path.parent)) from None

    def _close(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            self._on_disk.close()
            file.close()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
