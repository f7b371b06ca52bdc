"""
What it costs to parse the DAG folder, against one empty DAG file, each in fresh interpreters. Aim: at most 3 times.

A fresh interpreter is what a task start and the DAG processor pay: Airflow's own import, then the file. Also prints the seconds
that our files alone take once Airflow is imported, and the same with 100 duties over 30 targets. Aim: under 1 s.
The argument is the number of tries.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TRIES = int(sys.argv[1]) if len(sys.argv) > 1 else 5
EMPTY = 'from airflow.sdk import DAG\n\nwith DAG("empty") as dag:\n    pass\n'
MEASURE = """
import sys, time
begun = time.perf_counter()
from airflow.dag_processing.dagbag import DagBag
import airflow.sdk
airflow.sdk.DAG
imported = time.perf_counter()
if sys.argv[2] == "many":
    import dataclasses, upkeep.discovery as d
    ours = d.discover()
    more = (ours[i % len(ours)] for i in range(100 - len(ours)))
    many = (*ours, *(dataclasses.replace(duty, name=f"{duty.name}_{i}") for i, duty in enumerate(more)))
    d.discover = lambda: tuple(sorted(many, key=lambda x: (x.area, x.name)))
    imported = time.perf_counter()
bag = DagBag(sys.argv[1])
assert not bag.import_errors, bag.import_errors
print(time.perf_counter() - begun, time.perf_counter() - imported)
"""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        (home / "empty").mkdir()
        (home / "empty" / "empty.py").write_text(EMPTY)
        databases = [{"name": f"shop {i}", "owner": "on-call", "connection": f"shop_{i}"} for i in range(30)]
        people = [{"name": "on-call", "role": "Operations", "slack": "U0000001"}]
        (home / "inventory.yaml").write_text(json.dumps({"people": people, "databases": databases}))
        empty, _ = _median(home, home / "empty", "few")
        ours, parse = _median(home, ROOT / "dags", "few")
        _, many = _median(home, ROOT / "dags", "many")
    print(f"fresh interpreter: one empty DAG {empty:.2f} s, our folder {ours:.2f} s, ratio {ours / empty:.2f} (aim 3)")
    print(f"parse alone, Airflow imported: {parse:.2f} s; with 100 duties over 30 targets {many:.2f} s (aim 1 s)")


def _median(home: Path, folder: Path, how: str) -> tuple[float, float]:
    told = {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "false", "UPKEEP_INVENTORY": str(home / "inventory.yaml")}
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | told
    args = [sys.executable, "-c", MEASURE, str(folder), how]
    outputs = [subprocess.run(args, env=env, capture_output=True, text=True, check=True).stdout.split() for _ in range(TRIES + 1)]
    # The first one warms the file cache and the bytecode; it counts when no other try is asked for.
    whole, parse = zip(*[(float(line[-2]), float(line[-1])) for line in outputs[1:] or outputs], strict=True)
    return statistics.median(whole), statistics.median(parse)


if __name__ == "__main__":
    main()
