"""Repositories of git for tests: made by hand, with dates, and served over HTTP by git's own back end."""

import base64
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

GIT = shutil.which("git") or "git"
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "ann",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_COMMITTER_NAME": "ann",
    "GIT_COMMITTER_EMAIL": "ann@example.org",
}


def day(number: int) -> datetime:
    """A day of January 2026 at noon."""
    return datetime(2026, 1, number, 12, tzinfo=UTC)


def until(moment: datetime) -> datetime:
    """The end of a window that holds this moment as its last second: the end itself is not in it."""
    return moment + timedelta(seconds=1)


@dataclass
class Work:
    """A repository with a working folder."""

    folder: Path

    def git(self, *args: str, at: datetime | None = None) -> str:
        """Run git here."""
        dates = {f"GIT_{who}_DATE": at.isoformat() for who in ("AUTHOR", "COMMITTER")} if at else {}
        done = subprocess.run(
            [GIT, *args], cwd=self.folder, env={**ENVIRONMENT, **dates}, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, at: datetime, **files: str) -> str:
        """Write files (by name with __ for a slash and _ for a dot) and commit; gives the commit's id."""
        for name, text in files.items():
            path = self.folder / name.replace("__", "/").replace("_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change", at=at)
        return self.git("rev-parse", "HEAD")

    def commits(self, times: Sequence[datetime]) -> list[str]:
        """Many commits at once, each with a file a.txt of its own; gives their ids, oldest first."""
        lines = [
            f"commit refs/heads/main\ncommitter ann <ann@example.org> {int(at.timestamp())} +0000\ndata 0\n"
            f"M 100644 inline a.txt\ndata <<E\n{number}\nE\n"
            for number, at in enumerate(times)
        ]
        subprocess.run(
            [GIT, "fast-import", "--quiet"], cwd=self.folder, env=ENVIRONMENT, input="".join(lines), text=True, check=True
        )
        self.git("reset", "-q", "--hard")
        return self.git("rev-list", "--reverse", "main").split()


def made(folder: Path) -> Work:
    """A new repository with the branch main."""
    folder.mkdir(parents=True)
    work = Work(folder)
    work.git("init", "-q", "-b", "main")
    return work


@dataclass
class Served:
    """A server of the repositories below a folder: its address, and what was asked of it."""

    url: str
    asked: list[str] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)


@contextmanager
def served(root: Path, token: str | None = None, redirect: str | None = None) -> Iterator[Served]:
    """Serve over HTTP; with a token only to who has it; with `redirect` everything is found at that address instead."""
    here = Served("")

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        def _answer(self, body: bytes) -> None:
            given = self.headers.get("Authorization")
            here.asked.append(self.path)
            here.authorizations.append(given)
            if redirect:
                self._head(302, [("Location", redirect + self.path)])
            elif token and given != "Basic " + base64.b64encode(f"x-access-token:{token}".encode()).decode():
                self._head(401, [("WWW-Authenticate", 'Basic realm="git"')])
            else:
                self._git(body)

        def _git(self, body: bytes) -> None:
            parts = urlsplit(self.path)
            more = {
                "GIT_PROJECT_ROOT": str(root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": parts.path,
                "QUERY_STRING": parts.query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type") or "",
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding") or "",
                "GIT_PROTOCOL": self.headers.get("Git-Protocol") or "",
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": "safe.directory",
                "GIT_CONFIG_VALUE_0": "*",
            }
            done = subprocess.run(
                [GIT, "http-backend"], input=body, env={**ENVIRONMENT, **more}, capture_output=True, check=False
            )
            head, _, rest = done.stdout.partition(b"\r\n\r\n")
            fields = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")]
            status = next((int(value.split()[0]) for name, value in fields if name == "Status"), 200)
            self._head(status, [(n, v) for n, v in fields if n != "Status"], rest)

        def _head(self, status: int, fields: list[tuple[str, str]], rest: bytes = b"") -> None:
            self.send_response(status)
            for name, value in [*fields, ("Content-Length", str(len(rest)))]:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(rest)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
