"""A release is opened wherever it is, and nothing that it holds does harm."""

from __future__ import annotations

import http.server
import shutil
import struct
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from release import cli
from release.findings.errors import RefusedError, ReleaseError, UsageError
from release.package import checksums, unzip
from release.package.unzip import ZipLimits
from release.store import fetch
from release.system.filenames import path_problem
from release.system.foreign import download
from tests.support import tampering
from tests.support.tampering import ZIP


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the small release."""
    return tampering.built(tmp_path_factory.mktemp("opened")).parent


@pytest.fixture(scope="module")
def release(store: Path) -> Path:
    """The small release."""
    return store / "0.1.0"


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files, and some answers that are none."""

    def do_GET(self) -> None:
        """Answer a request."""
        if self.path == "/cut.zip":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"PK")
        elif self.path == "/refused.zip":
            self.send_error(403)
        elif self.path == "/away.zip":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()
        elif self.path == "/loop.zip":
            self.send_response(302)
            self.send_header("Location", self.path)
            self.end_headers()
        elif self.path.startswith("/moved/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/moved"))
            self.end_headers()
        elif self.path == "/out/SHA256SUMS":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f"{'0' * 64}  ../../x\n".encode())
        else:
            super().do_GET()

    def log_message(self, *_: Any) -> None:
        """Be quiet."""


class ObjectStore(Handler):
    """Says of what is missing that it is forbidden."""

    def send_error(self, code: int, *_: Any) -> None:
        """Answer with an error."""
        super().send_error(403 if code == 404 else code)


@pytest.fixture(scope="module")
def url(store: Path) -> Iterator[str]:
    """The store behind http."""
    with served(Handler, store) as url:
        yield url


@contextmanager
def served(handler: type[Handler], store: Path) -> Iterator[str]:
    """A store behind http, with these answers."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(handler, directory=str(store))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def content(folder: Path) -> dict[str, bytes]:
    """The files of a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


# where a release is


def test_a_folder_is_given_as_it_is(release: Path) -> None:
    """A folder of this machine is not copied."""
    with fetch.folder(str(release)) as folder:
        assert folder == release


@pytest.mark.parametrize("version", ["0.1.0", "latest"])
def test_a_version_is_found_in_its_store(store: Path, version: str) -> None:
    """A version's number, or `latest`, is its folder in the store."""
    with fetch.folder(version, store) as folder:
        assert folder == store / "0.1.0"


def test_a_zip_is_unpacked_for_a_while(release: Path) -> None:
    """The members of a zip are in a folder that goes afterwards."""
    with fetch.folder(str(release / ZIP)) as folder:
        found = content(folder)
    assert not folder.exists()
    beside = {ZIP, "buildinfo.json", "provenance.intoto.json"}
    assert found == {path: data for path, data in content(release).items() if path not in beside}


@pytest.mark.parametrize("where", ["/0.1.0", "/0.1.0/", f"/0.1.0/{ZIP}", "/moved/0.1.0"])
def test_a_release_is_fetched(release: Path, url: str, where: str) -> None:
    """The folder and the zip of a release are read behind http, also where it leads on."""
    with fetch.folder(url + where) as folder:
        found = content(folder)
    assert not folder.exists()
    assert set(found) == set(content(release)) - {ZIP, "buildinfo.json", "provenance.intoto.json"}
    assert all(data == (release / path).read_bytes() for path, data in found.items())


def test_a_release_behind_http_verifies(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder, a zip and a whole store are verified over http, with what stands beside the zip."""
    for where in ("/0.1.0", f"/0.1.0/{ZIP}", "", "/"):
        assert cli.main(["verify", "--no-referee", url + where]) == 0, capsys.readouterr().out
    out = capsys.readouterr().out
    assert out.count("integrity passed") == 4
    assert out.count("a zip alone") == 1
    assert out.count("the files alone") == 0
    assert out.count("index     passed") >= 2
    assert f"{url}/0.1.0:" in out


def test_what_an_object_store_calls_forbidden_may_be_missing(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the signature that most releases have not; but what must be there is asked for by its name."""
    with served(ObjectStore, store) as url:
        for where in ("/0.1.0", f"/0.1.0/{ZIP}", ""):
            assert cli.main(["verify", "--no-referee", url + where]) == 0
            out = capsys.readouterr().out
            assert "(there is no SHA256SUMS.sig)" in out
        assert cli.main(["verify", f"{url}/nowhere"]) == 2
        err = capsys.readouterr().err
        assert (
            err == f"release: {url}/nowhere/SHA256SUMS: answered 403 Forbidden, expected a file\n"
        )


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("nothing", "nothing: is neither a folder nor a zip, expected a release"),
        ("file:///etc", "file:///etc: is neither a folder nor a zip, expected a release"),
    ],
)
def test_what_is_not_there_is_said(place: str, message: str) -> None:
    """Where there is nothing, the message says what was expected."""
    with pytest.raises(UsageError) as raised, fetch.folder(place):
        pass
    assert str(raised.value) == message


