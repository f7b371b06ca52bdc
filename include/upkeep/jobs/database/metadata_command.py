"""`airflow db …` about one metadata database, as a program of its own: tasks never open Airflow's database in their process."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from upkeep.backups import programs
from upkeep.duty import Deadline
from upkeep.errors import BrokenError
from upkeep.sources.postgres import Endpoint

# Everything of the connection is in libpq's variables, so that no password is in a URL or an argument.
_URL = "postgresql+psycopg://"
_NOT_OURS = ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "_AIRFLOW", "PG")
_READ_ONLY = "-c default_transaction_read_only=on"
_TAIL = 1500


@dataclass(frozen=True, slots=True)
class MetadataCommand:
    """The command against the database of `endpoint`, ended with us and at the deadline. `reads` makes its session read-only."""

    endpoint: Endpoint
    deadline: Deadline
    reads: bool = False

    def __call__(self, *args: str) -> str:
        """What `airflow db …` printed. Raises BrokenError when it failed, could not be started, or took too long."""
        with tempfile.TemporaryFile() as output:
            code = self._ended(args, output)
            output.seek(0)
            text = output.read().decode(errors="replace").replace(self.endpoint.password or "\0", "…")
        if code is None:
            raise BrokenError(f"airflow db {args[0]} was ended: its time was up", "run it at a quiet hour", retry=True)
        if code:
            last = " ".join(text.split())[-_TAIL:]
            raise BrokenError(f"airflow db {args[0]} ended with {code}: {last or 'it output nothing'}", retry=False)
        return text

    def _ended(self, args: tuple[str, ...], output: object) -> int | None:
        line = ("-m", "airflow", "db", *args)
        process = programs.popen(
            Path(sys.executable), *line, env=self._environment(), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            return process.wait(max(1.0, self.deadline.left_s))
        except subprocess.TimeoutExpired:
            return None
        finally:
            programs.kill(process)
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)

    def _environment(self) -> Mapping[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}
        libpq = programs.environment(self.endpoint, "upkeep metadata_retention")
        options = " ".join(part for part in (libpq.get("PGOPTIONS", ""), _READ_ONLY if self.reads else "") if part)
        more = {"PGOPTIONS": options} if options else {}
        # Wide enough for the whole of the table that it prints.
        ours = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": _URL, "COLUMNS": "400", "NO_COLOR": "1"}
        return {**kept, **libpq, **more, **ours}
