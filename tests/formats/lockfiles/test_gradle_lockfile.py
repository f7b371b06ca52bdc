"""gradle.lockfile: an entry on test classpaths only is development."""

import pytest

from upkeep.formats.lockfiles.registry import read
from upkeep.formats.package import Reading, Scope

HEAD = "# This is a Gradle generated file for dependency locking.\n"


def reading(text: str, path: str = "gradle.lockfile") -> Reading:
    return read(path, (HEAD + text).encode(), lambda _: None)


@pytest.mark.parametrize(
    ("configurations", "scope"),
    [
        ("compileClasspath,runtimeClasspath", Scope.PRODUCTION),
        ("testCompileClasspath,testRuntimeClasspath", Scope.DEVELOPMENT),
        ("runtimeClasspath,testRuntimeClasspath", Scope.PRODUCTION),
        ("integrationTestRuntimeClasspath", Scope.DEVELOPMENT),
        ("debugAndroidTestCompileClasspath,debugUnitTestRuntimeClasspath", Scope.DEVELOPMENT),
        ("releaseRuntimeClasspath", Scope.PRODUCTION),
        ("latestRuntimeClasspath", Scope.PRODUCTION),
        ("testFixturesRuntimeClasspath", Scope.DEVELOPMENT),
        ("productionRuntimeClasspath", Scope.PRODUCTION),
        ("annotationProcessor,jacocoAgent,checkstyle", Scope.DEVELOPMENT),
        ("kotlinCompilerPluginClasspathMain", Scope.DEVELOPMENT),
        ("developmentOnly", Scope.UNKNOWN),
        ("implementation", Scope.PRODUCTION),
        ("", Scope.UNKNOWN),
    ],
)
def test_scopes(configurations: str, scope: Scope) -> None:
    (found,) = reading(f"org.a:b:1.2={configurations}\nempty=annotationProcessor\n").packages
    assert (found.ecosystem, found.name, found.version, found.scope, found.line) == ("Maven", "org.a:b", "1.2", scope, 2)


def test_the_builds_own_plugins_are_development() -> None:
    found = reading("org.a:b:1.2=classpath\n", "app/buildscript-gradle.lockfile")
    assert (found.kind, found.packages[0].scope) == ("buildscript-gradle.lockfile", Scope.DEVELOPMENT)


def test_the_older_form_has_a_file_for_each_configuration() -> None:
    found = reading("org.a:b:1.2\n", "gradle/dependency-locks/runtimeClasspath.lockfile")
    assert [(p.version, p.scope) for p in found.packages] == [("1.2", Scope.UNKNOWN)]


@pytest.mark.parametrize("line", ["org.a:b=x", "org.a:b:1.2:jar=x", "a b c", "org.a::1.2=x"])
def test_what_cannot_be_read_is_said(line: str) -> None:
    found = reading(f"org.a:b:1.2=runtimeClasspath\n{line}\n")
    assert len(found.packages) == 1
    assert found.incomplete[0].startswith("line 3: ")
