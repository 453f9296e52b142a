"""`release sign`: a signature that OpenSSH itself accepts, and errors that a person can use."""

from __future__ import annotations

import base64
import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from release import cli
from release.verify import signature
from release.verify.signature import Signers
from tests.support import tampering
from tests.support.moments import refusing
from tests.support.tampering import ALLOWED, as_printed

pytestmark = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small release, a key, and one with a passphrase."""
    folder = tmp_path_factory.mktemp("signature")
    tampering.alone(tampering.built(folder), folder / "release")
    tampering.key(folder, "curator")
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", str(folder / "locked")]
    subprocess.run(command, check=True)
    return folder


@pytest.fixture
def release(made: Path, tmp_path: Path) -> Path:
    """A copy of the release."""
    return tampering.alone(made / "release", tmp_path / "release")


Sign = Callable[..., tuple[int, str, str]]


@pytest.fixture
def sign(release: Path, capsys: pytest.CaptureFixture[str]) -> Sign:
    """Runs `release sign` with a key."""

    def run(key: object, *arguments: str) -> tuple[int, str, str]:
        code = cli.main(["sign", str(release), "--key", str(key), *arguments])
        return code, *capsys.readouterr()

    return run


def openssh(release: Path, made: Path) -> int:
    """What OpenSSH itself says of a signature: its exit code."""
    allowed = str(made / "curator.allowed")
    command = ["ssh-keygen", "-Y", "verify", "-n", "release", "-f", allowed, "-I", ALLOWED]
    with (release / "SHA256SUMS").open("rb") as sums:
        ran = subprocess.run(
            [*command, "-s", str(release / "SHA256SUMS.sig")],
            stdin=sums,
            capture_output=True,
            check=False,
        )
    return ran.returncode


def test_openssh_accepts_what_is_signed(made: Path, release: Path, sign: Sign) -> None:
    """The signature is one that `ssh-keygen -Y verify` accepts, and refuses over another file."""
    path = release / "SHA256SUMS.sig"
    assert sign(made / "curator") == (0, f"signed {path}\n", "")
    assert openssh(release, made) == 0
    assert path.stat().st_mode == (release / "SHA256SUMS").stat().st_mode
    assert cli.main(["verify", str(release), "--no-referee"]) == 0
    (release / "SHA256SUMS").write_text("x")
    assert openssh(release, made) != 0


def test_what_openssh_signed_verifies(made: Path, release: Path) -> None:
    """A signature that was made by hand is as good."""
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", "release", "-f", str(made / "curator")]
    subprocess.run([*command, "SHA256SUMS"], cwd=release, check=True, capture_output=True)
    step = signature.step(release, Signers(made / "curator.allowed"))
    assert step.status == "passed"
    assert step.proves == "a key that is trusted signed SHA256SUMS"
    assert step.notes[0].startswith(
        f'Good "release" signature for {ALLOWED} with ED25519 key SHA256:'
    )


def test_a_signature_without_allowed_signers_proves_less(
    made: Path, release: Path, sign: Sign
) -> None:
    """Without a file of allowed signers a signature is sound, and nobody's in particular; that is said."""
    sign(made / "curator")
    step = signature.step(release, Signers())
    assert step.status == "passed"
    assert step.proves == (
        "this key signed SHA256SUMS; whose it is was not asked: give --allowed-signers"
    )
    assert step.notes[0].startswith('Good "release" signature with ED25519 key SHA256:')


def test_a_signature_elsewhere_is_found(made: Path, release: Path, sign: Sign) -> None:
    """--signature names the file; beside a zip it is found by its name."""
    sign(made / "curator")
    zipped = release.parent / tampering.ZIP
    shutil.copy(release / tampering.ZIP, zipped)
    allowed = ["--allowed-signers", str(made / "curator.allowed"), "--no-referee"]
    assert cli.main(["verify", str(zipped), *allowed]) == 1
    named = shutil.move(release / "SHA256SUMS.sig", release.parent / "named.sig")
    assert cli.main(["verify", str(zipped), *allowed, "--signature", str(named)]) == 0
    shutil.copy(named, release.parent / "SHA256SUMS.sig")
    assert cli.main(["verify", str(zipped), *allowed]) == 0


