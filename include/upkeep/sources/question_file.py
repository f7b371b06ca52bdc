"""The `.sql` file of a question, by the server's version."""

import re
from pathlib import Path


def sql_for(asker: Path, version: int) -> str:
    """Text of the file beside `asker`; `name.pg14.sql` serves servers up to version 14, when there is one."""
    older = {int(m[1]): p for p in asker.parent.glob(f"{asker.stem}.pg*.sql") if (m := re.search(r"\.pg(\d+)\.sql$", p.name))}
    fitting = [p for limit, p in sorted(older.items()) if version <= limit]
    return (fitting[0] if fitting else asker.with_suffix(".sql")).read_text(encoding="utf-8")
