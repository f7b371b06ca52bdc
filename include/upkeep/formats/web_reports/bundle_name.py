"""The name of a bundle without what every build changes in it."""

import re
from typing import Any

_HASH = re.compile(r"(?<=[.\-_])(?=[0-9a-zA-Z_]*\d)[0-9a-zA-Z_]{8,64}(?=\.)")


def bundle_name(name: Any) -> str:
    """`dist/main.3f2a91bc.js` as `dist/main.*.js`, so that it stays one thing from build to build."""
    return _HASH.sub("*", str(name)[:300])
