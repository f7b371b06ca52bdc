"""What somebody probably meant to write."""

import difflib
from collections.abc import Iterable


def nearest(word: str, valid: Iterable[object], *, most: int = 40) -> str:
    """`; did you mean "owner"?`, or the valid words when none is near and there are at most `most`."""
    candidates = sorted({str(w) for w in valid})
    lower = {w.lower(): w for w in candidates}
    close = difflib.get_close_matches(word.lower(), lower, n=1, cutoff=0.6)
    if close:
        return f'; did you mean "{lower[close[0]]}"?'
    return f"; valid are: {', '.join(candidates) or 'none'}" if len(candidates) <= most else ""
