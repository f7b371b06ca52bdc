"""The shop's source code in the demo: its repository, where advisories come from, and what the inventory says of them."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from upkeep.demo.repository.made import CATALOGUE, make_repository, write_advisories
from upkeep.demo.show import say, stage
from upkeep.demo.state import State

_STEP = "source code made"
WAIVED = (100, 10)
"""One fault was accepted from so many days before the demo's start until so many days before."""


def make_once(home: Path, state: State) -> None:
    """Repository, advisories and waivers, dated by the first start; killed in between, they are made anew."""
    if state.is_done(_STEP):
        return
    if not shutil.which("git"):
        say("git is not installed: the shop has no source code to look after")
        return
    with stage("The shop's source code: two years of lockfiles, and what is known of their packages"):
        make(home, datetime.now(UTC))
    state.mark(_STEP)


def make(home: Path, start: datetime) -> None:
    """All of it, dated by `start`."""
    make_repository(_repository(home), start)
    write_advisories(_source(home), start)
    first, end = ((start - timedelta(days=days)).date() for days in WAIVED)
    text = _WAIVERS.format(start=first, end=end)
    (home / "waivers.yaml").write_text(text, encoding="utf-8")


def inventory(home: Path) -> str:
    """Its part of the inventory; empty where there is no repository."""
    if not _repository(home).exists():
        return ""
    return _INVENTORY.format(
        repository=_repository(home),
        kept=(home / "advisories" / "kept").as_uri(),
        source=_source(home).as_uri(),
        catalogue=(_source(home) / CATALOGUE).as_uri(),
    )


def _repository(home: Path) -> Path:
    return home / "repositories" / "shop.git"


def _source(home: Path) -> Path:
    return home / "advisories" / "source"


_WAIVERS = """# Findings that are accepted for a time. This waiver has ended.
waivers:
  - duty: vulnerabilities
    target: shop-code
    rule: vulnerability
    object: demo-barcode (PyPI) DEMO-5
    reason: Codes are printed by the shop alone and never read from strangers.
    issue: https://tracker.example/SHOP-71
    approver: developer-on-call
    starts_on: {start}
    expires_on: {end}
"""
_INVENTORY = """repositories:
  - name: shop-code
    owner: developer-on-call
    path: {repository}
    tags: [production]
    runbook: https://wiki.example.com/runbooks/shop-dependencies

# In a folder, since the demo asks nobody outside of this machine.
advisories:
  place: {kept}
system:
  thresholds:
    fetch_advisories:
      source: {source}
      ecosystems: PyPI,npm,Debian
      catalogue: {catalogue}
      epss: ""
"""
