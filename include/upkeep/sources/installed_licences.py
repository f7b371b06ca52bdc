"""Licences that the metadata of Python packages tells which are installed here, of exactly the version that is asked for."""

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
