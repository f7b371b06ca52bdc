"""What the demo remembers between starts: ports, passwords made at the first start, and which first steps are done."""

import fcntl
import json
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from upkeep.errors import UpkeepError

ROOT = Path(__file__).resolve().parents[3]
HOME = Path(os.environ.get("UPKEEP_DEMO_HOME") or ROOT / ".demo").resolve()
PORTS = {
    "airflow": 8080,
    "slack": 8090,
    "web": 8091,
    "cloud": 8092,
    "prometheus": 9190,
    "node exporter": 9191,
    "report database": 54330,
    "shop database": 54340,
}


@dataclass
class State:
    """One JSON file, readable by its owner only, replaced whole at each change."""

    file: Path
    ports: dict[str, int] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What an earlier start left, or a new state."""
        file = folder / "state.json"
        try:
            return cls(file, **json.loads(file.read_text()))
        except FileNotFoundError:
            return cls(file)
        except (ValueError, TypeError) as error:
            raise UpkeepError(f"{file} cannot be read ({error}); `make clean` starts afresh") from error

    def secret(self, name: str) -> str:
        """A password or key of this name, made when first asked for. Random, so that no word of a log can be part of it."""
        if name not in self.secrets:
            self.secrets[name] = secrets.token_hex(40 if name.endswith("key") else 12)
            self._save()
        return self.secrets[name]

    def settle_ports(self, say: Callable[[str], None]) -> None:
        """Keep each port that is free, and take another for one that is not."""
        for name in PORTS:
            self.settle_port(name, say)

    def settle_port(self, name: str, say: Callable[[str], None]) -> bool:
        """The same for one; whether another was taken."""
        wanted = self.ports.get(name, PORTS[name])
        chosen = _free_from(wanted, {self.ports.get(other, PORTS[other]) for other in PORTS if other != name})
        if chosen != wanted:
            say(f"port {wanted} is taken by another program; {name} uses {chosen}")
        self.ports[name] = chosen
        self._save()
        return chosen != wanted

    def is_done(self, step: str) -> bool:
        """Whether a first step was finished, at this start or an earlier one."""
        return step in self.done

    def mark(self, step: str) -> None:
        """Remember that a first step is finished."""
        self.done = sorted({*self.done, step})
        self._save()

    def _save(self) -> None:
        content = json.dumps({"ports": self.ports, "secrets": self.secrets, "done": self.done}, indent=1)
        write_private(self.file, content)


def write_private(file: Path, content: str) -> None:
    """Write a file that only its owner can read, all or nothing."""
    draft = file.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(content)
    draft.replace(file)


def locked(folder: Path) -> int:
    """
    A file descriptor whose lock says that a demo runs in this folder.

    Held until we and our watcher are gone. Raises UpkeepError when another demo holds it.
    """
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        msg = f"a demo already runs in {folder}, or is just ending; stop it there or wait a few seconds"
        raise UpkeepError(msg) from None
    return descriptor


def _free_from(wanted: int, others: set[int]) -> int:
    for port in range(wanted, wanted + 200):
        if port not in others and _is_free(port) and _claim(port):
            return port
    msg = f"no free port from {wanted} to {wanted + 199}"
    raise UpkeepError(msg)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


_claims: dict[int, socket.socket] = {}


def _claim(port: int) -> bool:
    """
    Keep other demos off a port until we end: what will listen there starts only later.

    The same number of UDP is the claim: it ends with this process, however that ends, and leaves no file behind.
    """
    if port in _claims:
        return True
    claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        claim.bind(("127.0.0.1", port))
    except OSError:
        claim.close()
        return False
    _claims[port] = claim
    return True
