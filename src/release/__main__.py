"""The console command, and `python -m release`."""

import os
import sys

from release import __version__
from release.system.processes.garbage import collect_rarely


def program() -> int:
    """Run the command line; `--version` is answered without loading any command."""
    collect_rarely()
    if sys.getfilesystemencoding() != "utf-8" and not sys.flags.utf8_mode:
        _restart_in_utf_8()
    if sys.argv[1:] == ["--version"]:
        try:
            print(f"release {__version__}", flush=True)  # noqa: T201 — without loading `cli`
        except OSError:
            pass  # reported below, as for every command
        else:
            return 0
    try:
        if problem := _system_problem() or _memory_problem():
            return _refuse(problem, 2)
        from release import cli

        return cli.program()
    except KeyboardInterrupt:
        # before the command has begun, or after it has ended
        return _refuse("interrupted", 130)
    except MemoryError:
        return _refuse("there is no memory left", 1)


def _refuse(message: str, code: int) -> int:
    """Print why no command runs; return the exit code."""
    print(f"release: {message}", file=sys.stderr)  # noqa: T201 — `cli` may not be there
    return code


def _system_problem() -> str:
    """Return why this system runs no command, as Windows; empty if it does.

    docs/decisions/0052-windows.md lists what such a system lacks.
    """
    if os.open in os.supports_dir_fd or {"-h", "--help"} & {*sys.argv}:
        return ""
    return (
        "this system cannot open files below a folder without following links (openat), expected Linux or "
        "macOS; on Windows, run the program in WSL or in a container"
    )


#: MiB of address space for the libraries, and for each of up to so many processors, as their threads have
#: stacks and arenas. With less, OpenBLAS, jemalloc or DuckDB end the process from within, without a word.
_LEAST, _EACH, _PROCESSORS = 768, 128, 16


def _memory_problem() -> str:
    """Return why there is too little address space for the libraries to load; empty if there is enough."""
    if sys.platform == "win32" or {"-h", "--help"} & {*sys.argv}:
        return ""
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    needed = _LEAST + _EACH * min(os.cpu_count() or 1, _PROCESSORS)
    if limit == resource.RLIM_INFINITY or limit >= needed << 20:
        return ""
    return (
        f"the limit on memory is {limit >> 20:,} MiB of address space (ulimit -v), "
        f"expected {needed:,} MiB or more"
    )


def _restart_in_utf_8() -> None:
    """Restart this process in Python's UTF-8 mode: in another encoding file names would be other texts.

    Output stays in the encoding of the locale.
    """
    if sys.stdout is not None:
        os.environ.setdefault("PYTHONIOENCODING", sys.stdout.encoding)
    os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606


if __name__ == "__main__":
    sys.exit(program())
