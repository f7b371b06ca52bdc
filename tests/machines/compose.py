"""What docker-compose.yaml says, as its own program reads it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def services(**settings: str) -> dict[str, Any]:
    """Every service, those of the profile `celery` too, with these settings of the environment and no others of ours."""
    program = Path(sys.executable).with_name("docker-compose")
    args = [str(program), "--profile", "celery", "--env-file", "/dev/null", "config", "--format", "json"]
    kept = {name: word for name, word in os.environ.items() if not name.startswith(("UPKEEP_", "COMPOSE_"))}
    done = subprocess.run(args, cwd=ROOT, env={**kept, **settings}, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["services"]
    return found