@pytest.mark.parametrize("version", ["0.2.0", "../dist/0.1.0", "0.1.0/data"])
def test_no_path_is_a_version(store: Path, version: str) -> None:
    """A version is a name in the store, never a path out of it."""
    with pytest.raises(UsageError), fetch.folder(version, store):
        pass


def test_a_store_is_no_release(url: str) -> None:
    """Where one release is wanted, the URL of a store is not; the message says what is."""
    with pytest.raises(UsageError) as raised, fetch.folder(url):
        pass
    assert str(raised.value) == f"{url}: is a store, expected a release in it, {url}/VERSION"
    with pytest.raises(UsageError, match=r"expected the URL of a zip or of a release folder$"):
        fetch.folder(f"{url}/nowhere").__enter__()


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("/nothing.zip", "answered 404 File not found, expected a file"),
        ("/refused.zip", "answered 403 Forbidden, expected a file"),
        ("/cut.zip", "ended after 2 bytes of 1000: fetch it again"),
        (
            "/away.zip",
            "answered 302 Found - Redirection to url 'file:///etc/passwd' is not allowed",
        ),
        ("/out", "SHA256SUMS:1: '../../x' leads out of its folder"),
    ],
)
def test_what_cannot_be_fetched_is_said(url: str, where: str, message: str) -> None:
    """Missing, refused, cut short, leading to a file of this machine: each is said of its URL."""
    with pytest.raises(ReleaseError) as raised, fetch.folder(url + where):
        pass
    assert message in str(raised.value)
    assert str(raised.value).startswith(url + where)


def test_a_zip_that_is_not_there_is_none_that_is_wrong(url: str) -> None:
    """Where there is nothing, nothing can be said of it: 2, as on this machine."""
    assert cli.main(["verify", f"{url}/nothing.zip"]) == 2