def test_a_signature_is_not_replaced_unasked(made: Path, release: Path, sign: Sign) -> None:
    """A signature that is there stays, unless --replace is given."""
    assert sign(made / "curator")[0] == 0
    path = release / "SHA256SUMS.sig"
    before = path.read_bytes()
    assert sign(made / "curator") == (
        1,
        "",
        f"release: {path}: is there already; --replace puts a new one in its place\n",
    )
    other = tampering.key(release.parent, "other")
    assert path.read_bytes() == before
    assert sign(other, "--replace")[0] == 0
    assert path.read_bytes() != before


def test_a_release_that_is_not_right_is_not_signed(made: Path, release: Path, sign: Sign) -> None:
    """What would not verify is not signed, and the faults are told."""
    (release / "LICENSE").write_text("x")
    code, out, err = sign(made / "curator")
    assert (code, out) == (1, "")
    assert err.startswith(
        f"release: {release} is not signed, for it does not verify:\n  LICENSE: error: file-changed: was "
    )
    assert not (release / "SHA256SUMS.sig").exists()


def test_a_release_that_may_not_be_written_is_named(made: Path, release: Path, sign: Sign) -> None:
    """And not the file that would have become the signature."""
    told = f"release: {release}: cannot be written: Permission denied\n"
    denied = PermissionError(errno.EACCES, "Permission denied", f"{release}/.writing-x")
    with refusing("open", r"/\.writing-", denied):
        assert sign(made / "curator") == (2, "", told)


def test_a_key_that_others_can_read_is_refused(made: Path, release: Path, sign: Sign) -> None:
    """OpenSSH's own reason is passed on, in one line."""
    key = release.parent / "open"
    shutil.copy(made / "curator", key)
    key.chmod(0o644)
    code, _, err = sign(key)
    assert code == 1
    assert err.startswith(f"release: --key {key}: ssh-keygen does not sign with it: ")
    assert "are too open" in err
    assert len(err.splitlines()) == 1


def test_a_key_that_is_none_is_refused(release: Path, sign: Sign) -> None:
    """A file that is no key, and one that is not there."""
    path = release.parent / "text"
    path.write_text("x")
    path.chmod(0o600)
    code, _, err = sign(path)
    assert code == 1
    assert err.startswith(f"release: --key {path}: ssh-keygen does not sign with it: ")
    assert sign(release.parent / "none") == (
        2,
        "",
        (
            f"release: --key {release.parent / 'none'}: is no file, expected a private key, or the "
            "public one of an agent's\n"
        ),
    )


