"""A release that was opened: its tables, their relations, and what it says of itself."""

from __future__ import annotations

import io
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from release.access import columns, engines, files, relations
from release.access.files import ReleaseFiles
from release.access.relations import Relation
from release.findings.errors import UsageError
from release.findings.finding import Finding, FindingsError
from release.package.manifest import folder as manifest_folder
from release.package.manifest import tables
from release.package.manifest.model import Manifest
from release.package.manifest.resources import ManifestResource
from release.package.metadata.facts import cited_as
from release.system.folders import Folder

#: The key of the table in which a release publishes what its build noticed.
_FINDINGS = {"rule", "path", "line", "column", "field"}


class UnknownTableError(UsageError, KeyError):
    """A table that a release does not have."""

    def __str__(self) -> str:
        """Return the message, which `KeyError` would put in quotes."""
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Loading:
    """The way in which tables are loaded: the arguments of `release.load`."""

    engine: str = "pandas"
    labels: str | None = None
    checksums: bool = True
    compare_csv: bool = False


class TableMapping(Mapping[str, Any]):
    """The tables of a release by name, each loaded when it is first asked for.

    `tables["scores"]` and `tables.scores` are the same; a notebook completes both.
    """

    def __init__(self, reader: ReleaseReader) -> None:
        self._reader = reader
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """Return a table; the errors are those of `release.load`."""
        if name not in self._loaded:
            self._loaded[name] = self._reader.load(name)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, in the order of the manifest."""
        return iter(self._reader.names)

    def __len__(self) -> int:
        """Return the number of tables."""
        return len(self._reader.names)

    def __contains__(self, name: object) -> bool:
        """Return whether there is such a table, which is not loaded for that."""
        return name in self._reader.names

    def __getattr__(self, name: str) -> Any:
        """Return a table whose name is a word of Python."""
        if name.startswith("_") or name not in self:
            raise AttributeError(f"there is no table {name!r}")
        return self[name]

    def __dir__(self) -> list[str]:
        """Return what a notebook completes behind a dot."""
        return [*super().__dir__(), *(name for name in self if name.isidentifier())]

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def __repr__(self) -> str:
        """Return the names of the tables."""
        return f"<tables {', '.join(self)}>"


class ReleaseReader:
    """A release that was opened, of which nothing but the manifest is read before it is asked for."""

    def __init__(self, release_files: ReleaseFiles, manifest: Manifest, loading: Loading) -> None:
        self._files, self._manifest, self._loading = release_files, manifest, loading
        self._found = tables.find(Path(), manifest)
        self.name, self.version = manifest.name, manifest.version
        self.names = tuple(self._found)
        self.tables = TableMapping(self)
        self.relations: Sequence[Relation] = tuple(relations.find_relations(manifest))
        self._language = self._find_language(loading.labels)

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The datapackage.json of the release, with everything that stands there."""
        return self._manifest.properties

    @property
    def citation(self) -> str:
        """The words by which the release is cited."""
        return cited_as(self._manifest)

    @property
    def findings(self) -> Any:
        """The table of what the build noticed and did not mend; None if the release publishes none."""
        for name in self.names:
            schema = self._manifest.tables[name].schema
            if schema is not None and set(schema.primary_key) == _FINDINGS:
                return self.tables[name]
        return None

    def load(self, name: str) -> Any:
        """Return one table; the errors are those of `release.load`."""
        table = self._read(name)
        fields = dict.fromkeys(table.column_names, self._manifest.tables[name])
        return engines.convert(table, self._loading.engine, fields)

    def joined(self, *names: str, on: Mapping[str, str | Sequence[str]] | None = None) -> Any:
        """Return tables as one, joined to the first of them along the foreign keys between them.

        Each row of the first table is kept, in order, as often as the others have rows for it.

        Args:
            names: The tables.
            on: The fields of the foreign key by which a table is joined, by table, where there are several.

        Raises:
            UsageError: There is no such table, no way between two tables, or more than one.
        """
        if not names or len(set(names)) < len(names):
            raise UsageError("joined needs names of tables, each once")
        for name in (*names, *(on or ())):
            self._expect(name)
        chosen = {
            name: (fields,) if isinstance(fields, str) else fields
            for name, fields in (on or {}).items()
        }
        steps = relations.plan(names, self.relations, chosen)
        table = columns.join(names, {name: self._read(name) for name in names}, steps)
        return engines.convert(table, self._loading.engine, {})

    def __repr__(self) -> str:
        """Return name, version and tables."""
        return f"<release {self.name} {self.version}: {', '.join(self.names)}>"

    def _find_language(self, language: str | None) -> str | None:
        """Return the language of labels as the manifest has it.

        Raises:
            UsageError: No codelist has labels in it.
        """
        if language is None:
            return None
        known = columns.languages(self._manifest.tables)
        if language.lower() not in known:
            there = f"there are {', '.join(known)}" if known else "there are none"
            raise UsageError(f"labels is {language!r}, in which no codelist has labels; {there}")
        return language.lower()

    def _expect(self, name: str) -> None:
        """Raise an error if there is no such table.

        Raises:
            UnknownTableError: There is none.
        """
        if name not in self._found:
            names = ", ".join(self.names)
            raise UnknownTableError(f"{self._files.where} has no table {name!r}; it has {names}")

    def _read(self, name: str) -> pa.Table:
        """Return the rows of a table, with labels if they are asked for."""
        self._expect(name)
        resource, held = self._manifest.tables[name], self._manifest.tables
        lists = columns.codelists(resource, held) & set(self.names) if self._language else set()
        with self._files.bring(self._paths({name, *lists})) as folder:
            table = _read_rows(folder, self._manifest, name, self._loading)
            if self._language is None:
                return table

            def read(codelist: str) -> pa.Table:
                return _read_rows(folder, self._manifest, codelist, self._loading)

            return columns.add_labels(table, resource, self._language, held, read)

    def _paths(self, names: set[str]) -> list[str]:
        """Return the paths of the files that loading tables needs."""
        resources = [self._manifest.parquet[name] for name in sorted(names)]
        if self._loading.compare_csv:
            resources += [self._manifest.tables[name] for name in sorted(names)]
        return [path for each in resources for path in each.paths]


