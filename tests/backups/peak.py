"""The most memory of a process that takes one backup: `python -m tests.backups.peak FOLDER`, the server as psql is told."""

import os
import resource
import sys
from pathlib import Path

from tests.backups.world import in_folder
from upkeep.sources.postgres import Endpoint


def main() -> None:
    """Take it and print the kB."""
    env = os.environ
    source = Endpoint(env["PGHOST"], int(env["PGPORT"]), env["PGUSER"], env["PGPASSWORD"], env["PGDATABASE"])
    in_folder(Path(sys.argv[1])).take(source)
    sys.stdout.write(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}\n")


if __name__ == "__main__":
    main()
