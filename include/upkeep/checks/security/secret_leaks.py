"""Secrets that stand in a repository, or came into its history in the window."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from upkeep.answer import Answer, Severity
from upkeep.checks.security.leak_answer import answer, finding
from upkeep.checks.security.leak_scan import Look, Scan, allowed_in, by_patterns, passed_over, scanned
from upkeep.duty import check
from upkeep.errors import CannotAskError
from upkeep.sources.connections import Connections
from upkeep.sources.git.added import added
from upkeep.sources.git.history import commit_at, fetched
from upkeep.sources.repository import Repository, git_folder
from upkeep.targets.repository import CodeRepository
from upkeep.window import Cadence, Window

_SEVERITY = {True: Severity.HIGH, False: Severity.MEDIUM}


@check(Cadence.WEEKLY, owner="security")
def secret_leaks(repository: CodeRepository, files: Repository, connections: Connections, window: Window) -> Answer:
    """
    Secrets that stand in a repository, or came into its history in the window.

    Every text file of the repository as it was at the window's end, and every line that its commits brought in the window, also
    where a later one took it away. Tokens that their makers gave a form (AWS, GitHub, GitLab, Slack, Stripe, npm, PyPI, JSON Web
    Tokens) are looked for everywhere; private keys, connection strings with a password, and random values behind telling names
    not in lockfiles, tests, examples and documentation, where they are made up. Only kind and place are told, never the value.
    What may stay is silenced by its SHA-256 in a file `.upkeep-allowed-secrets` of the repository, by `pragma: allowlist secret`
    on its line, or by the paths of `ignore`. Binary files and submodules are not looked through, and a password of plain words
    is not told from other words: `secret_copies` looks for those of the inventory by their values. A file over 32 MB, or a
    history that cannot be read or is cut off, makes it unknown where nothing was found.
    """
    look = by_patterns(allowed_in(files))
    scan = scanned(files, look)
    if files.commit:
        _history(repository, files, connections, window, look, scan)
    return answer(scan, files, [finding(leak, _SEVERITY[leak.certain]) for leak in scan.leaks])


def _history(
    repository: CodeRepository, files: Repository, connections: Connections, window: Window, look: Look, scan: Scan
) -> None:
    """What commits of the window brought and the tree no longer has."""
    commit = files.commit
    if commit is None or commit.at < window.start:
        return
    with _folder(repository, connections, window) as (folder, since):
        if since is None and (folder / "shallow").exists():
            scan.unread.append("its history of the window: the copy is shallow (git fetch --unshallow)")
        for line in added(folder, since, commit.id):
            if passed_over(line.path, files.ignore):
                continue
            for spot in look(line.path, line.text):
                if not scan.knows(line.path, spot):
                    scan.note(line.path, spot, f"commit {line.commit[:10]}")


@contextmanager
def _folder(repository: CodeRepository, connections: Connections, window: Window) -> Iterator[tuple[Path, str | None]]:
    """Where its history is, and the commit from before the window; None where it began in the window."""
    if repository.path is not None:
        folder = git_folder(Path(repository.path))
        if folder is None:
            raise CannotAskError(f"{repository.path} is no git repository any more", "ask again")
        ref = f"refs/heads/{repository.branch}" if repository.branch else "HEAD"
        before = commit_at(folder, ref, window.start)
        yield folder, before.id if before else None
        return
    remote = repository.remote(connections)
    try:
        copy, before = fetched(remote, window.start)
    except CannotAskError:  # it began in the window: its whole history was fetched
        yield fetched(remote, window.end)[0], None
        return
    yield copy, before.id
