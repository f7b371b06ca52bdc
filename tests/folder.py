"""The folder of one session of tests: in memory where there is room, since each database is hundreds of small files."""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - each session makes a folder of its own there
# What all tests need at once, and as much for the programs that they run.
ROOM = 6 << 30
PREFIX = "upkeep-tests-"


def session_folder() -> Path:
    """Make it, and have temporary files of this process and of those that it starts in it."""
    place = MEMORY if has_room(MEMORY) else Path(tempfile.gettempdir())
    sweep(place)
    made = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))
    made.chmod(0o755)
    temporary = made / "tmp"
    temporary.mkdir()
    temporary.chmod(0o1777)
    os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
    return made


def has_room(place: Path) -> bool:
    """Whether this file system in memory is here, ours to write to, and large enough in a machine that has the memory."""
    if not os.access(place, os.W_OK) or shutil.disk_usage(place).free < ROOM:
        return False
    available = next((line.split()[1] for line in _meminfo() if line.startswith("MemAvailable:")), "0")
    return int(available) * 1024 >= 2 * ROOM


def sweep(place: Path) -> None:
    """Remove what sessions left that were killed: it would fill the memory."""
    for folder in place.glob(f"{PREFIX}[0-9]*-*"):
        if not Path(f"/proc/{folder.name.split('-')[2]}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _meminfo() -> list[str]:
    path = Path("/proc/meminfo")
    return path.read_text(encoding="ascii").splitlines() if path.exists() else []
