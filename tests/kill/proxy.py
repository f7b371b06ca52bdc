"""A TCP proxy in a process of its own, in front of a server on this machine: ended at once it is a cut cable."""

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field

from upkeep.sources.scratch import free_port


@dataclass
class Proxy:
    """Listens on `port` for as long as it runs. `stop` may be called by any process, since it goes by the recorded id."""

    to: int
    port: int = field(default_factory=free_port)
    host: str = "127.0.0.1"
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Run, unless it does."""
        if self._process and self._process.poll() is None:
            return
        self._process = subprocess.Popen([sys.executable, __file__, self.host, str(self.port), str(self.to)])
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex((self.host, self.port)) == 0:
                    return
            time.sleep(0.02)

    def pause(self) -> None:
        """Keep every connection open on both sides and pass nothing on, as a proxy does that has lost its mind or its client."""
        if self._process:
            os.kill(self._process.pid, signal.SIGSTOP)

    def stop(self) -> None:
        """Cut every connection and take no more."""
        if self._process is None:
            return
        try:
            os.kill(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex((self.host, self.port)):
                    return
            time.sleep(0.01)


def serve(host: str, port: int, to: int) -> None:
    """Pass bytes on in both directions until killed."""
    chosen = selectors.DefaultSelector()
    listener = socket.create_server((host, port))
    chosen.register(listener, selectors.EVENT_READ, None)
    while True:
        for key, _ in chosen.select():
            here = key.fileobj
            if here is listener:
                one, _ = listener.accept()
                _join(chosen, one, to)
            elif isinstance(here, socket.socket):
                _pass_on(chosen, here, key.data)


def _join(chosen: selectors.BaseSelector, one: socket.socket, to: int) -> None:
    try:
        other = socket.create_connection(("127.0.0.1", to))
    except OSError:
        one.close()
        return
    chosen.register(one, selectors.EVENT_READ, other)
    chosen.register(other, selectors.EVENT_READ, one)


def _pass_on(chosen: selectors.BaseSelector, here: socket.socket, there: socket.socket) -> None:
    try:
        data = here.recv(1 << 16)
        if data:
            there.sendall(data)
            return
    except OSError:
        pass
    for end in (here, there):
        if end.fileno() >= 0:
            chosen.unregister(end)
            end.close()


if __name__ == "__main__":
    serve(sys.argv[1], *map(int, sys.argv[2:]))
