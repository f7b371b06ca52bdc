"""Reports of machines: whole or refused; each line is one that the script writes."""

from datetime import UTC, datetime

import pytest

from upkeep.formats.host_report import ReportError, Update, host_report

GOOD = """upkeep-host-report\t1
host\tweb-1
at\t2026-11-02T03:00:00Z
kernel\t6.1.0
os\tubuntu\t22.04\tUbuntu 22.04.3 LTS
lists\t2026-11-02T02:00:00Z
update\topenssl\t3.0.2\t3.0.3\tsecurity
update\topenssl\t3.0.2\t3.0.3\tsecurity
update\tvim\t1\t2\tother
held\tlinux-image
reboot\tlibc6 linux-base
runtime\tpython\t3.10.12
end
"""


def test_what_it_says() -> None:
    found = host_report(GOOD)
    assert (found.host, found.at, found.held, found.reboot) == (
        "web-1", datetime(2026, 11, 2, 3, tzinfo=UTC), ("linux-image",), "libc6 linux-base"
    )  # fmt: skip
    assert found.updates == (Update("openssl", "3.0.2", "3.0.3", "security"), Update("vim", "1", "2", "other"))
    assert found.system is not None
    assert (found.system.ecosystem, found.runtimes, found.failed) == ("Ubuntu:22.04:LTS", {"python": "3.10.12"}, ())
    assert found.lists_at == datetime(2026, 11, 2, 2, tzinfo=UTC)


def test_what_it_need_not_say() -> None:
    found = host_report("upkeep-host-report\t1\nhost\tx\nat\t2026-11-02T03:00:00Z\nfailed\tapt-get: no\nreboot\t\nend\n")
    assert (found.system, found.lists_at, found.updates, found.failed, found.reboot) == (None, None, (), ("apt-get: no",), "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "does not begin as a report"),
        ("<html>", "does not begin as a report"),
        (GOOD.replace("\t1\n", "\t2\n", 1), "use the script of this Upkeep"),
        (GOOD.replace("end\n", ""), "it was cut off"),
        (GOOD[:200], "it was cut off"),
        (GOOD.replace("\tsecurity", ""), "line 7: "),
        (GOOD.replace("\tsecurity", "\tgrave"), "unknown kind: grave"),
        (GOOD.replace("held\t", "hold\t"), "line 10: "),
        (GOOD.replace("at\t2026-11-02T03:00:00Z", "at\tnow"), '"now" is no time'),
        (GOOD.replace("host\tweb-1\n", ""), "of which machine"),
    ],
)
def test_what_is_none(text: str, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        host_report(text)
