"""Whether a store keeps what it gets: an object is written, read back, listed and deleted."""

import secrets

from upkeep.errors import BrokenError
from upkeep.sources.objects import ObjectStore


def store_tried(place: ObjectStore) -> None:
    """Try it in a folder of its own at this place, and leave nothing behind. Raises BrokenError that says what went wrong."""
    folder, data = place.at(f"upkeep-doctor-{secrets.token_hex(6)}"), secrets.token_bytes(1000)
    try:
        folder.put("test", data)
        if folder.get("test") != data:
            raise BrokenError(f"{folder.url}/test came back as other bytes", "look at what lies in between", retry=False)
        if folder.sizes() != {"test": len(data)}:
            raise BrokenError(f"{folder.url}: what was written is not listed", "let the connection list there", retry=False)
    finally:
        folder.delete("test")
    folder.delete_all()
    if folder.exists("test"):
        raise BrokenError(f"{folder.url}/test is still there after it was deleted", "look at rights and versioning", retry=False)