def open_release(source: str, version: str, loading: Loading) -> ReleaseReader:
    """Return the release at a place, of which the manifest is read; see `release.open`."""
    engines.expect_engine(loading.engine)
    temporary = Path(tempfile.mkdtemp(prefix="release-opened-"))
    try:
        found = files.find(source, version, temporary)
        reader = ReleaseReader(found, files.read_manifest(found, version), loading)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    weakref.finalize(reader, shutil.rmtree, temporary, ignore_errors=True)
    return reader


def _read_rows(folder: Path, manifest: Manifest, name: str, loading: Loading) -> pa.Table:
    """Return the rows of a table in a folder, held against the manifest.

    Raises:
        FindingsError: A file is not the one that the manifest describes, or cannot be read.
    """
    if loading.compare_csv:
        tables.hold_table(folder, manifest, name)
    resource = manifest.parquet[name]
    try:
        if loading.checksums:
            parts = manifest_folder.read_resource(folder, resource)
        else:
            parts = [Folder.at(folder).read(path) for path in resource.paths]
        rows = tables.check_contents(tables.find(folder, manifest)[name], parts)
        found = pa.concat_tables([pq.read_table(io.BytesIO(part)) for part in parts])
    except (OSError, ValueError) as error:
        message = f"cannot be read as Parquet: {' '.join(str(error).split())[:300]}"
        raise _unusable(folder, resource, "parquet-unreadable", message) from error
    if found.num_rows != rows:
        message = f"says that it has {rows} rows, and has {found.num_rows}"
        raise _unusable(folder, resource, "parquet-rows", message)
    return found.replace_schema_metadata(None)


def _unusable(folder: Path, resource: ManifestResource, rule: str, message: str) -> FindingsError:
    """Return the error of a table whose Parquet cannot be used."""
    path = resource.paths[0]
    return FindingsError([Finding(rule, path, message, file=f"{folder}/{path}")])
