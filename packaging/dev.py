"""Sets up whatever is missing, then starts, tests, checks or measures the program.

    python3 packaging/dev.py run [--] [ARGUMENTS]   start algovera-desktop with these arguments
    python3 packaging/dev.py test [PYTEST ARGUMENTS]
    python3 packaging/dev.py lint [--fix]           ruff, its formatter, and the house rules
    python3 packaging/dev.py types [PATHS]          basedpyright
    python3 packaging/dev.py bench [NAME...] [--json FILE]
    python3 packaging/dev.py lock [--upgrade]       write the lock files anew
    python3 packaging/dev.py package                build what strangers install, into dist/
    python3 packaging/dev.py package --check        try what is in dist/ in a bare Debian, as root

It needs Python 3.11 or newer and, on Debian, python3-venv; it finds or names the rest itself.
This file alone is read by whatever Python a person has: it keeps to syntax that old ones know.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036  The person may have started it with any Python.
    VERSION = ".".join(str(part) for part in sys.version_info[:3])
    print("Algovera Desktop needs Python 3.11 or newer; this is Python " + VERSION + ".")
    sys.exit(2)

# Below the check, because an old Python cannot read them.
import locks
from debian import DESKTOP_NEEDS, TEST_NEEDS, provide
from environment import Environment, SetupError

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Carry out one verb; the exit code is 2 when something must be done by a person first."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if arguments else 2
    verb, rest = arguments[0], arguments[1:]
    if verb not in VERBS:
        print(f"dev.py has no verb {verb!r}. It has: {', '.join(VERBS)}.", file=sys.stderr)
        return 2
    try:
        return VERBS[verb](rest[1:] if rest[:1] == ["--"] else rest)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def run(arguments: list[str]) -> int:
    """Start the program; nothing of this process stays behind it."""
    provide(DESKTOP_NEEDS)
    return _become(_users_environment().command("algovera-desktop"), arguments)


def test(arguments: list[str]) -> int:
    """Run pytest over every test, or over those that the arguments choose.

    A process more than there are processors, for the tests of the real program spend half their
    time waiting for it; a file of tests in one of them; ``-n 0`` is for a debugger. The files
    come in order, for the longest, of ``e2e``, begin then: left for the end they have a processor
    to themselves while the others rest.
    """
    provide(DESKTOP_NEEDS + TEST_NEEDS)
    spread = ["-n", str((os.cpu_count() or 1) + 1), "--dist", "loadfile", "--no-loadscope-reorder"]
    return _become(_developer_environment().python, ["-m", "pytest", *spread, *arguments])


def lint(arguments: list[str]) -> int:
    """Every check that reads the source; all of them run even when the first finds something."""
    environment = _developer_environment()
    ruff = environment.command("ruff")
    fix = arguments == ["--fix"]
    checks = [
        [ruff, "check", *(["--fix"] if fix else []), ROOT],
        [ruff, "format", *([] if fix else ["--check"]), ROOT],
        [environment.python, ROOT / "packaging" / "house_rules.py", ROOT],
    ]
    return max([subprocess.run(check, cwd=ROOT).returncode for check in checks])


def types(arguments: list[str]) -> int:
    """Check the types with the settings of ``pyproject.toml``, on every processor."""
    checker = _developer_environment().command("basedpyright")
    threads = ["--threads", str(os.cpu_count() or 1)]
    return subprocess.run([checker, *threads, *arguments], cwd=ROOT).returncode


def bench(arguments: list[str]) -> int:
    """Measure; each figure stands beside a baseline taken in the same run."""
    provide(DESKTOP_NEEDS + TEST_NEEDS)
    return _become(_developer_environment().python, [ROOT / "tests" / "benchmarks", *arguments])


def lock(arguments: list[str]) -> int:
    """Resolve the dependencies again; each of the later locks only adds to the first."""
    return locks.write_locks(ROOT, _developer_environment().command("uv"), arguments)


def package(arguments: list[str]) -> int:
    """Build the files that are installed by a double click, into ``dist/``, or try those there."""
    # Their modules are of no use to the other verbs.
    if arguments == ["--check"]:
        from package_check import check

        return check(ROOT, _developer_environment())
    from package import package

    return package(ROOT, arguments)


def _users_environment() -> Environment:
    environment = Environment(ROOT)
    environment.ensure([ROOT / locks.USERS])
    return environment


def _developer_environment() -> Environment:
    """What is compiled is kept even where the person's settings say otherwise: else each of a
    thousand processes would compile the program, and all that it imports of PyTorch, again.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    environment = Environment(ROOT)
    wanted = [ROOT / name for name in (locks.DEVELOPERS, locks.USERS)]
    environment.ensure(wanted, if_found=[ROOT / locks.TORCH])
    return environment


def _become(program: Path, arguments: Sequence[str | Path]) -> int:
    command = [str(program), *map(str, arguments)]
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(command[0], command)
    return subprocess.run(command).returncode


VERBS = {
    "run": run,
    "test": test,
    "lint": lint,
    "types": types,
    "bench": bench,
    "lock": lock,
    "package": package,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
