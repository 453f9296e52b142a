"""What is wrong with a command line is said in one line, with what was probably meant."""

from __future__ import annotations

import pytest

from release import cli
from tests.support import kit


def say(capsys: pytest.CaptureFixture[str], line: str) -> list[str]:
    """What a command line that cannot be read gets to hear; nothing is on stdout."""
    with pytest.raises(SystemExit) as ended:
        cli.main(line.split())
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err.splitlines()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "expected a command"),
        ("chekc", "'chekc' is no command; did you mean 'check'?"),
        ("validate", "'validate' is no command; did you mean 'check'?"),
        ("frobnicate", "'frobnicate' is no command"),
        ("--verison", "--verison is no option; did you mean '--version'?"),
        ("help chekc", "'chekc' is no command; did you mean 'check'?"),
    ],
)
def test_a_wrong_command_names_the_one_that_was_meant(
    capsys: pytest.CaptureFixture[str], line: str, message: str
) -> None:
    """Also a word of other programs; and where nothing is similar, nothing is guessed."""
    assert say(capsys, line) == [f"release: {message}", "`release --help` lists the commands"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("check --seperity x=error", "--seperity is no option; did you mean '--severity'?"),
        ("check --seperity=x=error", "--seperity is no option; did you mean '--severity'?"),
        ("check -x", "-x is no option"),
        (
            "build --referee fll",
            "--referee is 'fll', expected sample or full; did you mean 'full'?",
        ),
        ("check here", "'here' is one argument too many"),
        ("check --records", "--records: expected one argument"),
        ("bump mjor", "LEVEL is 'mjor', expected {}; did you mean 'major'?"),
    ],
)
def test_a_wrong_argument_names_the_one_that_was_meant(
    capsys: pytest.CaptureFixture[str], line: str, message: str
) -> None:
    """The command is named that it was given to, and how to see its options."""
    command = line.split(maxsplit=1)[0]
    told, hint = say(capsys, line)
    before, _, after = message.partition("{}")
    assert told.startswith(f"release {command}: {before}")
    assert told.endswith(after)
    assert hint == f"`release {command} --help` explains its arguments"


def test_what_a_file_name_says_is_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    """A shell's pattern makes arguments of file names: they begin no workflow command."""
    told = say(capsys, "check ::error::x \x1b[31m")
    assert told[0] == "release check: '::error::x' is one argument too many"


def test_help_groups_the_commands_by_those_who_need_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command is in one group; none is left out."""
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    groups = {}
    for part in capsys.readouterr().out.split("\n\n")[2:-1]:
        title, *lines = part.splitlines()
        groups[title] = [line.split()[0] for line in lines]
    options = groups.pop("options:")
    assert options == ["-h,", "--version"]
    assert list(groups) == [
        "for those who write records:",
        "for those who publish releases:",
        "for those who use releases:",
        "for everyone:",
    ]
    assert {"init", "check", "explain"} <= {*groups["for those who write records:"]}
    assert {"build", "diff", "publish"} <= {*groups["for those who publish releases:"]}
    names = [name for group in groups.values() for name in group]
    assert len(names) == len({*names})


def test_help_is_a_command_too(capsys: pytest.CaptureFixture[str]) -> None:
    """`release help check` is `release check --help`."""
    shown = []
    for arguments in (["help", "check"], ["check", "--help"]):
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        assert ended.value.code == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]


NOT_HERE = (
    "release: this system cannot open files below a folder without following links (openat), expected Linux "
    "or macOS; on Windows, run the program in WSL or in a container\n"
)


@pytest.mark.parametrize(
    ("argument", "code", "said"),
    [("check", 2, NOT_HERE), ("--version", 0, ""), ("--help", 0, "")],
)
def test_a_system_like_windows_is_refused_in_one_line(argument: str, code: int, said: str) -> None:
    """Python does not find `openat` there; before, commands ended in a traceback."""
    program = (
        "import os, sys; os.supports_dir_fd = set(); sys.modules['fcntl'] = None\n"
        "from release.__main__ import program\n"
        f"sys.argv = ['release', {argument!r}]; sys.exit(program())"
    )
    ran = kit.python("-c", program)
    assert (ran.returncode, ran.stderr) == (code, said)
