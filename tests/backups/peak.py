"""The most memory of a process that takes one backup: `python -m tests.backups.peak FOLDER`, the server as psql is told."""

import os
import sys
from pathlib import Path

from tests.backups.world import in_folder
from upkeep.sources.postgres import Endpoint


def main() -> None:
    """Take it and print the kB."""
    env = os.environ
    source = Endpoint(env["PGHOST"], int(env["PGPORT"]), env["PGUSER"], env["PGPASSWORD"], env["PGDATABASE"])
    in_folder(Path(sys.argv[1])).take(source)
    # What getrusage says counts the process that started this one too, until it was replaced.
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    sys.stdout.write(f"{next(line.split()[1] for line in status.splitlines() if line.startswith('VmHWM:'))}\n")


if __name__ == "__main__":
    main()
