"""What a restore would do, said before it: nothing is changed here."""

from collections.abc import Iterator

from upkeep.backups import entries_file
from upkeep.backups.destination import Destination
from upkeep.backups.manifest import Manifest
from upkeep.backups.restore_request import Wanted
from upkeep.backups.restore_roles import RestoreRoles
from upkeep.backups.role_mode import Mode
from upkeep.backups.role_plan import RolePlan
from upkeep.backups.scratch_restore import fitting
from upkeep.backups.unpacking import identities
from upkeep.humanize import plural, size
from upkeep.sources.objects import ObjectStore


def preview(wanted: Wanted, manifest: Manifest, place: ObjectStore, into: Destination | None) -> tuple[str, ...]:
    """Every line of the plan. Raises BrokenError when the restore would be refused."""
    if wanted.keys or not manifest.encrypted_to:
        manifest = entries_file.loaded(place, manifest, identities(wanted.keys))
    return (*_backup(wanted, manifest), *(_server(wanted, manifest, place, into) if into else _scratch(wanted, manifest)))


def _backup(wanted: Wanted, manifest: Manifest) -> Iterator[str]:
    yield f"backup {manifest.id} of {manifest.target}, as it was at {manifest.snapshot_at:%Y-%m-%d %H:%M:%S} UTC"
    yield f"manifest {manifest.sha256}"
    yield f"PostgreSQL {manifest.server_version}, {plural(manifest.rows, 'row')}, {size(manifest.stored_bytes)} stored"
    if manifest.encrypted_to and not wanted.keys:
        yield "it is encrypted: the restore needs a private key (--identity FILE), and so does a plan that knows all"


def _scratch(wanted: Wanted, manifest: Manifest) -> Iterator[str]:
    after = "left running" if wanted.keep else "removed afterwards"
    yield f"to scratch: a server of PostgreSQL {fitting(manifest, wanted.major)} is started for it and {after}"
    yield "roles: all that the backup has are made there"


def _server(wanted: Wanted, manifest: Manifest, place: ObjectStore, into: Destination) -> Iterator[str]:
    yield f"to {wanted.called}: {into.look(manifest)}"
    yield from (f"roles: what {old} owned and was granted goes to {new}" for old, new in wanted.roles.mapped.items())
    if wanted.roles.no_owner:
        yield "roles: all belongs to who restores, and no grants are restored"
    roles = RestoreRoles(manifest, into, wanted.roles, place, keys=())
    with into.admin() as admin:
        yield from _roles(roles.plan(admin), logins=wanted.roles.logins)
    yield from (f"needs a superuser there: {line}" for line in into.beyond(manifest))


def _roles(plan: RolePlan, *, logins: bool) -> Iterator[str]:
    for role in plan.create:
        login = "it may log in, without a password" if role.login and logins else "it may not log in"
        yield f'roles: "{role.name}" is created; {login}'
    word = "missing there now" if plan.mode is Mode.CREATE else "missing there, and not created"
    made = {role.name for role in plan.create}
    yield from (f"roles: {word}: {line}" for line in plan.missing if not any(line.startswith(f'role "{n}" ') for n in made))
    yield from (f"roles: {line}" for line in (*plan.different, *plan.cannot))
