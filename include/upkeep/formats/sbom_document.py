"""A repository's packages as a CycloneDX 1.6 document: the same bytes for the same packages at the same time."""

import uuid
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from upkeep.formats.package import Origin, Package, Scope
from upkeep.formats.purls import purl_of

_SPACE = uuid.UUID("6f0c2a53-9d4e-5a4c-9c38-0d8f5d2a7b11")
_ORIGIN = "upkeep:origin"


@dataclass(frozen=True, slots=True)
class Part:
    """One package of a document. `expression` is its licence as SPDX spells it, else `licence` is what was said of it."""

    package: Package
    expression: str | None = None
    licence: str | None = None


def sbom_document(name: str, commit: str | None, at: datetime, parts: Sequence[Part]) -> str:
    """The document. Packages without a version are in it, without one."""
    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.output.json import JsonV1Dot6

    root = Component(name=name, version=commit, type=ComponentType.APPLICATION, bom_ref="repository")
    made = {key: _component(key, part) for key, part in sorted(_by_purl(parts).items())}
    number = uuid.uuid5(_SPACE, "\n".join([name, commit or "", at.isoformat(), *made]))
    bom = Bom(components=made.values(), metadata=BomMetaData(component=root, timestamp=at), serial_number=number)
    for above, below in _edges(parts):
        bom.register_dependency(root if above is None else made[above], [made[key] for key in below])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that nothing is known to be direct, as in files that do not say
        return str(JsonV1Dot6(bom).output_as_string(indent=1))


def faults_of(document: str) -> tuple[str, ...]:
    """What is wrong with a document by the schema of CycloneDX 1.6; nothing when it is valid."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    found: Any = JsonStrictValidator(SchemaVersion.V1_6).validate_str(document)
    return () if found is None else tuple(str(found).splitlines()[:1])


def _by_purl(parts: Iterable[Part]) -> dict[str, Part]:
    """Each package once; production wins over what is for development."""
    found: dict[str, Part] = {}
    for part in parts:
        key = _ref(part.package)
        if key not in found or found[key].package.scope is Scope.DEVELOPMENT:
            found[key] = part
    return found


def _ref(package: Package) -> str:
    suffix = f"#{package.commit}" if package.commit else "#path" if package.origin is Origin.PATH else ""
    return purl_of(package) + suffix


def _component(ref: str, part: Part) -> Any:
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model import Property
    from cyclonedx.model.component import Component, ComponentScope
    from packageurl import PackageURL

    package, make = part.package, LicenseFactory()
    licences = [make.make_from_string(part.expression)] if part.expression else []
    if not licences and part.licence:
        licences = [make.make_with_name(part.licence)]
    return Component(
        name=package.name,
        version=package.version,
        bom_ref=ref,
        purl=PackageURL.from_string(purl_of(package)) if package.origin is Origin.REGISTRY else None,
        scope={Scope.PRODUCTION: ComponentScope.REQUIRED, Scope.DEVELOPMENT: ComponentScope.EXCLUDED}.get(package.scope),
        licenses=licences,
        properties=[] if package.origin is Origin.REGISTRY else [Property(name=_ORIGIN, value=package.origin.value)],
    )


def _edges(parts: Sequence[Part]) -> Iterable[tuple[str | None, list[str]]]:
    """Who needs whom, as far as the chains of lockfiles tell; None is the repository itself."""
    by_name: dict[tuple[str, str], list[str]] = {}
    for part in parts:
        by_name.setdefault((part.package.ecosystem, part.package.name), []).append(_ref(part.package))
    needs: dict[str | None, set[str]] = {}
    for part in parts:
        package = part.package
        if package.direct:
            needs.setdefault(None, set()).add(_ref(package))
        elif len(package.path) > 1:
            for above in by_name.get((package.ecosystem, package.path[-2]), ()):
                needs.setdefault(above, set()).add(_ref(package))
    return _sorted(needs)


def _sorted(needs: Mapping[str | None, set[str]]) -> list[tuple[str | None, list[str]]]:
    return [(above, sorted(below - {above or ""})) for above, below in sorted(needs.items(), key=lambda each: each[0] or "")]
