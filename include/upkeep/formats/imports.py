"""
Which packages a program imports, as a hint: Python by its syntax, JavaScript by the words of require and import.

What is loaded by name at run time (plugins, drivers, command line tools) is not seen.
"""

import ast
import re
from collections.abc import Iterable

_JAVASCRIPT = re.compile(r"""(?:\bfrom\s*|\brequire\s*\(\s*|\bimport\s*\(?\s*)['"]((?:@[\w.~-]+/)?[\w~-][\w.~-]*)""")
_MODULES = {
    "attrs": ("attr", "attrs"),
    "beautifulsoup4": ("bs4",),
    "django-rest-framework": ("rest_framework",),
    "djangorestframework": ("rest_framework",),
    "mysqlclient": ("mysqldb",),
    "opencv-python": ("cv2",),
    "pillow": ("pil",),
    "protobuf": ("google",),
    "psycopg2-binary": ("psycopg2",),
    "pyjwt": ("jwt",),
    "python-dateutil": ("dateutil",),
    "python-dotenv": ("dotenv",),
    "pyyaml": ("yaml",),
    "scikit-learn": ("sklearn",),
}


def python_imports(raw: bytes) -> frozenset[str] | None:
    """The outermost modules that a file imports, in lower case; None when it is no Python that this version reads."""
    try:
        tree = ast.parse(raw)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(name.lower() for name in found)


def javascript_imports(raw: bytes) -> frozenset[str]:
    """The packages that a file names in require or import, scopes with them."""
    return frozenset(_JAVASCRIPT.findall(raw.decode("utf-8", "replace")))


def is_imported(ecosystem: str, name: str, imported: Iterable[str], brings: Iterable[str] = ()) -> bool:
    """Whether any of these imports could be of this package: by its name, other names of it, and the modules that it `brings`."""
    if ecosystem == "npm":
        return name in imported or f"@types/{name}" in imported or name.startswith("@types/")
    if name.startswith("types-"):
        return True
    modules = {
        *brings,
        name.replace("-", "_"),
        name.replace("-", "."),
        name.removeprefix("python-").replace("-", "_"),
        *_MODULES.get(name, ()),
    }
    outer = {part for module in imported for part in (module, module.partition(".")[0])}
    return any(module in outer or any(i.startswith(f"{module}.") for i in imported) for module in modules)
