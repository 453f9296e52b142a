"""Check that a release, loose and as an archive, holds the files that it lists, and no others."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from release.findings.finding import Finding
from release.findings.message import printable
from release.package import datapackage, provenance
from release.package.checksums import SUMS, sha256_of
from release.package.manifest import folder as manifest_folder
from release.package.manifest.model import Manifest
from release.package.zip import zip_name
from release.system import files
from release.system.limits import LIMITS, Limits
from release.verify import archive as verify_archive
from release.verify import descriptor, inventory
from release.verify.inventory import Inventory
from release.verify.report import STEPS, StepReport, done

#: The files that are beside the archive whenever there is one.
_BESIDE_ARCHIVE = (provenance.BUILDINFO, provenance.STATEMENT)

#: The claim that the step proves if there is no archive.
_CLAIM_FOR_FILES = STEPS["integrity"].partition(";")[0]


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents of a release, as far as they could be read.

    Attributes:
        inventory: The files of its folder.
        manifest: Its datapackage.json; None if that cannot be read.
        problems: The findings about a manifest of which only parts can be read.
        info: Its buildinfo.json; None if that is missing or cannot be read.
        digests: The SHA-256 of its files, and of the zip that they were unpacked from, by path.
    """

    inventory: Inventory
    manifest: Manifest | None
    problems: Sequence[Finding]
    info: dict[str, Any] | None
    digests: Mapping[str, str]


def step(
    folder: Path, archive: Path | None, limits: Limits = LIMITS
) -> tuple[StepReport, Contents]:
    """Run the step integrity on a folder, and the zip it was unpacked from, if any; return what it read."""
    held, findings = inventory.take(folder, limits, is_packed=archive is not None)
    manifest, found = manifest_folder.find(folder)
    problems = [replace(each, file="") for each in found]
    findings += problems if manifest is None else []
    name = _archive_name(manifest)
    zips = [name] if name else [path for path in held.sizes if path.endswith(".zip")]
    findings += inventory.compare(held, [*zips, *_BESIDE_ARCHIVE, provenance.SIGNATURE])
    if held.rewritten:  # whatever else differs follows from that
        return done("integrity", findings), Contents(held, manifest, problems, None, held.digests)
    if manifest is not None:
        findings += descriptor.measures(manifest, held.digests, held.sizes, folder)
    notes = []
    info = None
    proves = STEPS["integrity"]
    if archive is not None:
        findings += _check_archive(archive, held, manifest)
        if any(path in held.sizes for path in (name, *_BESIDE_ARCHIVE)):
            message = "holds what stands beside an archive"
            findings.append(Finding("archive-members", archive.name, message))
        proves = f"{_CLAIM_FOR_FILES}; the archive holds them and no byte more"
        notes.append("a zip alone: there is no buildinfo.json and no attestation to look at")
    elif any(path in held.sizes for path in (*zips, *_BESIDE_ARCHIVE)):
        for path in (name, *_BESIDE_ARCHIVE):
            if path and path not in held.sizes:
                message = "is missing, expected it beside the files of a release"
                findings.append(Finding("file-missing", path, message))
        if name in held.digests:
            findings += _check_archive(folder / name, held, manifest)
        info, about_info = _check_buildinfo(held, manifest)
        findings += about_info
    else:
        proves = _CLAIM_FOR_FILES
        notes.append("the files alone: there is no archive and no buildinfo.json to look at")
    zipped = {name or archive.name: sha256_of(archive)} if archive is not None else {}
    contents = Contents(held, manifest, problems, info, {**held.digests, **zipped})
    return done("integrity", findings, notes, proves), contents


def _check_archive(archive: Path, held: Inventory, manifest: Manifest | None) -> list[Finding]:
    """Compare a zip with the listed files; for one that is missing in the folder, with its listed digest."""
    if not held.listed:
        return []
    digests = {
        **held.listed,
        **{path: held.digests[path] for path in held.listed if path in held.digests},
    }
    digests[SUMS] = held.digests[SUMS]
    whole = all(path in held.digests for path in digests)
    created = manifest.time if manifest is not None and whole else None
    return verify_archive.compare(archive, held, digests, created)


def _archive_name(manifest: Manifest | None) -> str:
    """Return the name of a release's zip; empty if the manifest has no name or version."""
    if manifest is None or not manifest.name or not manifest.version:
        return ""
    return zip_name(manifest.name, manifest.version)


def _check_buildinfo(
    held: Inventory, manifest: Manifest | None
) -> tuple[dict[str, Any] | None, list[Finding]]:
    """Read buildinfo.json, and compare it and the attestation with the files of the release."""
    if provenance.BUILDINFO not in held.digests:
        return None, []
    info, findings = descriptor.read_json(held.folder, provenance.BUILDINFO)
    if info is None or not held.listed:
        return info, findings
    messages = _compare_info(info, held, manifest)
    findings += [Finding("buildinfo", provenance.BUILDINFO, message) for message in messages]
    if provenance.STATEMENT in held.digests:
        findings += _check_statement(info, held)
    return info, findings


def _compare_info(info: Mapping[str, Any], held: Inventory, manifest: Manifest | None) -> list[str]:
    """Return a message for each value of buildinfo.json that is false."""
    name = _archive_name(manifest)
    properties = {} if manifest is None else manifest.properties
    named = {key: properties.get(key) for key in ("name", "version") if manifest is not None}
    wanted: dict[str, Any] = {
        **named,
        "inputs": {
            path.removeprefix("source/"): f"sha256:{held.digests.get(path, digest)}"
            for path, digest in held.listed.items()
            if path.startswith("source/")
        },
    }
    if name in held.digests:
        size, digest = held.sizes[name], held.digests[name]
        wanted["archive"] = {"path": name, "bytes": size, "hash": f"sha256:{digest}"}
    found = {key: info.get(key) for key in wanted}
    return [
        f"{place} {message}".replace(datapackage.SOURCE, "the release")
        for place, message in descriptor.differences(found, wanted)
    ]


def _check_statement(info: Mapping[str, Any], held: Inventory) -> list[Finding]:
    """Compare the attestation with the one that the files and buildinfo.json make, to the last byte."""
    beside = {path: held.digests.get(path, "") for path in (SUMS, provenance.BUILDINFO)}
    found = files.read(held.folder / provenance.STATEMENT)
    try:
        wanted = b"".join(provenance.statement(info, sorted(held.listed.items()), beside))
    except (KeyError, TypeError, ValueError) as error:
        message = f"lacks what the attestation is made of: {printable(str(error))}"
        return [Finding("buildinfo", provenance.BUILDINFO, message)]
    if found == wanted:
        return []
    try:
        parsed = json.loads(found)
    except (ValueError, RecursionError) as error:
        message = f"cannot be read as JSON: {printable(str(error))}"
        return [Finding("json-syntax", provenance.STATEMENT, message)]
    parts = list(descriptor.differences(parsed, json.loads(wanted)))
    if not parts:
        message = "is not written as release writes it"
        return [Finding("attestation", provenance.STATEMENT, message)]
    made = f"{SUMS} and {provenance.BUILDINFO}"
    return [
        Finding(
            "attestation",
            provenance.STATEMENT,
            f"{f'{place} ' if place else ''}{message.replace(datapackage.SOURCE, made)}",
        )
        for place, message in parts[:20]
    ]
