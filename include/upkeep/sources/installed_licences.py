"""What the metadata of Python packages tells which are installed here: licences of exactly one version, names of modules."""

from importlib.metadata import PackageNotFoundError, distribution

_CLASSIFIER = "License :: "
_LONGEST = 100


def installed_licence(name: str, version: str | None) -> str | None:
    """What the package says: an expression, else a name, else its one classifier; None when it is not here or silent."""
    try:
        found = distribution(name)
    except (PackageNotFoundError, ValueError):
        return None
    if found.version != version:
        return None
    expression, text = ((found.metadata.get_all(key) or [""])[0] for key in ("License-Expression", "License"))
    if expression or (text.strip() and len(text) <= _LONGEST and text.strip().upper() != "UNKNOWN"):
        return str(expression or text).strip()
    named = [line.rpartition(" :: ")[2] for line in found.metadata.get_all("Classifier") or () if line.startswith(_CLASSIFIER)]
    return named[0] if len(named) == 1 else None


def installed_modules(name: str) -> frozenset[str]:
    """The outermost modules that a package brings, in lower case; none when it is not installed here."""
    try:
        files = distribution(name).files or ()
    except (PackageNotFoundError, ValueError):
        return frozenset()
    outer = {file.parts[0] for file in files if file.suffix in {".py", ".so", ".pyi"}}
    return frozenset(part.partition(".")[0].lower() for part in outer if not part.startswith((".", "_")))
