"""Build the same tables as a good analyst does it today: the peer. It uses nothing of `release`.

python-frontmatter reads the records with libyaml; JSON front matter is read as YAML, of which it is a part.
pandas makes and writes the tables, frictionless validates the package with its keys, and shutil zips it.
The schemas come from the dataset's descriptor; an analyst would keep them in a datapackage.json.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import frictionless
import frontmatter
import pandas as pd
import yaml
from frontmatter.default_handlers import YAMLHandler

Record = dict[str, Any]

EDITION = ["policy_id", "language"]

#: The columns of the policies: key in the records, name in the table.
POLICIES = {
    "policy_id": "policy_id",
    "country": "country",
    "region": "region",
    "year": "year",
    "pubDate": "published",
    "status": "status",
    "category": "category",
    "legalWeight": "legal_weight",
    "scope": "scope",
    "url": "url",
    "source": "source",
}
PROVENANCE = [
    "author",
    "reviewer",
    "last_audit_date",
    "review_status",
    "record_path",
    "record_sha256",
    "record_bytes",
    "record_format",
]


def read_records(root: Path) -> list[Record]:
    """Return the records of the policies, each with path, hash, size and format of its file."""
    handler = YAMLHandler()  # yaml.CSafeLoader, where PyYAML has it
    records = []
    for path in sorted(root.glob("seeds/policies/*/*.md")):
        data = path.read_bytes()
        text = data.decode()
        post = frontmatter.loads(text, handler=handler)
        records.append(
            {
                **post.metadata,
                "policy_id": post["id"],
                "language": path.parent.name,
                "body": post.content,
                "record_path": path.relative_to(root).as_posix(),
                "record_sha256": hashlib.sha256(data).hexdigest(),
                "record_bytes": len(data),
                "record_format": "json" if text[4:].split(maxsplit=1)[1][0] == '"' else "yaml",
            }
        )
    return records


def flatten(records: list[Record]) -> dict[str, pd.DataFrame]:
    """Return the tables of the records by name."""
    frame = pd.DataFrame(records)
    evolution = select_part(records, "evolution")
    return {
        "policies": make_policies(frame),
        "texts": make_texts(frame, select_part(records, "implementationDetails")),
        "scores": make_scores(records),
        "impacts": flatten_mapping(records, "impactAnalysis", "impact"),
        "regulatory": flatten_mapping(records, "regulatory", "pillar"),
        "provenance": make_provenance(frame, select_part(records, "provenance")),
        "tags": explode_with_position(frame, "tags", "tag"),
        "sectors": explode_with_position(frame, "sectors", "sector"),
        "clusters": explode_with_position(evolution, "clusters", "cluster"),
        "relations": make_relations(evolution),
        "facilities": explode_list(frame, "relatedFacilities", "facility_id"),
        "milestones": make_milestones(evolution),
    }


def select_part(records: list[Record], name: str) -> pd.DataFrame:
    """Return a table with the entries of a nested mapping as columns, for the records that have it."""
    rows = [{key: r[key] for key in EDITION} | r[name] for r in records if r.get(name)]
    return pd.DataFrame(rows, columns=None if rows else EDITION)


def drop_missing(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Treat empty text as missing; drop the rows in which all the given columns are missing."""
    frame = frame.replace("", None)
    return frame.dropna(subset=list(columns), how="all") if columns else frame


