"""yarn.lock: of yarn 1 in a form of its own, of yarn 2 and newer in YAML."""

from upkeep.formats.lockfiles.registry import Beside, UnreadableError, reads
from upkeep.formats.lockfiles.text import decoded
from upkeep.formats.lockfiles.yarn_berry import read_berry
from upkeep.formats.lockfiles.yarn_classic import read_classic
from upkeep.formats.package import Reading


@reads("yarn.lock")
def yarn_lock(raw: bytes, open_beside: Beside) -> Reading:
    """Read it. What is asked for directly, and for what, stands in the package.json files beside."""
    text = decoded(raw)
    if "\n__metadata:\n" in f"\n{text}":
        return read_berry(text, open_beside)
    if "# yarn lockfile v1" in text or not text.strip():
        return read_classic(text, open_beside)
    raise UnreadableError("has neither `__metadata` nor `# yarn lockfile v1`: it is no yarn.lock, or was cut off")
