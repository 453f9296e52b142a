"""Zips with every oddity of the format: each has one verdict, whoever reads it, and nobody a traceback."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import release
from release.diff import comparison
from release.findings import FindingsError
from release.store import contents, fetch, transfer
from release.verify import verification
from tests.support import kit, tampering
from tests.support.kit import unwaited
from tests.support.tampering import ZIP
from tests.support.zips import End, Part, described, extra, pack, parts_of, unicode_path

Parts = Sequence[Part]
Odd = Callable[[Parts], bytes]


def more(*parts: Part) -> Odd:
    """The release and further members."""
    return lambda held: pack([*held, *parts])


def named(*names: str) -> Odd:
    """The release and members of these names."""
    return more(*(Part(name.encode(), flags=0 if name.isascii() else 0x800) for name in names))


def ended(end: End) -> Odd:
    """The release with another end."""
    return lambda held: pack(held, end)


def first(**other: object) -> Odd:
    """The release, whose first member is another one."""
    return lambda held: pack([replace(held[0], **other), *held[1:]])  # type: ignore[arg-type]


def all_of(change: Callable[[Part], Part]) -> Odd:
    """The release, each member changed."""
    return lambda held: pack([change(each) for each in held])


def two(held: Parts) -> bytes:
    """Another zip, and behind it that of the release."""
    return pack([Part(b"a")]) + pack(held)


def two_that_fit(held: Parts) -> bytes:
    """The same, so that the second one counts from the beginning of the file."""
    begin = pack([Part(b"a")])
    return pack(held, End(before=begin))


def two_by_the_comment(held: Parts) -> bytes:
    """A zip whose comment is another one."""
    other = pack([Part(b"a")])
    return pack(held, End(comment=other))


def overlapping(held: Parts) -> bytes:
    """Two names for the bytes of one member."""
    whole = pack(held)
    size = len(held[0].name) + 30 + len(held[0].stored)
    again = replace(held[0], name=b"b", entry={"offset": 0})
    assert whole[:4] == b"PK\3\4"
    assert size
    return pack([*held, again])


def quine(held: Parts) -> bytes:
    """A member that holds the header of another one."""
    inner = Part(b"inner")
    header = pack([inner])[: 30 + len(b"inner") + 1]
    outer = Part(b"outer", header)
    before = len(pack(held)) - sum(46 + len(each.name) for each in held) - 22
    entry = {"offset": before + 30 + len(b"outer")}
    return pack([*held, outer, replace(inner, entry=entry, packed=b"x")])


def packed(change: Callable[[bytes], bytes], **said: int) -> Odd:
    """The release, whose first member is deflated and then changed, and said to have other numbers."""

    def make(held: Parts) -> bytes:
        part = replace(held[0], method=8)
        odd = replace(part, packed=change(part.stored), header=said, entry=said)
        return pack([odd, *held[1:]])

    return make


DEEP = "/".join("d" * 150)

#: Refused by every command, and why, as `archive-unsafe`.
REFUSED: dict[str, tuple[Odd, str]] = {
    # names
    "no-name": (named(""), "a member has no name"),
    "only-a-slash": (named("/"), "'/' leads out of its folder or through nothing"),
    "parent": (named("../x"), "leads out of its folder"),
    "inner-parent": (named("data/../../x"), "leads out of its folder"),
    "dot": (named("./x"), "leads out of its folder"),
    "absolute": (named("/x"), "is an absolute path"),
    "drive": (named("C:x"), "is an absolute path"),
    "network": (named("//host/x"), "is an absolute path"),
    "backslash": (named("..\\x"), "has a backslash"),
    "nul": (named("x\0.md"), "has a control character"),
    "escape": (named("x\x1b[2J"), "has a control character"),
    "line": (named("x\n::error::y"), "has a control character"),
    "c1": (named("x\x9b"), "has a control character"),
    "direction": (named("x\u202egnp.md"), "has U+202E, which is not seen"),
    "isolate": (named("x\u2066"), "has U+2066, which is not seen"),
    "without-width": (named("x\u200b"), "has U+200B, which is not seen"),
    "mark": (named("\ufeffx"), "has U+FEFF, which is not seen"),
    "device": (named("source/CON"), "has the name 'CON', which Windows keeps for a device"),
    "device-with-an-ending": (named("aux.md"), "has the name 'aux'"),
    "stream": (named("data/notes.csv:x"), "has ':', which Windows allows in no name"),
    "question": (named("a?"), "has '?', which Windows allows in no name"),
    "dot-at-the-end": (named("a."), "has a part that ends in '.'"),
    "blank-at-the-end": (named("a /b"), "has a part that ends in ' '"),
    "long": (named("x" * 256), "is too long"),
    "deep": (named(DEEP), "has 150 parts, expected at most 101"),
    "very-deep": (named("/".join("d" * 1990)), "has 1990 parts"),
    "not-utf-8": (more(Part(b"\xe4")), "has a name that is not UTF-8"),
    "said-to-be-utf-8": (more(Part(b"\xff", flags=0x800)), "has a name that is not UTF-8"),
    "half-a-pair": (more(Part(b"\xed\xa0\x80", flags=0x800)), "has a name that is not UTF-8"),
    "two-names": (more(Part(b"a", extra=unicode_path(b"a", b"../b"))), "has two names"),
    "two-names-in-the-header": (
        more(Part(b"a", header_extra=unicode_path(b"a", b"b"))),
        "has two names",
    ),
    "twice": (named("a", "a"), "stands there twice"),
    "a-file-of-the-release-twice": (named("LICENSE", "LICENSE"), "stands there twice"),
    "case": (named("a", "A"), "stands there beside 'a'"),
    "composition": (named("\u00e9", "e\u0301"), "stands there beside"),
    "file-and-folder": (named("a", "a/b"), "is a file and the folder of 'a/b'"),
    "file-and-its-entry": (named("a", "a/"), "stands there beside 'a'"),
    # kinds
    "link": (more(Part(b"l", b"/etc/passwd", attributes=0o120777 << 16)), "is a symbolic link"),
    "link-of-another-system": (
        more(Part(b"l", b"/x", system=19, attributes=0o120777 << 16)),
        "is a symbolic link",
    ),
    "link-of-windows": (more(Part(b"l", system=0, attributes=0x400)), "is no regular file"),
    "volume": (more(Part(b"v", system=0, attributes=0x08)), "is no regular file"),
    "pipe": (more(Part(b"p", b"", attributes=0o010644 << 16)), "is no regular file"),
    "device-file": (more(Part(b"d", b"", attributes=0o020644 << 16)), "is no regular file"),
    "socket": (more(Part(b"s", b"", attributes=0o140644 << 16)), "is no regular file"),
    "folder-without-a-slash": (
        more(Part(b"f", b"", attributes=0o040755 << 16)),
        "is no regular file",
    ),
    "folder-with-content": (
        more(Part(b"f/", attributes=0o040755 << 16)),
        "is a folder with content",
    ),
    "encrypted": (more(Part(b"e", flags=1)), "is encrypted"),
    "strongly-encrypted": (more(Part(b"e", flags=0x41)), "is encrypted"),
    "hidden-header": (more(Part(b"e", flags=0x2000)), "is encrypted"),
    "method": (more(Part(b"m", method=12)), "is compressed by method 12"),
    "method-of-aes": (more(Part(b"m", method=99)), "is compressed by method 99"),
    # places
    "junk-before": (ended(End(before=b"#!/bin/sh\n", shift=10)), "bytes stand before the zip"),
    "junk-before-that-is-counted": (ended(End(before=b"junk")), "behind 4 bytes that belong to"),
    "junk-between": (more(Part(b"a", before=b"junk")), "behind 4 bytes that belong to no member"),
    "junk-before-the-directory": (
        more(Part(b"a", behind=b"junk")),
        "is followed by 4 bytes that belong to no member",
    ),
    "junk-in-the-directory": (ended(End(within=b"junk")), "has 4 bytes in its directory"),
    "junk-behind": (ended(End(behind=b"junk")), "has 4 bytes behind its end"),
    "much-behind": (ended(End(behind=bytes(1 << 17))), "its directory is missing"),
    "two-zips": (two, "bytes stand before the zip"),
    "two-zips-that-fit": (two_that_fit, "bytes that belong to no member"),
    "two-zips-by-the-comment": (two_by_the_comment, "bytes stand before the zip"),
    "overlapping": (overlapping, "shares bytes with"),
    "within-another": (quine, "shares bytes with 'outer'"),
    "beyond-the-end": (
        more(Part(b"a", entry={"offset": 1 << 30})),
        "bytes that belong to no member",
    ),
    "no-header": (first(entry={"offset": 3}), "behind 3 bytes"),
    # two that differ
    "another-name": (more(Part(b"a", header_name=b"b")), "has another name in its header"),
    "a-longer-name": (more(Part(b"a", header_name=b"ab")), "has another name in its header"),
    "another-method": (more(Part(b"a", header={"method": 8})), "is packed in another way"),
    "other-flags": (more(Part(b"a", header={"flags": 1})), "is packed in another way"),
    "another-size": (more(Part(b"a", header={"size": 2})), "has another size or checksum"),
    "another-checksum": (more(Part(b"a", header={"crc": 2})), "has another size or checksum"),
    "another-descriptor": (
        lambda held: pack([*held, described(Part(b"a"), crc=7)]),
        "has another size or checksum behind it",
    ),
    "no-descriptor": (
        lambda held: pack([*held, replace(described(Part(b"a")), behind=b""), Part(b"b")]),
        "",
    ),
    "another-count": (ended(End(said={"count": 1, "all": 1})), "in its directory that belong to"),
    "one-more": (ended(End(said={"count": 99, "all": 99})), "its directory is damaged"),
    "parts": (ended(End(said={"count": 1})), "is one part of several"),
    "another-disk": (ended(End(said={"disk": 1})), "is one part of several"),
    "a-member-on-another-disk": (more(Part(b"a", entry={"disk": 3})), "stands in another part"),
    "a-comment-that-is-cut": (ended(End(said={"comment": 9})), "ends before its comment does"),
    # 64 bits
    "wide-count": (ended(End(wide={"count": 1, "all": 1})), "has two directories that differ"),
    "wide-size": (ended(End(wide={"size": 1 << 60})), "has two directories that differ"),
    "wide-everything": (
        ended(
            End(
                wide={"count": 1 << 40, "all": 1 << 40},
                said={"count": 0xFFFF, "all": 0xFFFF},
            )
        ),
        "has 1099511627776 members",
    ),
    "wide-nowhere": (ended(End(wide={"ends": 1 << 62})), "directory of 64 bits is missing"),
    "wide-elsewhere": (ended(End(wide={"ends": 0})), "directory of 64 bits is missing"),
    "wide-disk": (ended(End(wide={"disk": 2})), "is one part of several"),
    "a-wide-size-that-is-nowhere": (
        more(Part(b"a", entry={"size": 0xFFFFFFFF})),
        "has a size that is written nowhere",
    ),
    "a-wide-size-that-is-a-lie": (
        more(Part(b"a", entry={"size": 0xFFFFFFFF}, extra=extra(1, struct.pack("<Q", 1 << 62)))),
        "expected at most",
    ),
    "two-wide-sizes": (
        more(Part(b"a", extra=extra(1, bytes(8)) + extra(1, bytes(8)))),
        "has extra fields that are damaged",
    ),
    "cut-extra": (more(Part(b"a", extra=b"\1\0\xff\0")), "has extra fields that are damaged"),
    # content
    "another-content": (first(entry={"crc": 1}, header={"crc": 1}), "its CRC-32 is another one"),
    "longer-than-it-says": (packed(bytes, size=3), "it is longer than the directory says"),
    "shorter-than-it-says": (packed(bytes, size=9999), "it is shorter than the directory says"),
    "behind-the-packed-bytes": (packed(lambda data: data + b"junk"), "something stands behind it"),
    "cut": (packed(lambda data: data[:-1]), "it is shorter than the directory says"),
    "not-deflated": (packed(lambda _: b"\xff" * 9), "is damaged: "),
    "stored-shorter": (
        more(Part(b"a", b"xy", entry={"size": 1}, header={"size": 1})),
        "is shorter",
    ),
    "bomb": (more(Part(b"b", bytes(1 << 26), method=8)), "expected at most 200 times as many"),
}

#: Unpacked as any zip; but a release packs itself in another way, so it does not verify.
OPENED: dict[str, Odd] = {
    "comment": ended(End(comment=b"a comment")),
    "comments-of-members": all_of(lambda each: replace(each, comment=b"c")),
    "deflated": all_of(lambda each: replace(each, method=8)),
    "folders": lambda held: pack(
        [Part(b"data/", b"", attributes=0o040755 << 16 | 0x10), *held], End()
    ),
    "from-windows": all_of(lambda each: replace(each, system=0, attributes=0x20)),
    "times-of-unix": all_of(
        lambda each: replace(
            each, extra=extra(0x5455, b"\1" + bytes(4)), header_extra=extra(9, b"x")
        )
    ),
    "names-said-twice": all_of(
        lambda each: replace(each, extra=unicode_path(each.name, each.name))
    ),
    "described": all_of(described),
    "described-without-a-mark": all_of(lambda each: described(each, marked=False)),
    "described-in-64-bits": all_of(lambda each: described(each, wide=True)),
    "wide": ended(End(wide={})),
    "wide-and-only-wide": ended(
        End(wide={}, said=dict.fromkeys(("count", "all"), 0xFFFF) | {"size": 0xFFFFFFFF})
    ),
    "wide-sizes": all_of(
        lambda each: replace(
            each,
            entry={"size": 0xFFFFFFFF, "packed": 0xFFFFFFFF},
            extra=extra(1, struct.pack("<2Q", len(each.data), len(each.data))),
        )
    ),
    "backwards": lambda held: pack(held[::-1]),
    "modes": all_of(lambda each: replace(each, attributes=0o106777 << 16)),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the small release."""
    return tampering.built(tmp_path_factory.mktemp("good")).parent


