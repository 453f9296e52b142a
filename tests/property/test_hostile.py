"""Whatever a record holds, reading it ends: in a record or in findings, without much memory or time.

Faults that are known by name have a folder below tests/cases/ or a test in tests/records/. Here
records are broken by chance. RELEASE_FUZZ=20000 looks longer; RELEASE_FUZZ_SEED=7 elsewhere.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.judges import TOKENS, is_plain, judge_record

TIMES = int(os.environ.get("RELEASE_FUZZ", "400"))
SEED = int(os.environ.get("RELEASE_FUZZ_SEED", "0"))
ROOT = Path(__file__).parents[2]

#: Records to begin with: those of the seeds, and one in each style of front matter.
WHOLE = [
    *(path.read_bytes() for path in sorted(ROOT.glob("seeds/**/*.md"))[:3]),
    b"---\ntitle: Rain\nlist: [1, {a: b}]\ntext: |\n  one\n  two\n'q': \"\\u4e2d\"\n---\nText.\n",
    b'---\n{"title": "Rain", "list": [1, {"a": "\\ud83d\\ude00"}], "n": 1.5e3, "b": true}\n---\nText.\n',
]

Edit = Callable[[bytes, int, int, int], bytes]


def inserted(data: bytes, at: int, _: int, token: int) -> bytes:
    """A token is put in."""
    return data[:at] + TOKENS[token % len(TOKENS)] + data[at:]


def replaced(data: bytes, at: int, size: int, token: int) -> bytes:
    """Some bytes become a token."""
    return data[:at] + TOKENS[token % len(TOKENS)] + data[at + size :]


def removed(data: bytes, at: int, size: int, _: int) -> bytes:
    """Some bytes go."""
    return data[:at] + data[at + size :]


def repeated(data: bytes, at: int, size: int, token: int) -> bytes:
    """Some bytes stand several times."""
    return data[:at] + data[at : at + size] * (token % 5) + data[at:]


def flipped(data: bytes, at: int, _: int, token: int) -> bytes:
    """One byte is another."""
    return data[:at] + bytes([data[at] ^ (token % 255 + 1)]) + data[at + 1 :] if data else data


EDITS: list[Edit] = [inserted, replaced, removed, repeated, flipped]


@st.composite
def hostile(draw: st.DrawFn) -> bytes:
    """The bytes of a record that was broken in up to six places; most of the time in its front matter."""
    data = draw(st.sampled_from(WHOLE))
    for _ in range(draw(st.integers(1, 6))):
        end = len(data) if draw(st.integers(0, 4)) == 0 else min(len(data), 400)
        edit = draw(st.sampled_from(EDITS))
        at, size = draw(st.integers(0, max(end - 1, 0))), draw(st.integers(0, 40))
        data = edit(data, at, size, draw(st.integers(0, 10_000)))
    return data


@settings(max_examples=TIMES)
@given(hostile())
@example(b"")
@example(b"---")
@example(b"---\n---")
@example(b"---\n---\n" + b"\xf0\x9f\x98\x80" * 1000)
def test_a_broken_record_gives_a_record_or_findings(data: bytes) -> None:
    """Reading never raises, and never gives a value that JSON could not hold."""
    judge_record(data)


@settings(max_examples=TIMES)
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_give_a_record_or_findings(data: bytes, fenced: bool) -> None:
    """The same for bytes of any kind, with and without fences around them."""
    judge_record(b"---\n" + data + b"\n---\n" if fenced else data)


@settings(max_examples=TIMES)
@given(st.lists(st.sampled_from([*TOKENS, b"a", b" ", b"\n", b"  ", b": ", b"1"]), max_size=40))
def test_any_tokens_give_a_record_or_findings(tokens: list[bytes]) -> None:
    """The same for what parsers trip over, in any order."""
    judge_record(b"---\n" + b"".join(tokens) + b"\n---\nText.\n")


def _limit() -> None:
    """What takes too much memory, or does not end, is to fail alone."""
    resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))
    seconds = 60 + TIMES // 20
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


@pytest.mark.parametrize("part", range(2))
def test_a_folder_of_broken_records_is_checked_to_its_end(part: int, tmp_path: Path) -> None:
    """`release check` of a whole folder of them ends with findings, within limits of memory and of work."""
    chance = random.Random(f"{SEED}/{part}")
    (tmp_path / "datapackage.yaml").write_bytes((ROOT / "datapackage.yaml").read_bytes())
    (tmp_path / "codelists").symlink_to(ROOT / "codelists")
    folder = tmp_path / "seeds/policies/en"
    folder.mkdir(parents=True)
    for number in range(TIMES // 2):
        data = chance.choice(WHOLE)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(min(len(data), 3000) or 1)
            edit = chance.choice(EDITS)
            data = edit(data, at, chance.randrange(40), chance.randrange(10_000))
        (folder / f"p{number}.md").write_bytes(data)
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "release",
            "check",
            "--no-cache",
            "--workers",
            "1",
            "--format",
            "json",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        check=False,
        preexec_fn=_limit,
    )
    assert (ran.returncode, ran.stderr.decode()[-2000:]) == (1, "")
    report = json.loads(ran.stdout)
    assert {finding["path"] for finding in report["findings"]} != set()
    assert report["errors"] > TIMES // 4


def test_a_check_that_broke_would_be_seen() -> None:
    """What `judge` holds a record to is not true of anything."""
    with pytest.raises(AssertionError):
        assert is_plain({"a": b"bytes"})
    with pytest.raises(AssertionError):
        assert is_plain({1: "a"})