def test_where_there_is_no_release_nothing_is_signed(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder without SHA256SUMS, a zip, nothing: 2."""
    for place in (tmp_path / "nothing", made / "release" / tampering.ZIP):
        assert cli.main(["sign", str(place), "--key", str(made / "curator")]) == 2
        assert capsys.readouterr().err == (
            f"release: {place}: is no folder, expected the folder of a release\n"
        )
    assert cli.main(["sign", str(tmp_path), "--key", str(made / "curator")]) == 2
    assert capsys.readouterr().err == (
        f"release: {tmp_path}: has no SHA256SUMS, expected the folder of a release\n"
    )


def test_without_ssh_keygen_it_says_so(
    made: Path, release: Path, sign: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without OpenSSH nothing is signed; a signature is then not checked, or fails those who ask for it."""
    sign(made / "curator")
    monkeypatch.setenv("PATH", str(release))
    assert sign(made / "curator", "--replace") == (
        2,
        "",
        "release: ssh-keygen is not installed; it comes with OpenSSH 8.1 or newer\n",
    )
    assert signature.step(release, Signers()).status == "not done"
    assert signature.step(release, Signers(made / "curator.allowed")).status == "failed"


def test_a_signature_without_what_it_signs_is_told(made: Path, release: Path, sign: Sign) -> None:
    """To those who ask for it and to others: it is a signature of nothing."""
    sign(made / "curator")
    (release / "SHA256SUMS").unlink()
    for signers in (Signers(), Signers(made / "curator.allowed")):
        assert as_printed(signature.step(release, signers).findings) == [
            "SHA256SUMS: error: file-missing: is missing, expected what was signed"
        ]


def test_one_of_the_names_that_a_key_has_is_enough(made: Path, release: Path, sign: Sign) -> None:
    """A line of allowed signers may have several, among them some that are no one's."""
    sign(made / "curator")
    public = (made / "curator.pub").read_text()
    allowed = made / "several.allowed"
    allowed.write_text(f'!mail@example.org,{ALLOWED} namespaces="release" {public}')
    assert signature.step(release, Signers(allowed)).status == "passed"
    allowed.write_text(f'{ALLOWED},mail@example.org namespaces="email" {public}')
    (fault,) = signature.step(release, Signers(allowed)).findings
    assert fault.message.startswith(
        f"is no signature of {ALLOWED} or mail@example.org over this SHA256SUMS: "
    )


def test_what_is_no_signature_inside_is_told_as_that(release: Path) -> None:
    """The lines of one around other bytes are none."""
    text = base64.b64encode(b"Something else.").decode()
    lines = ["-----BEGIN SSH SIGNATURE-----", text, "-----END SSH SIGNATURE-----", ""]
    (release / "SHA256SUMS.sig").write_text("\n".join(lines))
    assert as_printed(signature.step(release, Signers()).findings) == [
        "SHA256SUMS.sig: error: signature-syntax: is not written as ssh-keygen writes a signature"
    ]


def test_what_ssh_keygen_gives_that_is_no_signature_is_not_kept(
    made: Path, release: Path, sign: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that ends well and signs nothing leaves no file."""
    (made / "bin").mkdir()
    (made / "bin/ssh-keygen").write_text("#!/bin/sh\necho Signed.\necho nothing >&2\n")
    (made / "bin/ssh-keygen").chmod(0o755)
    monkeypatch.setenv("PATH", f"{made / 'bin'}{os.pathsep}{os.environ['PATH']}")
    code, out, err = sign(made / "curator")
    assert (code, out) == (1, "")
    assert err.endswith(f"--key {made / 'curator'}: ssh-keygen does not sign with it: nothing\n")
    assert not (release / "SHA256SUMS.sig").exists()


def test_a_key_with_a_passphrase_asks_for_it(made: Path, release: Path) -> None:
    """ssh-keygen asks, here through SSH_ASKPASS; without an answer it says why it does not sign."""
    ask = release.parent / "ask"
    ask.write_text("#!/bin/sh\necho secret\n")
    ask.chmod(0o755)
    command = [sys.executable, "-m", "release", "sign", str(release), "--key", str(made / "locked")]
    path = os.pathsep.join(part for part in sys.path if part)
    environment = {**os.environ, "PYTHONPATH": path, "SSH_ASKPASS_REQUIRE": "force"}
    for asked, code in (("/bin/false", 1), (str(ask), 0)):
        ran = subprocess.run(
            command,
            env={**environment, "SSH_ASKPASS": asked, "DISPLAY": "x"},
            capture_output=True,
            check=False,
            text=True,
        )
        assert ran.returncode == code, ran.stderr
    assert (release / "SHA256SUMS.sig").is_file()


@pytest.fixture
def agent(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An agent that holds the key."""
    if shutil.which("ssh-agent") is None or shutil.which("ssh-add") is None:
        pytest.skip("ssh-agent is not installed")
    started = subprocess.run(["ssh-agent", "-s"], check=True, capture_output=True, text=True)
    for part in started.stdout.replace("\n", ";").split(";"):
        name, equals, value = part.partition("=")
        if equals:
            monkeypatch.setenv(name, value)
    subprocess.run(["ssh-add", "-q", str(made / "curator")], check=True)
    yield
    subprocess.run(["ssh-agent", "-k"], check=True, capture_output=True)


@pytest.mark.usefixtures("agent")
def test_a_key_of_an_agent_is_used_by_its_public_half(
    made: Path, release: Path, sign: Sign
) -> None:
    """Where an agent holds the private key, the public one names it."""
    public = release.parent / "public.pub"
    shutil.copy(made / "curator.pub", public)
    assert sign(public)[0] == 0
    assert openssh(release, made) == 0