@pytest.mark.parametrize("place", ["http://[::1", "http://[::1/x.zip"])
def test_what_is_no_url_is_said(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An address that cannot be one is a fault of the command line."""
    assert cli.main(["verify", place]) == 2
    assert capsys.readouterr().err == f"release: {place}: is no URL: Invalid IPv6 URL\n"


def test_a_reason_is_one_line(url: str) -> None:
    """What a library says in several lines is told in one."""
    with pytest.raises(UsageError) as raised, fetch.folder(f"{url}/loop.zip"):
        pass
    assert "infinite loop. The last 30x error message was: Found, expected a file" in str(
        raised.value
    )


def test_a_zip_that_is_none_is_named_by_its_url(url: str, store: Path) -> None:
    """Where it was fetched to is of no use to anyone."""
    (store / "none.zip").write_bytes(b"<html>")
    with pytest.raises(RefusedError) as raised, fetch.folder(f"{url}/none.zip"):
        pass
    (store / "none.zip").unlink()
    told = "is no whole zip: its directory is missing; fetch it again"
    assert str(raised.value) == f"{url}/none.zip: {told}"


def test_of_a_store_behind_http_every_version_is_looked_at(
    url: str, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a version lacks is a fault of that one, and what is not there one of the index."""
    copy = shutil.copytree(store, store / "copy")
    index = (copy / "versions.json").read_text()
    (copy / "0.1.0/data/notes.csv").unlink()
    entry = index[index.index("    {") : index.rindex("}\n  ]") + 1]
    gone = entry.replace("0.1.0", "0.2.0")
    (copy / "versions.json").write_text(index.replace(entry, f"{gone},\n{entry}"))
    assert cli.main(["verify", "--no-referee", f"{url}/copy"]) == 1
    out = capsys.readouterr().out
    assert (
        "  data/notes.csv: error: file-missing: is missing, expected it as SHA256SUMS lists it\n"
        in out
    )
    assert "  versions.json: error: index-gone: lists 0.2.0, which is not there\n" in out
    (copy / "latest.json").unlink()
    shutil.copy(store / "0.1.0/data/notes.csv", copy / "0.1.0/data/notes.csv")
    (copy / "versions.json").write_text(index)
    assert cli.main(["verify", "--no-referee", f"{url}/copy"]) == 1
    told = "is not there; `release reindex STORE` makes it from the versions that are there"
    assert f"  latest.json: error: index-stale: {told}\n" in capsys.readouterr().out
    (copy / "versions.json").write_text("<html>")
    assert cli.main(["verify", f"{url}/copy"]) == 1
    shutil.rmtree(copy)
    assert capsys.readouterr() == (
        (
            f"{url}/copy:\n"
            "  index     failed\n"
            "    versions.json: error: index-syntax: cannot be read: Expecting value: line 1 column 1 "
            "(char 0); `release reindex STORE` makes it from the versions that are there\n"
            "does not verify: 1 error in index\n"
        ),
        "",
    )


def test_binary_mode_is_taken_only_where_it_is_asked_for() -> None:
    """`sha256sum -b` lists a release that can be fetched; what stands here is written in one way."""
    text = f"{'0' * 64} *a\n"
    assert [(line.path, line.problem) for line in checksums.lines(text, " *")] == [("a", "")]
    assert [line.problem for line in checksums.lines(text)] == ["is no line of sha256sum"]


def test_more_than_is_allowed_is_not_fetched(url: str, tmp_path: Path) -> None:
    """A file is cut off at the limit, whatever its server says of it."""
    with pytest.raises(RefusedError, match="has more than 10 bytes, which are not taken"):
        download.fetch(f"{url}/0.1.0/README.md", tmp_path / "x", most=10)


def test_a_host_that_does_not_answer_is_said() -> None:
    """No server, no release; the message has the reason."""
    with (
        pytest.raises(UsageError, match=r"cannot be fetched: .*refused"),
        fetch.folder("http://127.0.0.1:1/x.zip"),
    ):
        pass


# zips that may do harm

Made = Callable[[Path], Any]


def member(name: str, data: bytes = b"x", mode: int = 0o100644, kind: int = 0) -> Made:
    """Makes a zip with one member more."""

    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "a") as target:
            info = zipfile.ZipInfo("placeholder" if "\0" in name else name)
            info.filename = name
            info.external_attr = mode << 16
            info.create_system = 3
            info.compress_type = kind
            target.writestr(info, data)

    return make


def both(*made: Made) -> Made:
    """Makes one after the other."""
    return lambda path: [make(path) for make in made]


def flagged(path: Path) -> None:
    """Marks the first member as encrypted."""
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    path.write_bytes(data)


def overlapping(path: Path) -> None:
    """Lets two members share their bytes."""
    data = bytearray(path.read_bytes())
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    path.write_bytes(data)


def overlapping_by_a_byte(path: Path) -> None:
    """Lets the second member begin at the last byte of the first."""
    data = bytearray(path.read_bytes())
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    (at,) = struct.unpack_from("<I", data, second + 42)
    struct.pack_into("<I", data, second + 42, at - 1)
    path.write_bytes(data)


def longer(path: Path) -> None:
    """Says that the first member is longer than what is stored of it."""
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 2)
    path.write_bytes(data)


def countless(path: Path) -> None:
    """Says that there are many members, in a directory of 64 bits."""
    data = path.read_bytes()
    end = data.rindex(b"PK\x05\x06")
    size, begins = struct.unpack_from("<2I", data, end + 12)
    record = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 9**9, 9**9, size, begins)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    last = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, size, begins, 0)
    path.write_bytes(data[:end] + record + locator + last)


def ended(at: int, value: int) -> Made:
    """Says something else in four bytes of the record that ends the directory."""

    def make(path: Path) -> None:
        data = bytearray(path.read_bytes())
        struct.pack_into("<I", data, data.rindex(b"PK\x05\x06") + at, value)
        path.write_bytes(data)

    return make


