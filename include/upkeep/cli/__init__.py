"""The `upkeep` command: thin functions over the package, for people and for scripts."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from upkeep.cli import airflow_home
from upkeep.cli.out import INTERRUPTED, WELL, WRONG, complain
from upkeep.errors import UpkeepError

EXAMPLES = """\
examples:
  upkeep inventory --check                 every mistake in the inventory and the waivers, with its line
  upkeep doctor --target shop              can it be asked; what is missing, with the exact grants
  upkeep ask daily shop                    a rehearsal of the daily run, while its DAG is paused
  upkeep migrate                           bring the report database's schema up to date
  upkeep ask sequences shop                ask now and print the answer; nothing is stored
  upkeep job retention shop --dry-run      one job now, with its progress; here only what it would do, and why
  upkeep restore shop                      its newest backup into a scratch server, compared with what was backed up
  upkeep scan . --advisories ADVISORIES   what is known to be broken in this folder's lockfiles; 3 when it could not be checked
  upkeep backfill daily --from 2026-11-01 --to 2026-11-08 --run

exit codes: 0 all well, 1 something needs a person, 2 a mistake in the command, the inventory or a connection
(by command in docs/operations.md)
"""
_Run = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; Upkeep's own errors go to stderr without a traceback."""
    args = sys.argv[1:] if arguments is None else list(arguments)
    # A scan runs in every build: it does not wait for what the other commands import.
    given = (_scan_parser() if args[:1] == ["scan"] else parser()).parse_args(args)
    airflow_home.settle()
    run: _Run = given.run
    try:
        return run(given)
    except UpkeepError as error:
        complain(error)
        return WRONG
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return WELL


def _parser(epilog: str = "") -> tuple[argparse.ArgumentParser, Callable[..., argparse.ArgumentParser]]:
    """A parser without commands, and what adds one."""
    top = argparse.ArgumentParser(
        prog="upkeep", description="The maintenance programme of a live web system.", epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, run: _Run, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        return made

    return top, command


def _scan_parser() -> argparse.ArgumentParser:
    from upkeep.cli import scan

    top, command = _parser()
    scan.add_command(command)
    return top


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    from upkeep.cli import archive, backups, cost, deployment, files, job, operate, questions, scan, secret
    from upkeep.window import Cadence

    top, command = _parser(EXAMPLES)
    doctor = command("doctor", questions.doctor, "can every target be asked, by a login with every right and no more")
    doctor.add_argument("--target", metavar="NAME", help="only this target")
    doctor.add_argument("--json", action="store_true", help="for machines")
    ask = command("ask", questions.ask_now, "put one question now and print the answer; nothing is stored")
    ask.add_argument("duty", metavar="DUTY", help="see docs/catalogue.md; or a cadence, for every check of it")
    ask.add_argument("target", metavar="TARGET", help="a name of the inventory")
    _add_window(ask, required=False)
    ask.add_argument("--json", action="store_true", help="for machines, with metrics and evidence")
    job.add_command(command)
    cost.add_command(command)
    deployment.add_command(command)
    command("migrate", operate.migrate, "bring the report database's schema up to date")
    backfill = command("backfill", operate.backfill, "run a cadence again for past windows, through Airflow")
    backfill.add_argument("cadence", choices=[cadence.value for cadence in Cadence])
    _add_window(backfill, required=True)
    backfill.add_argument("--run", dest="really", action="store_true", help="start it; without this it is only shown")
    backups.add_commands(command)
    archive.add_command(command)
    secret.add_command(command)
    scan.add_command(command)
    command("demo", operate.demo, "everything on this machine, with a small system to look after (as `make demo`)")
    inventory = command("inventory", files.inventory, "show what is looked after")
    inventory.add_argument("--check", action="store_true", help="only say what is wrong, in the waivers too")
    inventory.add_argument("--schema", action="store_true", help="print the JSON Schema for editors")
    made = command("catalogue", files.catalogue, f"write {files.CATALOGUE}")
    made.add_argument("--check", action="store_true", help="only say whether it is up to date")
    command("dictionary", files.dictionary, "write docs/data-dictionary.md from a scratch server's catalog")
    return top


def _add_window(command: argparse.ArgumentParser, *, required: bool) -> None:
    text = "day or moment in ISO 8601, in the inventory's time zone"
    command.add_argument("--from", dest="start", metavar="DAY", required=required, help=f"{text}; included")
    command.add_argument("--to", dest="end", metavar="DAY", required=required, help=f"{text}; excluded")
