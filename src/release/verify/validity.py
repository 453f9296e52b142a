"""Check a release against its descriptor, by the standard, by source/ and by its own schemas."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import pyarrow as pa

from release.descriptor.model import Descriptor
from release.findings.finding import Finding
from release.findings.message import printable
from release.package.manifest import folder as manifest_folder
from release.package.manifest.model import NAME
from release.records.files.sources import Sources
from release.system.limits import LIMITS, Limits
from release.tables import parquet
from release.verify import descriptor, profile, tables, toolchain
from release.verify.integrity import Contents
from release.verify.inventory import Inventory
from release.verify.report import StepReport, done, not_done

#: The rows that frictionless judges: none, all of a small release and a sample of a large one, or all.
Referee = Literal["none", "sample", "full"]


def steps(contents: Contents, referee: Referee, limits: Limits = LIMITS) -> list[StepReport]:
    """Run the steps validity, equality and parquet, which read each table once together."""
    inventory, folder, manifest = contents.inventory, contents.inventory.folder, contents.manifest
    if manifest is None:
        reason = f"{NAME} cannot be read"
        return [not_done(name, reason) for name in ("validity", *tables.STEPS)]
    typed, problems = descriptor.read_tables(manifest, folder)
    with ThreadPoolExecutor(1) as pool:
        reading = None
        if typed is not None:
            sound = {path for path in inventory.sizes if inventory.is_right(path)}
            parts = {name: each.paths for name, each in manifest.parquet.items()}
            reading = pool.submit(tables.read, folder, typed, parts, sound, limits)
        source, unread_source = descriptor.source(folder)
        found = profile.find_problems(manifest)
        found += descriptor.by_source(manifest, source) if source is not None else []
        located = manifest_folder.locate(folder, found)
        invalid = [*contents.problems, *located, *unread_source, *problems]
    is_declared = not invalid
    if typed is None or reading is None:
        reason = f"{NAME} declares no tables that can be read"
        return [done("validity", invalid), *(not_done(name, reason) for name in tables.STEPS)]
    held = reading.result()
    invalid += [finding for table in held for finding in table.invalid]
    invalid += tables.check_keys(held, typed)
    unread = _unread(held, typed)
    if not held and not invalid:
        return [not_done(name, *unread) for name in ("validity", *tables.STEPS)]
    notes = list(unread)
    if not unread and source is not None and referee != "none" and is_declared:
        findings, note = _judge(source, held, inventory, referee, limits)
        invalid += findings
        notes.append(note)
    else:
        # with a descriptor of strangers it would fetch files from any address in there
        reason = "not all tables can be read" if unread else "the descriptor is not that of source/"
        reason = reason if referee != "none" else "it was not asked to"
        notes.append(f"frictionless did not judge the tables: {reason}")
    step = done("validity", invalid, notes, tables.proves("validity", unread))
    if invalid and invalid == unread_source:
        step = toolchain.refuse("validity", invalid, toolchain.compare(contents.info), ("release",))
    return [step, *tables.steps(held, unread)]


def _unread(held: Sequence[tables.TableCheck], typed: Descriptor) -> list[str]:
    """Return a note for each table that was not read."""
    read = {table.resource.name for table in held}
    names = [resource.name for resource in typed.resources if resource.name not in read]
    return [f"not read, for its files are not those that are listed: {name}" for name in names]


def _judge(
    source: Descriptor,
    held: Sequence[tables.TableCheck],
    inventory: Inventory,
    wanted: Referee,
    limits: Limits,
) -> tuple[list[Finding], str]:
    """Let frictionless judge a release, or a sample of a large one; return its findings, and a note."""
    from release.package import write
    from release.package.referee import judgement

    folder = inventory.folder
    rows = sum(table.rows for table in held)
    if rows <= limits.judged_whole or wanted == "full":
        messages = judgement.judge(folder)
        note = f"frictionless judged {'the one row' if rows == 1 else f'all {rows:,} rows'}"
    else:
        with tempfile.TemporaryDirectory(prefix="release-sample-") as temporary:
            part = _sample(folder, source, held, limits.judged_sample)
            nothing = pa.chunked_array([], pa.string())
            content = write.Content(source, part, Sources.none(), nothing, {})
            write.write_canonical(content, Path(temporary))
            messages = judgement.judge(Path(temporary))
        some = sum(table.num_rows for table in part.values())
        note = f"frictionless judged a sample of {some:,} rows out of {rows:,}, chosen by key"
    return [_finding(each) for each in messages], note


def _finding(message: str) -> Finding:
    path, colon, rest = message.partition(": ")
    if not colon or "/" not in path:
        path, rest = NAME, message
    return Finding("referee", path, f"frictionless: {printable(rest)[:300]}")


def _sample(
    folder: Path, source: Descriptor, held: Sequence[tables.TableCheck], size: int
) -> dict[str, pa.Table]:
    """Return the sample that the referee of the build judged: rows are chosen by their keys, then read."""
    from release.tables.sample import sample_tables

    keys, paths = {}, {}
    for table in held:
        assert table.keys is not None
        rows = pa.array(range(table.rows), pa.int64())
        keys[table.resource.name] = table.keys.append_column("$row", rows)
        paths[table.resource.name] = [folder / path for path in table.table.parquet]
    chosen = sample_tables(keys, source, size)
    return {
        name: parquet.read_rows(paths[name], table["$row"].to_pylist())
        for name, table in chosen.items()
    }