def make_policies(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row per policy; each value is that of the first edition that has one."""
    table = frame.reindex(columns=[*EDITION, *list(POLICIES)[1:]]).rename(columns=POLICIES)
    return drop_missing(table).sort_values(EDITION).groupby("policy_id", as_index=False).first()


def make_texts(frame: pd.DataFrame, details: pd.DataFrame) -> pd.DataFrame:
    """Return one row of texts per edition."""
    table = frame.reindex(columns=[*EDITION, "title", "description", "interpretation", "body"])
    details = details.reindex(columns=[*EDITION, "authority", "mechanism", "fundingScale"])
    details.columns = pd.Index(
        [
            *EDITION,
            "implementation_authority",
            "implementation_mechanism",
            "implementation_funding_scale",
        ]
    )
    return drop_missing(table.merge(details, on=EDITION, how="left"))


def make_scores(records: list[Record]) -> pd.DataFrame:
    """Return one row per edition and dimension of its analysis."""
    rows = [
        {"policy_id": r["policy_id"], "language": r["language"], "dimension": dimension, **values}
        for r in records
        for dimension, values in (r.get("analysis") or {}).items()
    ]
    table = pd.DataFrame(rows).rename(columns={"auditNote": "audit_note"})
    return drop_missing(table, "score", "label", "evidence", "citation", "audit_note")


def flatten_mapping(records: list[Record], name: str, key: str) -> pd.DataFrame:
    """Return one row per edition and entry of a mapping of texts."""
    rows = [
        (r["policy_id"], r["language"], entry, text)
        for r in records
        for entry, text in (r.get(name) or {}).items()
    ]
    return drop_missing(pd.DataFrame(rows, columns=[*EDITION, key, "text"]), "text")


def make_provenance(frame: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """Return one row per edition with its author, its review and its file."""
    made = made.rename(columns={"lastAuditDate": "last_audit_date"})
    table = frame.rename(columns={"reviewStatus": "review_status"})[[*EDITION, *PROVENANCE[3:]]]
    return drop_missing(table.merge(made, on=EDITION, how="left"))


def explode_list(frame: pd.DataFrame, name: str, column: str) -> pd.DataFrame:
    """Return one row per edition and entry of a list."""
    table = frame.reindex(columns=[*EDITION, name]).rename(columns={name: column})
    return drop_missing(table.explode(column, ignore_index=True), column)


def explode_with_position(frame: pd.DataFrame, name: str, column: str) -> pd.DataFrame:
    """Return one row per edition and entry of a list, with the position in the list, from 0."""
    table = frame.reindex(columns=[*EDITION, name]).rename(columns={name: column})
    table = table.explode(column, ignore_index=True)
    table["position"] = table.groupby(EDITION).cumcount()
    return drop_missing(table, column)


def make_relations(evolution: pd.DataFrame) -> pd.DataFrame:
    """Return one row per edition and related policy."""
    kinds = {
        "supersedes": "supersedes",
        "supersededBy": "superseded_by",
        "consolidatedFrom": "consolidated_from",
        "currentConsolidatedVersion": "current_version",
    }
    return pd.concat(
        explode_list(evolution, name, "target_id").assign(relation=relation)
        for name, relation in kinds.items()
    )


def make_milestones(evolution: pd.DataFrame) -> pd.DataFrame:
    """Return one row per edition and milestone."""
    table = explode_with_position(evolution, "milestones", "milestone")
    inner = pd.DataFrame(table.pop("milestone").tolist(), index=table.index)
    return drop_missing(table.join(inner.reindex(columns=["date", "event"])), "date", "event")


def encode(table: pd.DataFrame, schema: Record, lists: dict[str, dict[str, str]]) -> pd.DataFrame:
    """Replace the labels in a table by their codes; return the table."""
    for field in schema["fields"]:
        if field.get("codes"):
            values = table[field["name"]]
            codes = values.map(lists[field["codes"]])
            if (unknown := values[codes.isna() & values.notna()]).size:
                raise SystemExit(f"{field['name']}: no code for {sorted(set(unknown))}")
            table[field["name"]] = codes
    return table


def read_codes(table: pd.DataFrame) -> dict[str, str]:
    """Return the code of each code, label and alias of a codelist."""
    labels = [column for _, column in table.filter(regex="^(code|label_.*)$").items()]
    spellings = pd.concat([*labels, table["aliases"].str.split("|").explode()]).dropna()
    return dict(zip(spellings, table["code"].reindex(spellings.index), strict=True))


#: Complete, because frictionless guesses any property that is missing, such as the number of header rows.
DIALECT = {
    "header": True,
    "delimiter": ",",
    "lineTerminator": "\n",
    "quoteChar": '"',
    "doubleQuote": True,
    "skipInitialSpace": False,
}

#: The pandas type of each field type.
DTYPES = {"integer": "Int64", "year": "Int64", "date": "date32[pyarrow]", "string": "str"}


def apply_schema(table: pd.DataFrame, schema: Record) -> pd.DataFrame:
    """Return a table with the columns and types of its schema, sorted by primary key."""
    types = {field["name"]: DTYPES[field["type"]] for field in schema["fields"]}
    return table[list(types)].astype(types).sort_values(schema["primaryKey"], ignore_index=True)


def make_public_schema(schema: Record) -> Record:
    """Return a schema of Data Package, with a foreign key for each field that has a codelist."""
    keys = [
        {"fields": [field["name"]], "reference": {"resource": field["codes"], "fields": ["code"]}}
        for field in schema["fields"]
        if "codes" in field
    ]
    return {
        "fields": [
            {key: value for key, value in field.items() if key not in ("from", "codes")}
            for field in schema["fields"]
        ],
        "primaryKey": schema["primaryKey"],
        "foreignKeys": [*schema.get("foreignKeys", []), *keys],
    }


def write_descriptor(out: Path, described: Record, schemas: dict[str, Record]) -> Path:
    """Write the datapackage.json of the tables; return its path."""
    resources = [
        {
            "name": name,
            "path": f"data/{name}.csv",
            "format": "csv",
            "encoding": "utf-8",
            "dialect": DIALECT,
            "schema": make_public_schema(schema),
        }
        for name, schema in schemas.items()
    ]
    path = out / "datapackage.json"
    package = {"name": described["name"], "title": described["title"], "resources": resources}
    path.write_text(json.dumps(package, ensure_ascii=False, indent=2))
    return path


def validate(path: Path) -> None:
    """Check types, constraints, primary and foreign keys with frictionless."""
    report = frictionless.Package(str(path)).validate()
    if not report.valid:
        raise SystemExit(str(report.flatten(["name", "type", "message"])[:3]))


def run(root: Path, out: Path, done: Callable[[str], None], *, validated: bool = True) -> None:
    """Build the release; `done` is called after each stage."""
    (out / "data").mkdir(parents=True)
    described = yaml.load((root / "datapackage.yaml").read_bytes(), yaml.CSafeLoader)
    curated = {
        resource["name"]: pd.read_csv(
            root / resource["path"], dtype=str, keep_default_na=False, na_values=[""]
        )
        for resource in described["resources"]
        if "rows" not in resource
    }
    records = read_records(root)
    done("read")
    tables = flatten(records)
    used = [r for r in described["resources"] if r["name"] in tables or r["name"] in curated]
    schemas = {resource["name"]: resource["schema"] for resource in used}
    lists = {r["name"]: read_codes(curated[r["name"]]) for r in used if "codelist" in r}
    for name, table in tables.items():
        tables[name] = apply_schema(encode(table, schemas[name], lists), schemas[name])
    tables |= curated
    done("tables")
    for name, table in tables.items():
        # otherwise pandas leaves text with a lone CR unquoted, and no reader accepts the line
        path = out / "data" / f"{name}.csv"
        table.to_csv(path, index=False, quoting=csv.QUOTE_NONNUMERIC)
    done("csv")
    for name, table in tables.items():
        table.to_parquet(out / "data" / f"{name}.parquet", index=False, compression="zstd")
    done("parquet")
    path = write_descriptor(out, described, schemas)
    if validated:
        validate(path)
    done("validate")
    shutil.make_archive(str(out.parent / f"{out.name}-package"), "zip", out)
    done("zip")


def main() -> None:
    """Build the release; print the seconds of each stage as JSON."""
    parser = argparse.ArgumentParser(description="Build the tables as an analyst would.")
    parser.add_argument("root", type=Path, help="the folder of the dataset")
    parser.add_argument("out", type=Path, help="the folder to make")
    options = parser.parse_args()
    stages: dict[str, float] = {}
    last = time.perf_counter()

    def done(stage: str) -> None:
        nonlocal last
        now = time.perf_counter()
        stages[stage], last = now - last, now

    run(options.root, options.out, done)
    print(json.dumps({"stages": stages}))


if __name__ == "__main__":
    main()
