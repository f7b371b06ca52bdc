"""os-release: the name under which advisories are filed, and when none can be."""

import pytest

from upkeep.formats.os_release import os_release


@pytest.mark.parametrize(
    ("lines", "ecosystem", "known"),
    [
        ('ID=debian\nVERSION_ID="12"', "Debian:12", True),
        ('PRETTY_NAME="Debian GNU/Linux trixie/sid"\nID=debian', "Debian", False),
        ('ID=ubuntu\nVERSION_ID="22.04"\nVERSION="22.04.3 LTS (Jammy Jellyfish)"', "Ubuntu:22.04:LTS", True),
        ('ID=ubuntu\nVERSION_ID="23.10"\nVERSION="23.10 (Mantic Minotaur)"', "Ubuntu:23.10", True),
        ("ID=alpine\nVERSION_ID=3.18.4", "Alpine:v3.18", True),
        ("ID=alpine\nVERSION_ID=3.19_alpha20230901", "Alpine", False),
        ('ID="rocky"\nVERSION_ID="9.3"', "Rocky Linux:9", True),
        ('ID="almalinux"\nVERSION_ID="8.9"', "AlmaLinux:8", True),
        ('ID="rhel"\nVERSION_ID="9.4"', "Red Hat:9.4", True),
        ('ID="opensuse-leap"\nVERSION_ID="15.5"', "openSUSE:Leap 15.5", True),
        ('ID="opensuse-tumbleweed"\nVERSION_ID="20240101"', "openSUSE:Tumbleweed", True),
        ("ID=wolfi\nVERSION_ID=20230201", "Wolfi", True),
        ("ID=gentoo\nVERSION_ID=2.15", "gentoo:2.15", False),
    ],
)
def test_names(lines: str, ecosystem: str, known: bool) -> None:  # noqa: FBT001
    found = os_release(f"# comment\r\n{lines}\nHOME_URL='x'\n")
    assert (found.ecosystem, found.known) == (ecosystem, known)


def test_what_is_none() -> None:
    with pytest.raises(ValueError, match="this is no os-release"):
        os_release("../usr/lib/os-release")
    assert os_release("ID=debian\nVERSION_ID=12").pretty == "debian 12"
