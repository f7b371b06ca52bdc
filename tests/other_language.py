"""A server that speaks German, where this machine has PostgreSQL's translations and can make the locale."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from upkeep.sources.scratch import ScratchServer, free_port, installed

LANGUAGE = "de_DE.UTF-8"


@contextmanager
def german_server(folder: Path) -> Iterator[ScratchServer]:
    """
    One in this folder; a skip where there is none.

    Debian's servers bring translations. The locale is made here, so that it need not be installed.
    """
    spoken = {int(path.stem.rpartition("-")[2]) for path in Path("/usr/share/locale/de/LC_MESSAGES").glob("postgres-*.mo")}
    majors = [m for m, at in installed().items() if m in spoken and not at.is_relative_to(Path(__file__).parents[1] / ".venv")]
    localedef = shutil.which("localedef")
    if not majors or not localedef:
        pytest.skip("no server here has German messages")
    locales = folder / "locales"
    locales.mkdir(parents=True)
    made = subprocess.run(
        [localedef, "--no-archive", "-i", "de_DE", "-f", "UTF-8", str(locales / LANGUAGE)], capture_output=True, check=False
    )
    if not (locales / LANGUAGE).exists():
        pytest.skip(f"the German locale cannot be made here: {made.stderr.decode(errors='replace')[-200:]}")
    settings = {"lc_messages": LANGUAGE, "fsync": "off", "max_connections": "20", "autovacuum": "off"}
    server = ScratchServer(folder / "server", free_port(), max(majors), settings=settings, environment={"LOCPATH": str(locales)})
    try:
        server.start()
        yield server
    finally:
        server.remove()
