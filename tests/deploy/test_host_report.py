"""deploy/host-report: what each package manager says becomes a report that can be read."""

import os
import subprocess
from pathlib import Path

from upkeep.formats.host_report import HostReport, Update, host_report

SCRIPT = Path(__file__).parents[2] / "deploy/host-report"
TOOLS = ("awk", "cat", "cut", "date", "head", "ls", "sed", "sort", "tail", "tr", "uname", "sh")
APT = """Reading package lists...
Inst libssl3 [3.0.11-1] (3.0.15-1 Debian:12.8/stable, Debian-Security:12/stable-security [amd64]) [openssl:amd64 ]
Inst vim [2:9.0.1] (2:9.0.2 Debian:12.8/stable [amd64])
Inst linux-image-new (6.1.2 Debian:12.8/stable [amd64])
Conf libssl3 (3.0.15-1 Debian:12.8/stable [amd64])
"""
DNF = """
openssl.x86_64            1:3.0.7-27.el9      baseos
vim-minimal.x86_64        2:8.2.2637-21.el9   baseos
Obsoleting Packages
old.x86_64                1-1                 baseos
"""
APK = """Installed:                                Available:
libcrypto3-3.1.4-r1                     < 3.1.4-r5
py3-pip-23.1.2-r0                       < 23.1.2-r1
"""


def run(tmp_path: Path, tools: dict[str, str], folders: tuple[str, ...] = ()) -> HostReport:
    """Run the script where only these package managers are, which answer as their scripts say."""
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = next(Path(folder) / tool for folder in ("/usr/bin", "/bin") if (Path(folder) / tool).exists())
        (tmp_path / "bin" / tool).symlink_to(found)
    for name, script in tools.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (tmp_path / "bin" / name).chmod(0o755)
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/os-release").write_text('ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n', encoding="utf-8")
    for folder in folders:
        (root / folder).parent.mkdir(parents=True, exist_ok=True)
        (root / folder).write_text("linux-image\nlibc6\nlibc6\n", encoding="utf-8")
    env = {"PATH": str(tmp_path / "bin"), "HOST_REPORT_ROOT": str(root)}
    done = subprocess.run(["/bin/sh", str(SCRIPT)], check=True, capture_output=True, env=env)
    assert done.stderr == b""
    return host_report(done.stdout.decode())


def saying(text: str, code: int = 0) -> str:
    return f"cat <<'SAID'\n{text}SAID\nexit {code}"


def test_apt(tmp_path: Path) -> None:
    lists = "var/lib/apt/lists/deb_InRelease"
    found = run(tmp_path, {"apt-get": saying(APT), "apt-mark": saying("vim\n"), "node": "echo v20.1.0"}, (lists,))
    assert found.updates == (Update("libssl3", "3.0.11-1", "3.0.15-1", "security"), Update("vim", "2:9.0.1", "2:9.0.2", "other"))
    assert (found.held, found.failed, found.reboot, found.runtimes) == (("vim",), (), None, {"node": "20.1.0"})
    assert found.system is not None
    assert (found.system.ecosystem, found.lists_at is not None) == ("Debian:12", True)


def test_apt_that_fails_and_a_restart_that_is_needed(tmp_path: Path) -> None:
    files = ("run/reboot-required", "run/reboot-required.pkgs")
    found = run(tmp_path, {"apt-get": saying("E: held broken packages\n", 100)}, files)
    assert found.failed == ("no package lists were ever fetched", "apt-get: E: held broken packages")
    assert (found.updates, found.reboot) == ((), "libc6 linux-image")


def test_dnf(tmp_path: Path) -> None:
    security = "FEDORA-1 Important/Sec. openssl-1:3.0.7-27.el9.x86_64\n"
    tool = f'case "$*" in *updateinfo*) {saying(security).replace("exit 0", "exit 0 ;;")}\nesac\n{saying(DNF, 100)}'
    found = run(tmp_path, {"dnf": tool}, ("var/cache/dnf/baseos.solv",))
    assert found.updates == (
        Update("openssl", "?", "1:3.0.7-27.el9", "security"),
        Update("vim-minimal", "?", "2:8.2.2637-21.el9", "other"),
    )
    assert (found.failed, found.lists_at is not None) == ((), True)


def test_apk(tmp_path: Path) -> None:
    found = run(tmp_path, {"apk": saying(APK)}, ("var/cache/apk/APKINDEX.1.tar.gz",))
    assert found.updates == (
        Update("libcrypto3", "3.1.4-r1", "3.1.4-r5", "unknown"),
        Update("py3-pip", "23.1.2-r0", "23.1.2-r1", "unknown"),
    )


def test_no_package_manager(tmp_path: Path) -> None:
    assert run(tmp_path, {}).failed == ("none of apt-get, dnf, yum and apk is there",)


def test_it_may_be_run() -> None:
    assert os.access(SCRIPT, os.X_OK)