@pytest.fixture(scope="module")
def parts(store: Path) -> Parts:
    """The members of its zip."""
    return parts_of(store / "0.1.0" / ZIP)


def with_zip(store: Path, folder: Path, data: bytes) -> Path:
    """A store with a release whose zip is another one; return the zip."""
    shutil.copytree(store / "0.1.0", folder / "store/0.1.0")
    path = folder / "store/0.1.0" / ZIP
    path.write_bytes(data)
    return path


def by_load(path: Path) -> Iterator[str]:
    """The findings for which a table is not loaded."""
    release.load(path, "notes")
    yield from ()


def by_diff(path: Path) -> Iterator[str]:
    """The findings for which it is not compared."""
    with (
        fetch.folder(str(path)) as folder,
        comparison.compare(folder, folder) as difference,
    ):
        assert difference.level == "none"
    yield from ()


def by_verify(path: Path) -> Iterator[str]:
    """The findings for which it does not verify."""
    report = verification.verify(str(path), verification.VerifyOptions("none"))
    yield from {f"{each.rule}: {each.message}" for each in report.findings}


def by_verify_folder(path: Path) -> Iterator[str]:
    """The findings for which the folder with the zip does not verify."""
    yield from (each for each in by_verify(path.parent) if each.startswith("archive-"))


