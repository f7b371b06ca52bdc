"""What lockfiles tell beside names and versions: versions that are deprecated, and addresses that are PyPI's own."""

import json

import pytest

from tests.formats.lockfiles.reading import by_name, read_text
from upkeep.formats.package import Origin

NPM = {"lockfileVersion": 3, "packages": {"": {}, "node_modules/a": {"version": "1.0.0", "deprecated": "use b"}}}
PNPM = """
    lockfileVersion: '9.0'
    importers: {.: {dependencies: {a: {specifier: ^1, version: 1.0.0}}}}
    packages: {a@1.0.0: {resolution: {integrity: x}, deprecated: use b}}
    snapshots: {a@1.0.0: {}}
    """
OWN = "https://files.pythonhosted.org/packages/aa/a-1.0-py3-none-any.whl"
OTHER = "https://x.example/a-1.0-py3-none-any.whl"
HEAD = '[[package]]\nname = "a"\nversion = "1.0"\n'
OWN_PROJECT = HEAD.replace('"a"', '"shop"')
LOCKS = {
    "requirements.txt": "a @ {url}\n",
    "two/requirements.txt": "{url}\n",
    "uv.lock": "version = 1\n" + OWN_PROJECT + 'source = {{virtual = "."}}\n' + HEAD + 'source = {{url = "{url}"}}\n',
    "poetry.lock": HEAD + '[package.source]\ntype = "url"\nurl = "{url}"\n[metadata]\nlock-version = "2.1"\n',
    "pdm.lock": '[metadata]\nlock_version = "4.5.0"\n' + HEAD + 'url = "{url}"\n',
    "pylock.toml": 'lock-version = "1.0"\ncreated-by = "x"\n'
    + HEAD.replace("package", "packages")
    + 'archive = {{url = "{url}"}}\n',
    "Pipfile.lock": '{{"_meta": {{"pipfile-spec": 6}}, "default": {{"a": {{"file": "{url}"}}}}, "develop": {{}}}}',
}


@pytest.mark.parametrize(("path", "text"), [("package-lock.json", json.dumps(NPM)), ("pnpm-lock.yaml", PNPM)])
def test_deprecated_versions_are_told(path: str, text: str) -> None:
    assert by_name(read_text(path, text))["a"].deprecated == "use b"


@pytest.mark.parametrize("path", LOCKS)
@pytest.mark.parametrize(("url", "origin"), [(OWN, Origin.REGISTRY), (OTHER, Origin.URL)])
def test_a_file_of_pypi_is_its_package_whoever_names_it(path: str, url: str, origin: Origin) -> None:
    reading = read_text(path, LOCKS[path].format(url=url))
    assert [package.origin for package in reading.packages if package.name == "a"] == [origin]
    assert reading.incomplete == ()


def test_an_address_that_is_none() -> None:
    assert read_text("pdm.lock", LOCKS["pdm.lock"].format(url="https://[x")).packages[0].origin is Origin.URL


def test_a_name_before_an_address_is_enough() -> None:
    assert read_text("requirements.txt", "a @ https://x.example/download?id=3\n").incomplete == ()
    assert read_text("requirements.txt", "https://x.example/download?id=3\n").incomplete