HOSTILE: dict[str, tuple[Made, str]] = {
    "parent": (member("../x"), "'../x' leads out of its folder"),
    "inner-parent": (member("a/../../x"), "'a/../../x' leads out of its folder"),
    "dot": (member("./x"), "'./x' leads out of its folder"),
    "absolute": (member("/etc/x"), "'/etc/x' is an absolute path"),
    "drive": (member("C:/x"), "'C:/x' is an absolute path"),
    "backslash": (member("a\\x"), "'a\\\\x' has a backslash"),
    "empty-part": (member("a//x"), "'a//x' leads out of its folder"),
    "control": (member("a\x1bx"), "'a\\u001bx' has a control character"),
    "long": (member("x" * 300), "is too long, expected at most 255 bytes"),
    "link": (member("l", b"/etc", 0o120777), "'l' is a symbolic link"),
    "fifo": (member("p", b"", 0o010644), "'p' is no regular file"),
    "device": (member("d", b"", 0o020644), "'d' is no regular file"),
    "folder": (member("f/", b"data", 0o040755), "'f/' is a folder with content"),
    "method": (member("m", b"x" * 99, kind=zipfile.ZIP_BZIP2), "'m' is compressed by method 12"),
    "twice": (both(member("a"), member("a")), "'a' stands there twice"),
    "case": (both(member("a"), member("A")), "'A' stands there beside 'a'"),
    "accents": (both(member("é"), member("e\u0301")), "stands there beside 'é'"),
    "file-and-folder": (both(member("a"), member("a/b")), "'a' is a file and the folder of 'a/b'"),
    "bomb": (member("b", bytes(100 << 20), kind=zipfile.ZIP_DEFLATED), "holds 104857601 bytes in"),
    "encrypted": (flagged, "'first' is encrypted"),
    "overlapping": (both(member("a"), overlapping), "'a' shares bytes with 'first'"),
    "overlapping-by-a-byte": (
        both(member("a"), overlapping_by_a_byte),
        "'a' shares bytes with 'first'",
    ),
    "longer": (longer, "'first' is longer than what is stored of it"),
    "countless": (countless, "has 387420489 members, expected at most 2000000"),
    "endless": (
        ended(12, 1 << 31),
        "has a directory that ends at byte 87, and says 2147483684",
    ),
    "before": (ended(16, 1 << 31), "has a directory that ends at byte 87, and says 2147483699"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_zip_that_may_do_harm_is_refused(tmp_path: Path, kind: str) -> None:
    """Nothing of it is unpacked, and the message names the member and what is wrong with it."""
    path = tmp_path / "x.zip"
    member("first")(path)
    make, message = HOSTILE[kind]
    make(path)
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(RefusedError) as raised:
        unzip.unpack(path, folder)
    assert message in str(raised.value)
    assert str(raised.value).startswith(f"{path}: ")
    assert list(folder.iterdir()) == []
    assert {each.name for each in tmp_path.iterdir()} == {"x.zip", "folder"}


def test_what_is_wrong_with_a_zip_is_told_in_the_order_of_its_members(tmp_path: Path) -> None:
    """Whatever order Python gives to a set."""
    path = tmp_path / "x.zip"
    names = "hbgdface"
    both(*(member(name) for name in names), *(member(f"{name}/x") for name in names))(path)
    assert [str(fault) for fault in unzip.faults(path)] == [
        f"'{name}' is a file and the folder of '{name}/x'" for name in names
    ]


def test_a_zip_may_hold_as_much_as_its_limits_say(tmp_path: Path) -> None:
    """So many members, and so many times its own size where that is more than a little."""
    path = tmp_path / "x.zip"
    both(member("a"), member("b", bytes(10_000), kind=zipfile.ZIP_DEFLATED))(path)
    size = path.stat().st_size
    times = 10_001 // size
    assert unzip.faults(path, ZipLimits(members=2, bytes=10_001, small=10_001, ratio=1)) == []
    assert unzip.faults(path, ZipLimits(small=1, ratio=times + 1)) == []
    told = [
        *unzip.faults(path, ZipLimits(members=1)),
        *unzip.faults(path, ZipLimits(bytes=10_000)),
        *unzip.faults(path, ZipLimits(small=10_000, ratio=times)),
    ]
    assert [str(fault) for fault in told] == [
        "has 2 members, expected at most 1",
        "holds 10001 bytes, expected at most 10000",
        f"holds 10001 bytes in {size}, expected at most {times} times as many",
    ]


@pytest.mark.parametrize("data", [b"", b"PK", b"x" * 5000, b"PK\x05\x06" + bytes(10)])
def test_what_is_no_zip_is_refused(tmp_path: Path, data: bytes) -> None:
    """A file that is no zip is said to be none."""
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    with pytest.raises(RefusedError, match="is no whole zip"), fetch.folder(str(path)):
        pass


@pytest.mark.parametrize(
    ("kind", "at", "message"),
    [
        (zipfile.ZIP_STORED, 36, "its CRC-32 is another one"),
        (zipfile.ZIP_DEFLATED, 35, "invalid block type"),
    ],
)
def test_a_damaged_member_is_told(tmp_path: Path, kind: int, at: int, message: str) -> None:
    """A member that is not what its checksum says, or cannot be unfolded, is named."""
    path = tmp_path / "x.zip"
    member("first", b"some text", kind=kind)(path)
    data = bytearray(path.read_bytes())
    data[at] = 0xFF
    path.write_bytes(data)
    with pytest.raises(RefusedError, match=f"'first' is damaged.*{message}"):
        unzip.unpack(path, tmp_path / "folder")


def test_a_member_whose_own_name_is_no_text_is_told(tmp_path: Path) -> None:
    """A member names itself a second time: where that is said to be UTF-8 and is none, it refused."""
    path = tmp_path / "x.zip"
    member("first", b"some text")(path)
    data = bytearray(path.read_bytes())
    data[7] |= 8  # the flag of names in UTF-8, APPNOTE 4.4.4
    data[30] = 0xFF
    path.write_bytes(data)
    with pytest.raises(RefusedError, match="'first' has another name"), fetch.folder(str(path)):
        pass


@pytest.mark.parametrize(("count", "more"), [(20, []), (21, ["… and 1 more"])])
def test_every_fault_of_a_zip_is_told_up_to_a_number(
    tmp_path: Path, count: int, more: list[str]
) -> None:
    """Many faults are told, the rest counted."""
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as target:
        for number in range(count):
            target.writestr(f"../{number}", "x")
    problem = path_problem("../0")
    with pytest.raises(RefusedError) as raised, fetch.folder(str(path)):
        pass
    assert str(raised.value).splitlines() == [
        *(f"{path}: '../{number}' {problem}" for number in range(20)),
        *(f"{path}: {each}" for each in more),
    ]


def test_limits_are_what_stops_a_zip(tmp_path: Path) -> None:
    """With other limits the same zip passes, so that it is the limits that are tested."""
    path = tmp_path / "x.zip"
    member("b", bytes(100 << 20), kind=zipfile.ZIP_DEFLATED)(path)
    assert [fault.member for fault in unzip.faults(path)] == [""]
    assert unzip.faults(path, ZipLimits(ratio=10_000)) == []
    assert unzip.faults(path, ZipLimits(ratio=10_000, bytes=1 << 20)) != []
    assert unzip.faults(path, ZipLimits(ratio=10_000, members=0)) != []


def test_a_zip_by_another_hand_is_unpacked(tmp_path: Path) -> None:
    """A zip need not be one of ours: deflated, with folders in it, it is unpacked just as well."""
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        target.mkdir("data")
        target.writestr("data/ä.csv", "a,b\n" * 1000)
        target.writestr("deep/er/x", "y")
    with fetch.folder(str(path)) as folder:
        assert content(folder) == {"data/ä.csv": b"a,b\n" * 1000, "deep/er/x": b"y"}


def test_members_may_stand_in_any_order(tmp_path: Path) -> None:
    """A directory need not name them as they stand one after the other."""
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("a", "x")
        target.writestr("b", "y")
        target.filelist.reverse()
    assert unzip.faults(path) == []


def test_what_stands_at_a_path_is_never_written_over(tmp_path: Path) -> None:
    """A member is written to a new file only, so that a link that stands there is not followed."""
    path = tmp_path / "x.zip"
    member("first")(path)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "first").symlink_to(tmp_path / "outside")
    with pytest.raises(RefusedError, match="cannot be unpacked: File exists"):
        unzip.unpack(path, folder)
    assert not (tmp_path / "outside").exists()


def test_temporary_folders_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: Path
) -> None:
    """Nothing is left behind, also where opening fails."""
    import tempfile

    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    bad = tmp_path / "bad.zip"
    shutil.copy(release / ZIP, bad)
    member("../x")(bad)
    with pytest.raises(RefusedError), fetch.folder(str(bad)):
        pass
    with fetch.folder(str(release / ZIP)):
        assert list(place.iterdir()) != []
    assert list(place.iterdir()) == []
