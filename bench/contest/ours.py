"""Upkeep's own backup and restore, as contenders."""

import shutil
from pathlib import Path

from bench.contest.nobody import Nobody
from upkeep.backups.destination import Destination
from upkeep.backups.registry import Record
from upkeep.backups.restore import Restoring
from upkeep.backups.shelf import place_of
from upkeep.backups.stages import Stages
from upkeep.backups.take import Taking
from upkeep.sources.objects import open_store
from upkeep.sources.scratch import ScratchServer
from upkeep.targets.database import Backup


def backup(server: ScratchServer, database: str, folder: Path) -> Record:
    """Take one into a folder that is emptied before."""
    shutil.rmtree(folder, ignore_errors=True)
    place = place_of(open_store(folder.as_uri()), database)
    taking = Taking(database, server.endpoint(database), Backup(to=folder.as_uri()), place, Nobody(), Stages(_quiet))
    return taking.run()


def restore(server: ScratchServer, record: Record, folder: Path, into: str = "restored") -> None:
    """Restore it into a new database and compare. Ends the program when the copy differs."""
    place = place_of(open_store(folder.as_uri()), record.target).at(record.id)
    again(server, into)
    done = Restoring(place, Destination(server.endpoint(), into), _quiet, jobs=2).run()
    if not done.proven:
        raise SystemExit("\n".join(done.differences))


def again(server: ScratchServer, database: str) -> None:
    """An empty database of this name."""
    with server.endpoint().connect("bench") as admin:
        admin.execute(f"drop database if exists {database} with (force)".encode())
        admin.execute(f"create database {database} template template0".encode())
        admin.execute("checkpoint")


def _quiet(step: str, text: str = "") -> None:
    """Nobody watches."""
