"""What PostgreSQL's and libpq's errors mean, and whether a retry makes sense."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from upkeep.errors import BrokenError, CannotAskError, LockedError, VanishedError

Answered = TypeVar("Answered")
_TRIES = 10
# What libpq says, and what a server says in English, which is more than its code.
_MEANINGS = (
    (r"could not translate host name|resolve host|Name or service not known", "the host name does not resolve", True),
    (r"password authentication failed|no password supplied", "the login was refused", False),
    (r"no pg_hba.conf entry", "the server does not let this role in from here (pg_hba.conf)", False),
    (r'database ".*" does not exist', "there is no such database", False),
    (r"role .* does not exist", "there is no such role", False),
    (r"permission denied for database", "this role may not enter this database", False),
    (r"too many clients|remaining connection slots", "the server has no connection left", True),
    (r"starting up|shutting down|not yet accepting|in recovery", "the server is starting or stopping", True),
    (r"Connection refused|No route|timeout|timed out|no answer within", "the server does not answer", True),
)
# The same of a server that speaks another language.
_CODES = {
    "28P01": ("the login was refused", False),
    "28000": ("the server does not let this role in from here (pg_hba.conf), or has no such role", False),
    "3D000": ("there is no such database", False),
    "42501": ("this role may not enter this database", False),
    "53300": ("the server has no connection left", True),
    "57P03": ("the server is starting or stopping", True),
}

# What a server that ran out of something needs (class 53).
SHORTAGES = {
    "53100": "free space on the server's disk",
    "53200": "raise max_locks_per_transaction on the server, which then restarts: each table read takes a lock; or its memory",
}

# PostgreSQL's words for an object that a listing showed and that is gone; those with an OID are never a mistake in a question.
# Words of the server's inner self are in English whatever its language, and every language keeps "OID" beside the number.
_VANISHED = re.compile(r"OID\D{0,8}\d+|\d+\D{0,4}OID|cache lookup failed|could not find tuple|tuple concurrently", re.IGNORECASE)


@contextmanager
def translate_errors() -> Iterator[None]:
    """
    Turn the driver's errors into ours, which say what it means and whether a retry makes sense.

    Raises VanishedError for what was dropped while it was looked at.
    """
    import psycopg

    try:
        with _vanishing():
            yield
    except psycopg.errors.InsufficientPrivilege as error:
        raise CannotAskError(f"not permitted: {_first(error)}", "run `upkeep doctor` for the missing grant") from error
    except (psycopg.errors.UndefinedFunction, psycopg.errors.UndefinedTable, psycopg.errors.FeatureNotSupported) as error:
        raise CannotAskError(f"this server does not offer it: {_first(error)}") from error
    except psycopg.errors.ObjectNotInPrerequisiteState as error:
        raise CannotAskError(f"not possible in the server's present state: {_first(error)}") from error
    except UnicodeEncodeError as error:
        raise CannotAskError(
            f"the encoding of this database has no {error.object[error.start : error.end]!r}, which the question holds"
        ) from error
    except (psycopg.errors.CharacterNotInRepertoire, psycopg.errors.UntranslatableCharacter) as error:
        raise CannotAskError(f"the encoding of this database cannot hold it: {_first(error)}") from error
    except psycopg.errors.QueryCanceled as error:
        raise BrokenError(
            f"the question was cut off: {_first(error)}", "raise statement_timeout_s of this target", retry=True, tries=3
        ) from error
    except psycopg.errors.LockNotAvailable as error:
        raise LockedError(_first(error)) from error
    except (psycopg.errors.DiskFull, psycopg.errors.OutOfMemory) as error:
        raise BrokenError(f"the server ran short: {_first(error)}", SHORTAGES[str(error.sqlstate)], retry=True) from error
    # The driver files the timeouts of idle and of long transactions under its own mistakes.
    except (psycopg.OperationalError, psycopg.errors.lookup("25P03"), psycopg.errors.lookup("25P04")) as error:
        raise BrokenError(f"the connection broke: {_first(error)}", "see the server's log", retry=True) from error


@contextmanager
def _vanishing() -> Iterator[None]:
    import psycopg

    try:
        yield
    except psycopg.errors.UndefinedFile as error:
        raise VanishedError(_first(error)) from error
    except (psycopg.ProgrammingError, psycopg.InternalError, psycopg.OperationalError) as error:
        if not _VANISHED.search(str(error)):
            raise
        raise VanishedError(_first(error)) from error


def again_when_vanished(ask: Callable[[], Answered]) -> Answered:
    """Put a question that lists objects again when one of them was dropped meanwhile. Raises VanishedError at the last try."""
    for _ in range(_TRIES - 1):
        with suppress(VanishedError):
            return ask()
    return ask()


def again_when_locked(ask: Callable[[], Answered]) -> Answered:
    """Put a question that goes round what is locked once more when something was locked meanwhile. Raises LockedError."""
    with suppress(LockedError):
        return ask()
    return ask()


def no_connection(where: str, error: Exception, code: Callable[[], str] = lambda: "") -> BrokenError:
    """Why there is no connection to a place, in words that say what to do. `code` finds the SQLSTATE where words say nothing."""
    message, known = _first(error), _by_words(str(error)) or _CODES.get(code())
    if known is None:
        return BrokenError(f"no connection to {where}: {message}", "", retry=True)
    meaning, retry = known
    return BrokenError(f"{meaning}: {where} ({message})", "correct the Airflow connection" if not retry else "", retry=retry)


def _by_words(message: str) -> tuple[str, bool] | None:
    return next(((meaning, retry) for case, meaning, retry in _MEANINGS if re.search(case, message, re.IGNORECASE)), None)


def _first(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
