"""No core file of a process that has secrets in its memory."""

import resource

# Neither a file, which would have to be larger, nor a dump to a program, which Linux leaves out at this very limit.
_NONE = 1


def without_core() -> None:
    """From now on, for this process and those that it starts; a limit that is lower already stays."""
    limit, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if limit == resource.RLIM_INFINITY or limit > _NONE:
        resource.setrlimit(resource.RLIMIT_CORE, (_NONE, hard))
