"""The rows of a table for pandas, Polars, Arrow and DuckDB: no value becomes another one."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from release.findings.errors import UsageError
from release.findings.message import list_choices, shown
from release.package.manifest.resources import ManifestField, ManifestResource
from release.syntax.types.value_type import SHORT_DIGITS

#: The libraries that a table is loaded for.
Engine = Literal["pandas", "polars", "arrow", "duckdb"]

#: How each library is installed, and the name that it is imported by.
_LIBRARIES: Mapping[str, tuple[str, str]] = {
    "pandas": ("pandas", "pip install pandas"),
    "polars": ("polars", "pip install 'records-release[polars]'"),
    "arrow": ("pyarrow", "pip install pyarrow"),
    "duckdb": ("duckdb", "pip install duckdb"),
}


def expect_engine(engine: str) -> None:
    """Raise an error that says what to do if an engine is unknown, or not installed.

    Raises:
        UsageError: It is.
    """
    if engine not in _LIBRARIES:
        choices = list_choices([repr(each) for each in _LIBRARIES])
        raise UsageError(f"engine is {shown(engine)}, expected {choices}")
    library, command = _LIBRARIES[engine]
    try:
        importlib.import_module(library)
    except ImportError as error:
        message = f"release.load needs {library}, which is not installed: {command}"
        raise UsageError(message) from error


def convert(table: pa.Table, engine: str, resources: Mapping[str, ManifestResource]) -> Any:
    """Return rows for an engine that is installed.

    Args:
        table: The rows.
        engine: The engine.
        resources: For columns by their names, the table in the manifest that they are of.

    Raises:
        UsageError: The engine would change values of a column.
    """
    fields = _fields(table, resources)
    return _CONVERSIONS[engine](table, fields)


def _fields(table: pa.Table, resources: Mapping[str, ManifestResource]) -> dict[str, ManifestField]:
    """Return the fields in the manifest of those columns that have one."""
    found = {}
    for name in table.column_names:
        resource = resources.get(name)
        for field in resource.schema.fields if resource and resource.schema else ():
            if field.name == name:
                found[name] = field
    return found


def _to_pandas(table: pa.Table, fields: Mapping[str, ManifestField]) -> Any:
    """Return a frame of pandas: nullable dtypes, `datetime.date`, `Decimal`, and categories of the schema."""
    import pandas as pd

    dtypes = {
        pa.int64(): pd.Int64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
        pa.string(): pd.StringDtype(na_value=pd.NA),
        pa.float64(): pd.Float64Dtype(),
    }
    frame = table.to_pandas(types_mapper=dtypes.get, ignore_metadata=True, date_as_object=True)
    for name, field in fields.items():
        if _has_only_categories(table[name], field):
            categories = pd.Index(field.categories, dtype=frame[name].dtype)
            is_ordered = field.properties.get("categoriesOrdered") is True
            frame[name] = frame[name].astype(pd.CategoricalDtype(categories, is_ordered))
    return frame


def _to_polars(table: pa.Table, fields: Mapping[str, ManifestField]) -> Any:
    """Return a frame of Polars; texts that have categories in the schema are an `Enum`."""
    import polars as pl

    _refuse_long_decimals(table, "polars")
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame), "a table becomes a frame"
    kinds = {
        name: pl.Enum(field.categories)
        for name, field in fields.items()
        if field.type == "string" and _has_only_categories(table[name], field)
    }
    return frame.with_columns(pl.col(name).cast(kind) for name, kind in kinds.items())


def _to_arrow(table: pa.Table, fields: Mapping[str, ManifestField]) -> Any:
    """Return the table of Arrow as it is."""
    del fields  # Arrow's dictionaries hold values that a column has, not those that it may have
    return table


def _to_duckdb(table: pa.Table, fields: Mapping[str, ManifestField]) -> Any:
    """Return a relation of DuckDB, in the connection that `duckdb.sql` uses."""
    import duckdb

    del fields  # an ENUM has no name of its own there, and is compared as the text that it is
    _refuse_long_decimals(table, "duckdb")
    return duckdb.from_arrow(table)


_CONVERSIONS: Mapping[str, Callable[[pa.Table, Mapping[str, ManifestField]], Any]] = {
    "pandas": _to_pandas,
    "polars": _to_polars,
    "arrow": _to_arrow,
    "duckdb": _to_duckdb,
}


def _has_only_categories(column: pa.ChunkedArray, field: ManifestField) -> bool:
    """Return whether a column has categories, and no value besides them, which would be lost."""
    if not field.categories:
        return False
    values = pa.array(field.categories, column.type)
    return bool(pc.all(pc.is_in(column.drop_null(), value_set=values), min_count=0).as_py())


def _refuse_long_decimals(table: pa.Table, engine: str) -> None:
    """Raise an error if a column has decimals of more digits than an engine has.

    Raises:
        UsageError: One does.
    """
    for field in table.schema:
        if pa.types.is_decimal(field.type) and field.type.precision > SHORT_DIGITS:
            message = f"{field.name} has decimals of {field.type.precision} digits, and {engine}"
            expected = "expected engine='pandas' or engine='arrow'"
            raise UsageError(f"{message} has at most {SHORT_DIGITS}; {expected}")
