"""pgbench connects anew for each transaction while its login is rotated: none fails."""

import pytest

from bench.rotation import bench, reconnecting


@pytest.mark.slow
def test_no_login_fails_while_the_secret_is_rotated() -> None:
    with bench() as made:
        seen = reconnecting(made, 3)
    assert seen.failed == []
    assert seen.connected > 100
