"""Starts programs, starts a dead one again a few times, and ends all of them with us, also when we are killed."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from upkeep.demo.watcher import end_servers, end_sessions

RESTARTS = 3
STEADY_S = 300.0
"""A program that ran this long has earned its restarts back."""


@dataclass
class Program:
    """One program that should run for as long as the demo does."""

    name: str
    args: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    given_up: bool = False

    def tail(self, lines: int = 12) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


@dataclass
class Supervisor:
    """
    Owns what the demo starts. `say` tells the reader about deaths and restarts.

    A watcher process holds a pipe to us: leaving the context closes it, and so does a SIGKILL. `lock` is a file descriptor that
    the watcher shares, so that the next demo waits until this one's processes are gone.
    """

    say: Callable[[str], None]
    lock: int | None = None
    programs: list[Program] = field(default_factory=list)
    servers: list[Path] = field(default_factory=list)
    _watcher: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._watch()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.end()

    def own_server(self, data: Path) -> None:
        """A PostgreSQL server with this data folder ends with us. Say so before it is started."""
        self.servers.append(data)
        self._tell(f"server {data}")

    def start(self, program: Program) -> Program:
        """Start it in a session of its own, its output appended to its log."""
        program.log.parent.mkdir(parents=True, exist_ok=True)
        with program.log.open("ab") as log:
            program.process = subprocess.Popen(  # noqa: S603 - our own programs
                list(program.args),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=program.folder,
                env=dict(program.environment),
                start_new_session=True,
            )
        program.started = time.monotonic()
        self._tell(f"session {program.process.pid}")
        if program not in self.programs:
            self.programs.append(program)
        return program

    def drop(self, program: Program) -> None:
        """End one program for good."""
        self.programs.remove(program)
        if program.process:
            end_sessions([program.process.pid], grace_s=2)
            self._tell(f"forget {program.process.pid}")
            program.process.wait(timeout=5)

    def mend(self) -> None:
        """Report and restart programs that died; one that keeps dying is given up, and says so."""
        if self._watcher and self._watcher.poll() is not None:
            self.say("the watcher that ends everything with us was killed; another takes its place")
            self._watch()
        for program in self.programs:
            process = program.process
            if process and not program.given_up and process.poll() is not None:
                self._mend(program, process)

    def end(self) -> None:
        """Let the watcher end everything, and wait for it. Ours does it when the watcher itself was killed."""
        watcher, self._watcher = self._watcher, None
        if watcher is None:
            return
        if watcher.stdin:
            watcher.stdin.close()
        watched = watcher.wait() == 0
        if not watched:
            end_sessions(p.process.pid for p in self.programs if p.process)
            end_servers(self.servers)
        for program in self.programs:
            if program.process:
                program.process.wait(timeout=10)

    def _mend(self, program: Program, process: subprocess.Popen[bytes]) -> None:
        end_sessions([process.pid], grace_s=2)
        self._tell(f"forget {process.pid}")
        program.deaths = 1 if time.monotonic() - program.started > STEADY_S else program.deaths + 1
        self.say(f"{program.name} ended with {process.returncode}; the end of {program.log}:\n{program.tail()}")
        if program.deaths > RESTARTS:
            program.given_up = True
            self.say(f"{program.name} died {program.deaths} times and is not started again")
            return
        self.start(program)

    def _watch(self) -> None:
        self._watcher = subprocess.Popen(
            [sys.executable, "-m", "upkeep.demo.watcher"],
            stdin=subprocess.PIPE,
            start_new_session=True,
            pass_fds=() if self.lock is None else (self.lock,),
        )
        running = [p.process.pid for p in self.programs if p.process and p.process.poll() is None]
        for line in [*(f"session {pid}" for pid in running), *(f"server {data}" for data in self.servers)]:
            self._tell(line)

    def _tell(self, line: str) -> None:
        if self._watcher is None or self._watcher.stdin is None:
            raise RuntimeError("the supervisor is not running")
        os.write(self._watcher.stdin.fileno(), f"{line}\n".encode())
