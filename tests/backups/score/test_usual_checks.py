"""The three usual checks really check: what they say of a fault stands in the score's table, and no other test looks at it."""

from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from tests.backups.score.scene import COUNTS, EXIT, LISTING, Kept, Scene, usual_checks


def _emptied(kept: Kept) -> None:
    (kept.folder / "definitions.dump.zst").write_bytes(b"")


def _cut(kept: Kept) -> None:
    path = kept.file_of("public.orders")
    path.write_bytes(path.read_bytes()[:-16])


def _without_rows(kept: Kept) -> None:
    kept.file_of("public.orders").write_bytes(zstandard.compress(b""))


SPOILT: dict[str, tuple[Callable[[Kept], object], set[str]]] = {
    "nothing": (lambda _: None, set()),
    "no definitions": (_emptied, {LISTING, EXIT, COUNTS}),
    "a table's rows cut": (_cut, {EXIT, COUNTS}),
    "a table without rows": (_without_rows, {COUNTS}),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_they_catch_what_they_can_see(scene: Scene, fault: str, tmp_path: Path) -> None:
    spoil, caught = SPOILT[fault]
    kept = scene.today.copied(tmp_path / "spoiled")
    spoil(kept)
    assert usual_checks(scene, kept, tmp_path / "unpacked", scene.today.manifest) == caught


def test_they_open_what_is_sealed_with_its_key_alone(scene: Scene, tmp_path: Path) -> None:
    import pyrage

    kept, key = scene.sealed, pyrage.x25519.Identity.from_str(str(scene.key))
    assert usual_checks(scene, kept, tmp_path / "opened", scene.today.manifest, keys=[key]) == set()
    assert EXIT in usual_checks(scene, kept, tmp_path / "shut", scene.today.manifest)
