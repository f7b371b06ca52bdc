"""The demo's own folder for temporary files: of everything it starts, nothing stays in the machine's."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def own_temporary_folder(home: Path) -> Iterator[Path]:
    """
    Temporary files of this process and of all that it starts inside go to `tmp` in the demo's folder, which is removed after.

    What a killed demo left there goes at the next start. Servers run as another user, who may pass through it and read nothing.
    """
    folder, before = home / "tmp", os.environ.get("TMPDIR")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    folder.chmod(0o711)
    os.environ["TMPDIR"], tempfile.tempdir = str(folder), None
    try:
        yield folder
    finally:
        tempfile.tempdir = None
        os.environ.pop("TMPDIR") if before is None else os.environ.update(TMPDIR=before)
        shutil.rmtree(folder, ignore_errors=True)
