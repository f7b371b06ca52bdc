"""
Running git on what strangers wrote: no hooks, prompts, submodules or settings of anybody, and no protocol but those named.

What fails is said in words, with whether a retry may help.
"""

import os
import shutil
import subprocess
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from upkeep.errors import BrokenError, CannotAskError
from upkeep.formats.lockfiles.text import shown

TIMEOUT_S = 900
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.askPass=",
    "core.sshCommand=",
    "core.pager=cat",
    "core.alternateRefsCommand=",
    "diff.external=",
    "fetch.recurseSubmodules=false",
    "submodule.recurse=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "http.followRedirects=initial",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=60",
    "protocol.allow=never",
    "transfer.bundleURI=false",
    "uploadpack.packObjectsHook=",
    "safe.directory=*",
    "log.showSignature=false",
)
_REASONS = (  # what git or ssh says, what to do, whether a retry may help
    ("Host key verification failed", "give the server's key as known_hosts in the connection's extra", False),
    ("Permission denied", "give the connection a key or token that may read this repository", False),
    ("Authentication failed", "give the connection a token that may read this repository", False),
    ("could not read Username", "name a connection with a token that may read this repository", False),
    ("returned error: 403", "give the connection a token that may read this repository", False),
    ("not found", "correct the address, or let the connection's login see this repository", False),
    ("couldn't find remote ref", "correct the branch", False),
    ("not allowed", "only https and ssh are used", False),
    ("server certificate verification failed", "have this machine trust the server's authority", False),
)


def git(
    args: Sequence[str],
    *,
    folder: Path | None = None,
    protocols: Collection[str] = (),
    more: Mapping[str, str] | None = None,
    keep: int | None = None,
    timeout_s: float = TIMEOUT_S,
) -> bytes:
    """
    What one command of git prints, in the git directory `folder`. `keep` is a file descriptor that lives as long as git does.

    Raises CannotAskError without git, BrokenError with git's own words when it fails or does not end.
    """
    command = command_line(args, folder, protocols)
    try:
        done = subprocess.run(  # noqa: S603 - git itself; options end before what the inventory says
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=clean_environment(protocols, more),
            cwd="/",
            pass_fds=() if keep is None else (keep,),
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BrokenError(
            f"git {args[0]} did not end within {timeout_s:.0f} s", "see the network and the size", retry=True
        ) from error
    if done.returncode:
        raise failed(args[0], done.stderr)
    return done.stdout


def command_line(args: Sequence[str], folder: Path | None, protocols: Collection[str]) -> list[str]:
    """The whole command. Raises CannotAskError when git is not installed here."""
    program = shutil.which("git")
    if program is None:
        raise CannotAskError("git is not installed where this task runs", "install git there (apt-get install git)")
    settings = [*_SETTINGS, *(f"protocol.{name}.allow=always" for name in sorted(protocols))]
    place = [f"--git-dir={folder.absolute()}"] if folder else []  # git is started elsewhere
    return [
        program,
        "--no-pager",
        "--no-replace-objects",
        *(word for setting in settings for word in ("-c", setting)),
        *place,
        *args,
    ]


def clean_environment(protocols: Collection[str], more: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment in which nothing of this machine's or this user's settings counts but where programs and proxies are."""
    kept = (
        "PATH",
        "HTTPS_PROXY",
        "https_proxy",
        "NO_PROXY",
        "no_proxy",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "SSH_AUTH_SOCK",
    )
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "/bin/false",
        "SSH_ASKPASS": "/bin/false",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": ":".join(sorted(protocols)) or "none",
        "GIT_PROTOCOL_FROM_USER": "0",
        **(more or {}),
    }


def failed(what: str, stderr: bytes) -> BrokenError:
    """Why git failed, in its own words, and what helps."""
    lines = [line.strip() for line in stderr.decode(errors="replace").splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("fatal:", "error:", "ERROR:", "Host key", "ssh:"))] or lines[-1:]
    reason = "; ".join(shown(line) for line in told[:3]) or "without a word"
    known = next(((remedy, retry) for phrase, remedy, retry in _REASONS if phrase in " ".join(lines)), None)
    remedy, retry = known or ("see the network and the server", True)
    return BrokenError(f"git {what} failed: {reason}", remedy, retry=retry)
