"""The peer: the script that a good analyst writes for these tables today. It uses nothing of `release`.

python-frontmatter reads the records (with libyaml; front matter in JSON is read as the YAML that it also
is), pandas makes and writes the tables, frictionless validates the package with its keys, and shutil zips
it. The schemas are those of the dataset's descriptor, where the analyst would keep a datapackage.json.
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

#: What the tables are called in the records.
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


def read(root: Path) -> list[Record]:
    """Every record of the policies with what is known of its file."""
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
    """The records as one table for each thing that a record may have several of."""
    frame = pd.DataFrame(records)
    evolution = part(records, "evolution")
    return {
        "policies": policies(frame),
        "texts": texts(frame, part(records, "implementationDetails")),
        "scores": scores(records),
        "impacts": entries(records, "impactAnalysis", "impact"),
        "regulatory": entries(records, "regulatory", "pillar"),
        "provenance": provenance(frame, part(records, "provenance")),
        "tags": positions(frame, "tags", "tag"),
        "sectors": positions(frame, "sectors", "sector"),
        "clusters": positions(evolution, "clusters", "cluster"),
        "relations": relations(evolution),
        "facilities": exploded(frame, "relatedFacilities", "facility_id"),
        "milestones": milestones(evolution),
    }


def part(records: list[Record], name: str) -> pd.DataFrame:
    """One nested mapping of each record that has it, as columns."""
    rows = [{key: r[key] for key in EDITION} | r[name] for r in records if r.get(name)]
    return pd.DataFrame(rows, columns=None if rows else EDITION)


def missing(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Empty text as missing; of rows that have nothing else than their key, none."""
    frame = frame.replace("", None)
    return frame.dropna(subset=list(columns), how="all") if columns else frame


def policies(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per policy: of each column the first edition's value, the next one's where it has none."""
    table = frame.reindex(columns=[*EDITION, *list(POLICIES)[1:]]).rename(columns=POLICIES)
    return missing(table).sort_values(EDITION).groupby("policy_id", as_index=False).first()


def texts(frame: pd.DataFrame, details: pd.DataFrame) -> pd.DataFrame:
    """The texts of an edition."""
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
    return missing(table.merge(details, on=EDITION, how="left"))


def scores(records: list[Record]) -> pd.DataFrame:
    """One row for each dimension of an edition's analysis."""
    rows = [
        {"policy_id": r["policy_id"], "language": r["language"], "dimension": dimension, **values}
        for r in records
        for dimension, values in (r.get("analysis") or {}).items()
    ]
    table = pd.DataFrame(rows).rename(columns={"auditNote": "audit_note"})
    return missing(table, "score", "label", "evidence", "citation", "audit_note")


def entries(records: list[Record], name: str, key: str) -> pd.DataFrame:
    """One row for each entry of a mapping of texts."""
    rows = [
        (r["policy_id"], r["language"], entry, text)
        for r in records
        for entry, text in (r.get(name) or {}).items()
    ]
    return missing(pd.DataFrame(rows, columns=[*EDITION, key, "text"]), "text")


def provenance(frame: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """Who made an edition, and from which file it comes."""
    made = made.rename(columns={"lastAuditDate": "last_audit_date"})
    table = frame.rename(columns={"reviewStatus": "review_status"})[[*EDITION, *PROVENANCE[3:]]]
    return missing(table.merge(made, on=EDITION, how="left"))


def exploded(frame: pd.DataFrame, name: str, column: str) -> pd.DataFrame:
    """One row for each entry of a list."""
    table = frame.reindex(columns=[*EDITION, name]).rename(columns={name: column})
    return missing(table.explode(column, ignore_index=True), column)


def positions(frame: pd.DataFrame, name: str, column: str) -> pd.DataFrame:
    """The same with the place in the list."""
    table = frame.reindex(columns=[*EDITION, name]).rename(columns={name: column})
    table = table.explode(column, ignore_index=True)
    table["position"] = table.groupby(EDITION).cumcount()
    return missing(table, column)


def relations(evolution: pd.DataFrame) -> pd.DataFrame:
    """One row for each policy that an edition names as related."""
    kinds = {
        "supersedes": "supersedes",
        "supersededBy": "superseded_by",
        "consolidatedFrom": "consolidated_from",
        "currentConsolidatedVersion": "current_version",
    }
    return pd.concat(
        exploded(evolution, name, "target_id").assign(relation=relation)
        for name, relation in kinds.items()
    )


def milestones(evolution: pd.DataFrame) -> pd.DataFrame:
    """One row for each milestone."""
    table = positions(evolution, "milestones", "milestone")
    inner = pd.DataFrame(table.pop("milestone").tolist(), index=table.index)
    return missing(table.join(inner.reindex(columns=["date", "event"])), "date", "event")


def coded(table: pd.DataFrame, schema: Record, lists: dict[str, dict[str, str]]) -> pd.DataFrame:
    """The table with codes in place of the labels met in records."""
    for field in schema["fields"]:
        if field.get("codes"):
            values = table[field["name"]]
            codes = values.map(lists[field["codes"]])
            if (unknown := values[codes.isna() & values.notna()]).size:
                raise SystemExit(f"{field['name']}: no code for {sorted(set(unknown))}")
            table[field["name"]] = codes
    return table


def codelist(table: pd.DataFrame) -> dict[str, str]:
    """The code of each text that stands for one."""
    labels = [column for _, column in table.filter(regex="^(code|label_.*)$").items()]
    spellings = pd.concat([*labels, table["aliases"].str.split("|").explode()]).dropna()
    return dict(zip(spellings, table["code"].reindex(spellings.index), strict=True))


#: In full: frictionless guesses what is left out, and takes a body's first lines for the header.
DIALECT = {
    "header": True,
    "delimiter": ",",
    "lineTerminator": "\n",
    "quoteChar": '"',
    "doubleQuote": True,
    "skipInitialSpace": False,
}

DTYPES = {"integer": "Int64", "year": "Int64", "date": "date32[pyarrow]", "string": "str"}


def finished(table: pd.DataFrame, schema: Record) -> pd.DataFrame:
    """The table as its schema has it: columns, types, and the order of its key."""
    types = {field["name"]: DTYPES[field["type"]] for field in schema["fields"]}
    return table[list(types)].astype(types).sort_values(schema["primaryKey"], ignore_index=True)


def public(schema: Record) -> Record:
    """A schema as Data Package has it, with a foreign key for each field of codes."""
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
    """Write the datapackage.json of the tables."""
    resources = [
        {
            "name": name,
            "path": f"data/{name}.csv",
            "format": "csv",
            "encoding": "utf-8",
            "dialect": DIALECT,
            "schema": public(schema),
        }
        for name, schema in schemas.items()
    ]
    path = out / "datapackage.json"
    package = {"name": described["name"], "title": described["title"], "resources": resources}
    path.write_text(json.dumps(package, ensure_ascii=False, indent=2))
    return path


def validate(path: Path) -> None:
    """Have frictionless check types, constraints, primary and foreign keys."""
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
    records = read(root)
    done("read")
    tables = flatten(records)
    used = [r for r in described["resources"] if r["name"] in tables or r["name"] in curated]
    schemas = {resource["name"]: resource["schema"] for resource in used}
    lists = {r["name"]: codelist(curated[r["name"]]) for r in used if "codelist" in r}
    for name, table in tables.items():
        tables[name] = finished(coded(table, schemas[name], lists), schemas[name])
    tables |= curated
    done("tables")
    for name, table in tables.items():
        # pandas leaves text with a lone CR unquoted otherwise, and no reader takes the line
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
    """Build the release and print the seconds of each stage as JSON."""
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
