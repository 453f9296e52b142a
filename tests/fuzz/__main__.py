"""Fuzz the readers with atheris, guided by coverage: `make fuzz`, or `make fuzz ARGS='zip --seconds 600'`.

Each judge of tests/support/judges.py runs in a process of its own. What it has learned is kept in
.fuzz/corpus; an input that breaks a claim is kept in .fuzz/broken, named and shown at the end, and the exit
code is 1. Once the fault is mended, the input goes to tests/fuzz/found/JUDGE, from where `make test` runs it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".fuzz"
NAMES = ("record", "front-matter", "descriptor", "manifest", "zip", "path", "expression")


def main() -> int:
    """Run the judges one after another."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.fuzz")
    parser.add_argument("judges", nargs="*", metavar="JUDGE", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--seconds", type=int, default=60, help="for each judge (default: 60)")
    parser.add_argument("--in-process", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if unknown := set(asked.judges) - set(NAMES):
        parser.error(f"no such judge: {', '.join(sorted(unknown))}; expected {', '.join(NAMES)}")
    if asked.in_process:
        fuzz(asked.judges[0], asked.seconds)
    broken = [name for name in asked.judges or NAMES if not start(name, asked.seconds)]
    for name in broken:
        print(f"broken: {name}; the input is below {KEPT.name}/broken/{name}")
    return 1 if broken else 0


def start(name: str, seconds: int) -> bool:
    """Fuzz one judge in a new process, whose crash or endless loop ends nothing else."""
    print(f"== {name}, {seconds} seconds", flush=True)
    command = [sys.executable, "-m", "tests.fuzz", name, "--seconds", str(seconds), "--in-process"]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def fuzz(name: str, seconds: int) -> None:
    """Fuzz one judge in this process, which ends with it."""
    import atheris

    with atheris.instrument_imports(
        include=["release", "zipfile", "yaml"], enable_loader_override=False
    ):
        from tests.support import judges
    assert tuple(judges.JUDGES) == NAMES
    corpus, broken = KEPT / "corpus" / name, KEPT / "broken" / name
    for folder in (corpus, broken):
        folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(judges.first_inputs(name)):
        (corpus / f"first-{number}").write_bytes(data)
    words = KEPT / "words"
    words.write_text("".join(f'"{escape(token)}"\n' for token in judges.TOKENS if len(token) < 60))
    options = [
        f"-max_total_time={seconds}",
        f"-artifact_prefix={broken}{os.sep}",
        f"-dict={words}",
        *(
            "-max_len=4096",
            "-timeout=20",
            "-rss_limit_mb=2048",
            "-verbosity=0",
            "-print_final_stats=1",
        ),
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], judges.JUDGES[name])
    atheris.Fuzz()


def escape(token: bytes) -> str:
    """A token as libFuzzer's dictionaries have it."""
    return "".join(f"\\x{byte:02x}" for byte in token)


if __name__ == "__main__":
    sys.exit(main())
