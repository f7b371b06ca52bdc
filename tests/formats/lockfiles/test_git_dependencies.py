"""Dependencies by git: every kind of lockfile tells their repository, in one spelling, and their commit."""

import json

import pytest

from tests.advisories.made import advisory, matched
from tests.formats.lockfiles.reading import read_text
from upkeep.formats.package import Origin
from upkeep.formats.purls import package_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"
URL = "https://github.com/u/a.git"
HEAD = '[[package]]\nname = "a"\nversion = "1.0.0"\n'
RESOLVED = f"git+ssh://git@github.com/u/a.git#{COMMIT}"
NPM = {"lockfileVersion": 3, "packages": {"": {}, "node_modules/a": {"version": "1.0.0", "resolved": RESOLVED}}}
PNPM = """
    lockfileVersion: '9.0'
    importers:
      .:
        dependencies:
          a: {{specifier: 'github:u/a', version: {key}}}
    packages:
      a@{key}:
        resolution: {resolution}
        version: 1.0.0
    snapshots:
      a@{key}: {{}}
    """
PLACE = f"https://codeload.github.com/u/a/tar.gz/{COMMIT}"
COMPOSER = {"packages": [{"name": "u/a", "version": "dev-main", "source": {"type": "git", "url": URL, "reference": COMMIT}}]}
LOCKS = {
    "requirements.txt": f"git+https://ann:s3cret@github.com/u/a.git@{COMMIT}#egg=a\n",
    "two/requirements.txt": f"a @ https://github.com/u/a/archive/{COMMIT}.zip\n",
    "three/requirements.txt": f"https://github.com/u/a/archive/{COMMIT}.tar.gz#egg=a\n",
    "two/yarn.lock": f'# yarn lockfile v1\n\n\na@u/a:\n  version "1"\n  resolved "https://github.com/u/a/archive/{COMMIT}.tar.gz"\n',
    "two/package-lock.json": json.dumps(NPM).replace("github.com/u", "github.com:u"),
    "uv.lock": f'version = 1\n{HEAD}source = {{git = "https://github.com/u/a?rev=main#{COMMIT}"}}\n',
    "poetry.lock": f"""
        [[package]]
        name = "a"
        version = "1.0"
        [package.source]
        type = "git"
        url = "{URL}"
        resolved_reference = "{COMMIT}"
        [metadata]
        lock-version = "2.1"
        content-hash = "x"
        """,
    "pdm.lock": f'[metadata]\nlock_version = "4.5.0"\n{HEAD}git = "{URL}"\nrevision = "{COMMIT}"\n',
    "pylock.toml": f"""
        lock-version = "1.0"
        created-by = "x"
        [[packages]]
        name = "a"
        version = "1.0"
        vcs = {{type = "git", url = "{URL}", commit-id = "{COMMIT}"}}
        """,
    "Pipfile.lock": json.dumps({"_meta": {"pipfile-spec": 6}, "default": {"a": {"git": URL, "ref": COMMIT}}, "develop": {}}),
    "package-lock.json": json.dumps(NPM),
    "yarn.lock": f'# yarn lockfile v1\n\n\na@u/a:\n  version "1.0.0"\n  resolved "{PLACE}"\n',
    "pnpm-lock.yaml": PNPM.format(key=PLACE, resolution=f"{{tarball: '{PLACE}'}}"),
    "one/pnpm-lock.yaml": PNPM.format(key=PLACE, resolution=f"{{type: git, repo: '{URL}', commit: {COMMIT}}}"),
    "Cargo.lock": f'version = 3\n{HEAD}source = "git+https://github.com/u/a?branch=main#{COMMIT}"\n',
    "Gemfile.lock": f"GIT\n  remote: {URL}\n  revision: {COMMIT}\n  specs:\n    a (1.0)\n\nDEPENDENCIES\n  a!\n",
    "composer.lock": json.dumps(COMPOSER),
    "mix.lock": f'%{{\n  "a": {{:git, "{URL}", "{COMMIT}", []}},\n}}\n',
}


@pytest.mark.parametrize("path", LOCKS)
def test_repository_and_commit_are_told(path: str) -> None:
    reading = read_text(path, LOCKS[path])
    (package,) = reading.packages
    assert (package.origin, package.repository, package.commit) == (Origin.GIT, "github.com/u/a", COMMIT)


def test_a_purl_tells_them_too() -> None:
    found = package_of(f"pkg:npm/a@1.0.0?vcs_url=git%2Bhttps://github.com/u/a.git%40{COMMIT}")
    assert (found.repository, found.commit) == ("github.com/u/a", COMMIT)


@pytest.mark.parametrize("path", LOCKS)
def test_what_its_history_decides_is_never_clean(path: str) -> None:
    (package,) = read_text(path, LOCKS[path]).packages
    ranges = [{"type": "GIT", "repo": "https://github.com/U/a", "events": [{"introduced": "0"}, {"fixed": "b" * 40}]}]
    match = matched(package, advisory("A", "", ecosystem="", part={"ranges": ranges}))
    assert match.faults == ()
    assert "needs the history of github.com/u/a" in match.unjudged[0]


def test_packages_of_registries_have_none() -> None:
    assert read_text("requirements.txt", "a==1\n").packages[0].repository is None
