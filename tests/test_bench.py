"""Every script of bench/ runs, in a tiny size, so that none goes stale. What it measures here means nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TINY = {
    "access_log": ("1",),
    "advisories": ("100",),
    "against_pip_audit": ("1", "3", "1"),
    "anomalies": ("--most", "1", "--data", "nowhere"),
    "archive": ("2000", "1"),
    "backups": ("0.002", "1"),
    "daily_run": ("2", "1"),
    "dag_parse": ("0",),
    "forecast": ("1", "6"),
    "ledger": ("3000",),
    "lockfiles": ("tests/formats",),
    "log_parse": ("1",),
    "peers": ("3",),
    "prometheus": ("2", "1"),
    "many_indexes": ("30",),
    "public_lockfiles": ("1",),
    "pages": ("--targets", "5", "--services", "3", "--days", "100", "--times", "2"),
    "restore_test": ("0.002", "1"),
    "rotation": ("4", "1"),
    "semver_cases": ("tests/advisories",),
    "save_history": ("40",),
    "save_metrics": ("500", "1"),
    "spend_cases": ("30",),
    "vacuum": ("10", "500"),
    "weekly_dependencies": ("2", "400"),
}
# Minutes of Airflow: tried by hand.
BY_HAND = {"daily_run"}


def test_every_script_has_a_tiny_size() -> None:
    scripts = {path.stem for path in (ROOT / "bench").glob("*.py") if path.stem != "__init__"}
    assert scripts == TINY.keys(), "give the new script a tiny size above"


@pytest.mark.slow
@pytest.mark.parametrize("script", sorted(TINY.keys() - BY_HAND))
def test_it_runs(script: str) -> None:
    args = [sys.executable, "-m", f"bench.{script}", *TINY[script]]
    done = subprocess.run(args, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    assert done.stdout.strip(), "it prints what it measured"
    if script == "backups":
        assert "while pgbench writes backup / pg_dump" in done.stdout
        assert "pgBackRest" in done.stdout
