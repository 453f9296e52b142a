"""`release schema`: what editors need to complete and check the descriptor and the records."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from release.cli.options import add_descriptor
from release.cli.terminal import DONE, say
from release.findings.errors import UsageError
from release.findings.message import printable

if TYPE_CHECKING:
    from release.editors.kinds import SchemaFile


def add_schema(commands: Any) -> None:
    """Add `schema`."""
    parser = commands.add_parser(
        "schema",
        help="write JSON Schemas with which editors complete and check records",
        description="Write JSON Schemas of the descriptor and of each kind of record, with which editors "
        "complete and check them.",
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="the kinds of records; datapackage.yaml for the descriptor (default: all)",
    )
    add_descriptor(parser)
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="the folder for the schemas (default: .schemas beside the descriptor)",
    )
    parser.add_argument(
        "--stdout",
        action="store_true",
        help="print the one schema that is named, and write nothing",
    )
    parser.add_argument(
        "--cms",
        action="store_true",
        help="write config.yml for Sveltia CMS or Decap CMS instead, with forms for records",
    )
    parser.set_defaults(run=_schema)


def _schema(options: argparse.Namespace) -> int:
    from release.editors import schema_files

    folder = options.out or options.descriptor.parent / ".schemas"
    if options.cms:
        return _write_cms(options, folder)
    schemas = schema_files.make(options.descriptor, options.names)
    if options.stdout:
        if len(schemas) > 1:
            names = ", ".join(each.name for each in schemas)
            raise UsageError(f"--stdout prints one schema, expected the name of one of {names}")
        say(schema_files.write_json(schemas[0].schema).rstrip())
        return DONE
    _write(schemas, folder)
    return DONE


def _write_cms(options: argparse.Namespace, folder: Path) -> int:
    """Write the configuration of a CMS, or print it."""
    from release.editors import schema_files
    from release.system import durable

    if options.names:
        raise UsageError("--cms writes forms for all kinds, expected no names beside it")
    text = schema_files.make_cms(options.descriptor)
    if options.stdout:
        say(text.rstrip())
        return DONE
    folder.mkdir(parents=True, exist_ok=True)
    durable.write(folder / "config.yml", text.encode())
    say(f"wrote {printable(str(folder / 'config.yml'))}")
    return DONE


def _write(schemas: list[SchemaFile], folder: Path) -> None:
    """Write the schemas into a folder, and say which files each is for."""
    from release.editors import schema_files
    from release.system import durable

    folder.mkdir(parents=True, exist_ok=True)
    for each in schemas:
        path = folder / f"{each.name}.schema.json"
        durable.write(path, schema_files.write_json(each.schema).encode())
        say(f"wrote {printable(str(path))}, for {printable(', '.join(each.patterns))}")