def by_list(path: Path) -> Iterator[str]:
    """The findings for which it is not listed."""
    yield from (f"{each.rule}: {each.message}" for each in contents.inspect(path.parents[1])[1])


def by_publish(path: Path) -> Iterator[str]:
    """The findings for which it is not copied."""
    transfer.copy(path.parents[1], str(path.parents[2] / "target"), "0.1.0")
    yield from ()


COMMANDS = (by_load, by_diff, by_verify, by_verify_folder, by_list, by_publish)


def found_by(command: Callable[[Path], Iterator[str]], path: Path) -> list[str]:
    """The findings of a command, whether it reports them or stops for them."""
    try:
        with unwaited():
            return list(command(path))
    except FindingsError as error:
        return [f"{each.rule}: {each.message}" for each in error.findings]


@pytest.mark.parametrize("kind", REFUSED)
def test_an_odd_zip_is_refused_by_every_command(
    store: Path, parts: Parts, tmp_path: Path, kind: str
) -> None:
    """For the same rule and reason; nothing is written outside of the folder that it is unpacked into."""
    make, reason = REFUSED[kind]
    path = with_zip(store, tmp_path, make(parts))
    before = kit.tree(tmp_path)
    is_of_content = reason.startswith(("it is", "its CRC", "something", "is damaged"))
    for command in COMMANDS:
        if is_of_content and command in (by_load, by_list):
            continue  # they do not read the member
        found = found_by(command, path)
        assert found, command
        assert any(reason in each for each in found), (command, found)
        if not is_of_content:
            assert {each.partition(":")[0] for each in found} == {"archive-unsafe"}, command
    assert kit.tree(tmp_path) == before


@pytest.mark.parametrize("kind", OPENED)
def test_a_zip_by_another_packer_is_opened(
    store: Path, parts: Parts, tmp_path: Path, kind: str
) -> None:
    """It can be loaded and compared; only verify says that it is not the zip of a release."""
    path = with_zip(store, tmp_path, OPENED[kind](parts))
    for command in (by_load, by_diff, by_list):
        assert found_by(command, path) == [], command
    for command in (by_verify, by_verify_folder):
        (found,) = found_by(command, path)
        assert found.startswith("archive-bytes: is not packed as a release is: "), command
    (found,) = found_by(by_publish, path)
    assert found.startswith("buildinfo: has the hash 'sha256:")


def test_the_zip_of_a_release_is_packed_as_such(store: Path, parts: Parts, tmp_path: Path) -> None:
    """What these tests pack without an oddity is opened and verified like the rest."""
    assert found_by(by_verify, store / "0.1.0" / ZIP) == []
    assert found_by(by_load, with_zip(store, tmp_path, pack(parts))) == []
