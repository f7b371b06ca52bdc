"""What this process runs on: the versions of Python, of Airflow where it is installed, and of the system."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from upkeep.formats.os_release import os_release

_OS_RELEASE = Path("/etc/os-release")


def own_runtimes() -> dict[str, str]:
    """Versions by product, as the table of support calls these. What cannot be told is left out."""
    return {"python": platform.python_version(), **_airflow(), **_system()}


def _airflow() -> dict[str, str]:
    try:
        return {"airflow": version("apache-airflow")}
    except PackageNotFoundError:
        return {}


def _system() -> dict[str, str]:
    try:
        found = os_release(_OS_RELEASE.read_text(encoding="utf-8", errors="replace"))
    except (OSError, ValueError):
        return {}
    return {found.id: found.version} if found.version else {}
