"""Sign SHA256SUMS with OpenSSH, and check its signature; no key is made or stored here."""

from __future__ import annotations

import base64
import binascii
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from release.findings.errors import RefusedError, UsageError, naming_forbidden
from release.findings.finding import Finding
from release.findings.message import printable
from release.package.checksums import SUMS
from release.package.provenance import SIGNATURE
from release.system import durable, files
from release.verify.report import StepReport, done, not_done

#: The namespace of a signature: one that was made for another purpose does not sign a release.
NAMESPACE = "release"

_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_COLUMNS = 70
_TIMEOUT = 60


@dataclass(frozen=True, slots=True)
class Signers:
    """The signers whose signature is trusted.

    Attributes:
        allowed: The file of allowed signers (ssh-keygen(1)); None if a signature by any key will do.
        identity: The one of them who must have signed; empty for any of them.
        signature: The file of the signature, if it is not in the folder of the release.
    """

    allowed: Path | None = None
    identity: str = ""
    signature: Path | None = None


def check_files(signers: Signers) -> None:
    """Raise an error if a file that was named is not there.

    Raises:
        UsageError: It is not there, or is no file.
    """
    for option, path, expected in (
        ("--allowed-signers", signers.allowed, "allowed signers"),
        ("--signature", signers.signature, "a signature"),
    ):
        if path is not None and not path.is_file():
            raise UsageError(f"{option} {path}: is no file, expected {expected}")


def step(folder: Path, signers: Signers) -> StepReport:
    """Run the step signature on the folder of a release."""
    path = signers.signature or folder / SIGNATURE
    if not path.is_file():
        if signers.allowed is None:
            return not_done("signature", f"there is no {SIGNATURE}")
        return done(
            "signature", [Finding("file-missing", SIGNATURE, "is missing, expected a signature")]
        )
    if not (folder / SUMS).is_file():
        return done(
            "signature", [Finding("file-missing", SUMS, "is missing, expected what was signed")]
        )
    if problem := _syntax_problem(path):
        return done("signature", [Finding("signature-syntax", _path_in_findings(path), problem)])
    try:
        return _check(folder / SUMS, path, signers)
    except FileNotFoundError:
        reason = "ssh-keygen is not installed here"
        if signers.allowed is None:
            return not_done("signature", reason)
        return done("signature", [_untrusted(path, f"cannot be checked: {reason}")])


def _path_in_findings(path: Path) -> str:
    """Return the path of a signature in findings: that in the release, or the one that was named."""
    return SIGNATURE if path.name == SIGNATURE else str(path)


def _syntax_problem(path: Path) -> str:
    """Return the problem of a signature that ssh-keygen did not write so; empty if no byte is wrong."""
    data = files.read(path)
    match = re.fullmatch(rf"{_BEGIN}\n([A-Za-z0-9+/=\n]+)\n{_END}\n".encode(), data)
    try:
        blob = base64.b64decode(match[1].replace(b"\n", b""), validate=True) if match else b""
    except binascii.Error:
        blob = b""
    text = base64.b64encode(blob).decode()
    lines = [text[at : at + _COLUMNS] for at in range(0, len(text), _COLUMNS)]
    if not blob.startswith(b"SSHSIG") or data != "\n".join([_BEGIN, *lines, _END, ""]).encode():
        return "is not written as ssh-keygen writes a signature"
    return ""


def _check(sums: Path, path: Path, signers: Signers) -> StepReport:
    """Check a signature with ssh-keygen."""
    sign = ("-n", NAMESPACE, "-s", str(path.resolve()))
    if signers.allowed is None:
        ran = _keygen("-Y", "check-novalidate", *sign, data=files.read(sums))
        if ran.returncode:
            return done("signature", [_refusal(path, ran, "any key")])
        proves = f"this key signed {SUMS}; whose it is was not asked: give --allowed-signers"
        return done("signature", [], [_first_line(ran)], proves)
    allowed = ("-f", str(signers.allowed.resolve()))
    found = _keygen("-Y", "find-principals", *sign[2:], *allowed)
    principals = found.stdout.decode("utf-8", "replace").splitlines()
    if signers.identity:
        principals = [signers.identity]
    elif not principals:
        message = f"is by a key that {signers.allowed} does not name"
        return done("signature", [_untrusted(path, message)])
    ran = found
    for principal in principals:
        ran = _keygen("-Y", "verify", "-I", principal, *sign, *allowed, data=files.read(sums))
        if ran.returncode == 0:
            return done("signature", [], [_first_line(ran)])
    return done("signature", [_refusal(path, ran, " or ".join(principals))])


def _refusal(path: Path, ran: subprocess.CompletedProcess[bytes], whose: str) -> Finding:
    output = ran.stderr.decode("utf-8", "replace") + ran.stdout.decode("utf-8", "replace")
    reason = "; ".join(printable(line) for line in output.splitlines() if line.strip())[:300]
    return _untrusted(path, f"is no signature of {printable(whose)} over this {SUMS}: {reason}")


def _untrusted(path: Path, message: str) -> Finding:
    return Finding("signature-refused", _path_in_findings(path), message)


def _first_line(ran: subprocess.CompletedProcess[bytes]) -> str:
    lines = (ran.stdout.decode("utf-8", "replace") or "a signature").splitlines()
    return printable(lines[0])


def sign(folder: Path, key: Path, *, replace: bool = False) -> Path:
    """Sign the SHA256SUMS of a release with a key, and return the path of the signature.

    ssh-keygen asks for a passphrase on the terminal, or an agent for permission.

    Raises:
        UsageError: There is no such release or key, or no ssh-keygen, or the folder may not be written to.
        RefusedError: There is a signature already, or ssh-keygen does not sign.
    """
    path = folder / SIGNATURE
    if not (folder / SUMS).is_file():
        here = f"has no {SUMS}" if folder.is_dir() else "is no folder"
        raise UsageError(f"{folder}: {here}, expected the folder of a release")
    if not key.is_file():
        raise UsageError(
            f"--key {key}: is no file, expected a private key, or the public one of an agent's"
        )
    if path.exists() and not replace:
        raise RefusedError(f"{path}: is there already; --replace puts a new one in its place")
    command = ("-Y", "sign", "-n", NAMESPACE, "-f", str(key.resolve()))
    try:
        ran = _keygen(*command, data=(folder / SUMS).read_bytes(), timeout=None)
    except FileNotFoundError as error:
        message = "ssh-keygen is not installed; it comes with OpenSSH 8.1 or newer"
        raise UsageError(message) from error
    if ran.returncode or not ran.stdout.startswith(_BEGIN.encode()):
        lines = ran.stderr.decode("utf-8", "replace").splitlines()
        said = "; ".join(printable(line.strip(" @")) for line in lines if line.strip(" @"))
        raise RefusedError(f"--key {key}: ssh-keygen does not sign with it: {said[:500]}")
    with naming_forbidden(folder):
        durable.write(path, ran.stdout)
    return path


def _keygen(
    *arguments: str, data: bytes = b"", timeout: float | None = _TIMEOUT
) -> subprocess.CompletedProcess[bytes]:
    """Run ssh-keygen.

    Raises:
        FileNotFoundError: It is not installed.
    """
    return subprocess.run(  # noqa: S603 — the arguments are ours
        ["ssh-keygen", *arguments],  # noqa: S607 — the one of this machine
        input=data,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
