"""Files of a folder or bucket one after the other: S3 is asked page by page, so that a bucket of millions is never in memory."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatch
from typing import Any

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.access_log_files import LogFile, log_file
from upkeep.sources.aws_policy import bucket_policy
from upkeep.sources.objects import ObjectStore


def paged(store: ObjectStore, pattern: str) -> Iterator[LogFile]:
    """Every file whose own name fits the pattern, in the order of their names. Raises as `refusals`."""
    with refusals(store.url):
        for name, entry in _pages(store) if store.is_s3 else store.listed().items():
            if fnmatch(name.rpartition("/")[2], pattern):
                yield log_file(name, entry)


@contextmanager
def refusals(place: str) -> Iterator[None]:
    """Raise CannotAskError, with what to allow, where the place refuses or is not there. What may pass stays BrokenError."""
    try:
        yield
    except BrokenError as error:
        if error.retry:
            raise
        allow = bucket_policy(place)
        remedy = f"{error.remedy}; allow: {allow}" if allow else error.remedy
        raise CannotAskError(error.reason, remedy) from error


def _pages(store: ObjectStore) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Without what S3 keeps for a folder itself."""
    for start, page in store.s3_pages():
        for entry in page:
            name = str(entry["Key"])[start:]
            if name and not name.endswith("/"):
                yield name, {"size": entry["Size"], "LastModified": entry["LastModified"]}
