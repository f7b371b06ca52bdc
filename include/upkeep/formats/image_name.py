"""Names of container images, taken apart as container tools do: registry, repository, tag and digest."""

import re
from dataclasses import dataclass

HUB = "docker.io"
_LONGEST = 384  # letters of a registry, a repository and a tag
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_PART}(?:/{_PART})*")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?")


@dataclass(frozen=True, slots=True)
class ImageName:
    """One image: `tag` is "latest" where neither it nor a digest is written, None beside a digest alone."""

    registry: str
    repository: str
    tag: str | None
    digest: str | None

    @property
    def text(self) -> str:
        """Registry, repository and tag: the same for every digest of it."""
        return f"{self.registry}/{self.repository}{f':{self.tag}' if self.tag else ''}"


def image_name(text: str) -> ImageName | None:
    """The name that stands in a text, None when it is none."""
    name, at, digest = text.partition("@")
    if len(name) > _LONGEST or (at and not _DIGEST.fullmatch(digest)):
        return None
    place, _, rest = name.rpartition("/")
    last, colon, tag = rest.partition(":")
    first, slash, more = f"{place}/{last}".lstrip("/").partition("/")
    registry, path = (first, more) if slash and _is_host(first) else (HUB, f"{first}{slash}{more}")
    if registry in {HUB, f"index.{HUB}", f"registry-1.{HUB}"}:
        registry, path = HUB, path if "/" in path else f"library/{path}"
    if not _PATH.fullmatch(path) or (colon and not _TAG.fullmatch(tag)) or not _HOST.fullmatch(registry):
        return None
    return ImageName(registry, path, tag or (None if digest else "latest"), digest or None)


def _is_host(first: str) -> bool:
    return "." in first or ":" in first or first == "localhost"
