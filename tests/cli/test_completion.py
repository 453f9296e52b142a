"""The scripts of `release completion` complete commands, options and their values in each shell."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.kit import run

#: A line as far as it was typed, and what is offered among others.
TYPED = [
    (("che",), {"check"}),
    (("check", "--se"), {"--severity"}),
    (("check", "--format", ""), {"text", "json"}),
    (("check", "--descriptor", "rec"), {"records.yaml"}),
    (("export", "--format", "xl"), {"xlsx"}),
    (("explain", "editions-dis"), {"editions-disagree"}),
]

#: How a shell is asked what it would offer after `release` and these words.
ASKS = {
    "bash": """source "$1"; shift
function=$(complete -p release | sed 's/.*-F \\([^ ]*\\).*/\\1/')
COMP_WORDS=(release "$@"); COMP_CWORD=$#; COMPREPLY=()
"$function" release "${COMP_WORDS[COMP_CWORD]}" ""
printf '%s\\n' "${COMPREPLY[@]}"
""",
    "fish": """source $argv[1]; set line release $argv[2..]; complete -C "$line" """,
}


def script(shell: str, folder: Path) -> Path:
    """What the command prints for a shell, in a file."""
    code, out, err = run("completion", shell)
    assert (code, err) == (0, "")
    path = folder / "_release"
    path.write_text(out, "utf-8")
    return path


@pytest.mark.parametrize("shell", ASKS)
def test_a_shell_offers_what_can_follow(shell: str, tmp_path: Path) -> None:
    """Commands, options, choices, files, and rules."""
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "records.yaml").touch()
    written = script(shell, tmp_path)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/release").write_text("#!/bin/sh\n")  # fish completes what there is
    (tmp_path / "bin/release").chmod(0o755)
    ask = [program, "-c", ASKS[shell], *(["bash"] if shell == "bash" else [])]
    for words, expected in TYPED:
        ran = subprocess.run(
            [*ask, written, *words],
            cwd=tmp_path,
            env={"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        offered = {line.split("\t")[0] for line in ran.stdout.splitlines()}
        assert expected <= offered, words


def test_zsh_takes_the_script_as_one_of_its_own(tmp_path: Path) -> None:
    """In a folder of `fpath` it is found for `release`, and has no fault."""
    program = shutil.which("zsh")
    if program is None:
        pytest.skip("zsh is not installed")
    written = script("zsh", tmp_path)
    load = "fpath=($1 $fpath); autoload -Uz compinit; compinit -u -D; print $_comps[release]"
    ran = subprocess.run(
        [program, "-f", "-c", f"{load}; autoload +X _release", "zsh", tmp_path],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (ran.stdout, ran.stderr) == ("_release\n", "")
    subprocess.run([program, "-n", written], check=True)


def test_bash_has_no_fault_in_its_script(tmp_path: Path) -> None:
    """`bash -n` reads it without a word."""
    ran = subprocess.run(
        ["bash", "-n", script("bash", tmp_path)], capture_output=True, text=True, check=True
    )
    assert ran.stderr == ""
