"""The rules that findings name, each with its default severity and its meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

#: An error forbids a release, a warning is a doubt, and a note says what was asked for.
Severity = Literal["error", "warning", "note"]

#: The severities, the gravest first.
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")

#: The default severity of a rule, and its meaning in one sentence.
Rule = tuple[Severity, str]

#: The rules of every dataset, by name. A rule about a field is named `<field>-<rule>` in a finding
#: (`score-type`); a descriptor may set its severity by either name.
RULES: Mapping[str, Rule] = {
    # the file
    "not-a-file": ("error", "A file is a regular one; no link leads out of the dataset."),
    "file-empty": ("error", "A record is not empty."),
    "file-too-large": (
        "error",
        "A record has at most 16 MiB, a file of several or beside them 256 MiB.",
    ),
    "file-unreadable": ("error", "A record can be read."),
    "file-unmatched": ("warning", "Every file in a folder of records belongs to a kind."),
    "left-out": ("note", "What the descriptor or a patch leaves out is named, with its reason."),
    "patch": ("error", "A patch finds its record, and in it the value that it expects."),
    "patched": ("note", "A value that a patch changes is named, with the reason."),
    "no-records": ("error", "A kind has records, unless it has `mayBeEmpty: true`."),
    "path-capture": ("error", "A file has a path that any system can keep, and no other has it."),
    "path-portable": ("error", "A file's path can be kept on Windows, too."),
    "not-utf-8": ("error", "A record is text in UTF-8."),
    "byte-order-mark": ("error", "A record begins without a byte-order mark."),
    "control-character": ("error", "Text holds no control characters but tab and line ends."),
    "line-ends": ("warning", "The lines of a record end in LF."),
    # the front matter
    "fence-missing": ("error", "A record begins with front matter."),
    "fence-not-closed": ("error", "Front matter ends with the line that closes it."),
    "front-matter-syntax": ("error", "Front matter is well-formed YAML, JSON or TOML."),
    "front-matter-mapping": ("error", "Front matter is a mapping."),
    "csv-syntax": ("error", "A row of CSV has a value for each column, and each column a name."),
    "records-path": ("error", "A file has records where `records` of its kind says."),
    "text-after-hash": ("warning", "No text stands where YAML sees a comment: behind ` #`."),
    "duplicate-key": ("error", "A key stands once in a mapping."),
    "key-not-text": ("error", "A key is text."),
    "anchor": ("error", "Front matter has no YAML anchors and aliases: write the value out."),
    "tag": ("error", "Front matter has no YAML tags: the schema says what a value is."),
    "not-a-number": ("error", "NaN and the infinities are no values."),
    "lone-surrogate": ("error", "Text is Unicode, without half of a surrogate pair."),
    "too-deep": ("error", "Front matter nests at most 64 levels deep."),
    # the record
    "unmapped-path": ("error", "Every leaf of a record is mapped or ignored with a reason."),
    "capture-disagrees": ("error", "A name in the path and in the record are the same."),
    "quote-not-found": ("error", "A quote stands in its source, character for character."),
    "editions-disagree": ("warning", "The editions of a record say the same."),
    "edition-only": ("warning", "What one edition has, the others have too."),
    "label-language": ("warning", "A label is in the language of its record."),
    # a field: named <field>-<rule>
    "type": ("error", "A value has its field's type."),
    "code": ("error", "A value is a code, label or alias of its field's codelist."),
    "required": ("error", "A required value is there."),
    "unique": ("error", "A unique value stands once in its column."),
    "minLength": ("error", "Text has at least this many characters."),
    "maxLength": ("error", "Text has at most this many characters."),
    "minimum": ("error", "A value is at least this."),
    "maximum": ("error", "A value is at most this."),
    "exclusiveMinimum": ("error", "A value is more than this."),
    "exclusiveMaximum": ("error", "A value is less than this."),
    "pattern": ("error", "Text matches the pattern as a whole."),
    "enum": ("error", "A value is one of those listed."),
    "categories": ("error", "A value is one of the field's categories."),
    "look-alike": ("error", "No two values of a key look the same."),
    "near-alike": ("warning", "Two values of a key differ in more than case or similar signs."),
    "replacement-character": ("error", "Text has no U+FFFD, which stands for a lost character."),
    "mojibake": ("warning", "Text was decoded with the encoding that it was written in."),
    "hidden-character": ("warning", "Text has no character that nobody sees."),
    "blank-ends": ("warning", "Text begins and ends with something that is seen."),
    # the tables; a rule about one is named <table>-<rule>
    "no-rows": ("error", "A table that is no codelist has a row."),
    "cell-size": ("warning", "A value or row is not longer than common readers of CSV take."),
    "primaryKey": ("error", "A primary key is there and stands once in its table."),
    "uniqueKeys": ("error", "The values of a unique key stand once in their table."),
    "foreignKeys": ("error", "What a foreign key refers to is there."),
    "codelist": ("error", "A text leads to one code of a codelist."),
    "fields": ("error", "A table has the fields of its schema, in their order."),
}

#: The rules of every release and store, by name. None of them can be lowered or raised. What breaks a rule of
#: RULES in a release is found under the name that it has there: `score-type`, `file-unreadable`.
RELEASE_RULES: Mapping[str, Rule] = {
    "limit": ("error", "What others made is read within the limits of a command."),
    # the files
    "file-missing": ("error", "Every file that a release lists or needs is there."),
    "file-changed": ("error", "A file has the SHA-256 that `SHA256SUMS` lists."),
    "file-extra": ("error", "Every file is listed; one in `data/` belongs to a resource."),
    "line-ends-rewritten": ("error", "A file has the line ends that it was released with."),
    "desktop-file": ("warning", "No file of a desktop, such as `.DS_Store`, is in a release."),
    "folder-empty": ("error", "A release has no empty folder."),
    "checksums-syntax": ("error", "`SHA256SUMS` has a line for each file, sorted by path."),
    "json-syntax": ("error", "A JSON file is one mapping, with no key twice and no NaN."),
    "resource-bytes": ("error", "`bytes` of a resource is the size of its files."),
    "resource-hash": ("error", "`hash` of a resource is the SHA-256 of its files."),
    "archive-unsafe": ("error", "A zip is whole and can be unpacked without harm."),
    "archive-members": ("error", "The zip holds the files of the release and no others."),
    "archive-bytes": ("error", "The zip is packed as `release` packs it, byte for byte."),
    "page-tables": ("error", "The tables in `index.html` are the files beside it."),
    "download": ("error", "What a URL serves is a file of the size that is allowed."),
    "buildinfo": ("error", "`buildinfo.json` describes the files that are there."),
    "attestation": ("error", "`provenance.intoto.json` follows from the other files."),
    # what the release says of itself
    "manifest-property": ("error", "`datapackage.json` has the properties that a release needs."),
    "manifest-path": ("error", "A path in `datapackage.json` leads to a file in the release."),
    "manifest-names": ("error", "A resource, and a field of a table, has a name of its own."),
    "manifest-profile": ("error", "`datapackage.json` follows the profiles of Data Package v2."),
    "manifest-tables": ("error", "`datapackage.json` declares tables as a descriptor does."),
    "manifest-source": ("error", "`datapackage.json` is what `source/` publishes."),
    "descriptor": ("error", "The descriptor in `source/` can be used."),
    # the tables
    "row-order": ("error", "Rows are sorted by their primary key."),
    "referee": ("error", "frictionless finds nothing wrong with the tables."),
    "parquet-unreadable": ("error", "A Parquet file can be read."),
    "parquet-schema": ("error", "A Parquet file has the columns and types of its schema."),
    "parquet-rows": ("error", "A Parquet file has as many rows as it says."),
    "parquet-parts": ("error", "Each part but the last has as many rows as the first."),
    "parquet-values": ("error", "The Parquet of a table, written as CSV, is its CSV."),
    "parquet-claims": ("error", "What a Parquet file says of its rows is true."),
    "parquet-bytes": ("error", "A Parquet file is what its rows make, byte for byte."),
    # the rebuild and the signature
    "rebuild-failed": ("error", "The release can be built from `source/`."),
    "rebuild-differs": ("error", "A file is what `source/` makes."),
    "history": ("error", "The changelog and the changes are those since the last version."),
    "signature-syntax": ("error", "A signature is written as ssh-keygen writes it."),
    "signature-refused": ("error", "A trusted key signed `SHA256SUMS`."),
    # the store
    "index-missing": ("error", "A store with versions has an index."),
    "index-syntax": ("error", "The index of a store can be read."),
    "index-gone": ("error", "Every version that the index lists is there and whole."),
    "index-unlisted": ("error", "The index lists every version that is there."),
    "index-entry": ("error", "The index says of a version what its folder holds."),
    "index-stale": ("error", "The files of the index are what its entries make."),
    "version-broken": ("error", "A version is a whole release, named as its folder."),
    "withdrawal-syntax": ("error", "A withdrawal names its version and the reason."),
    "withdrawal-stray": ("error", "A withdrawal stands beside its version."),
}

#: The rules that are named after a field or a table: `score-type`, `scores-primaryKey`.
NAMED_AFTER = frozenset(
    "type code required unique minLength maxLength minimum maximum exclusiveMinimum "
    "exclusiveMaximum pattern enum categories primaryKey uniqueKeys foreignKeys fields codelist "
    "look-alike near-alike replacement-character mojibake hidden-character blank-ends".split()
)

#: Rules of files that cannot be read, so that no value in them is known.
UNREAD = frozenset(
    "file-empty file-too-large file-unreadable not-a-file not-utf-8 byte-order-mark fence-missing "
    "fence-not-closed front-matter-syntax front-matter-mapping key-not-text anchor tag not-a-number "
    "lone-surrogate too-deep".split()
)

#: Rules whose findings mostly have one right answer, which `release fix` puts in its place.
MENDABLE = frozenset(
    "blank-ends hidden-character label-language text-after-hash line-ends byte-order-mark".split()
)

#: Rules that cannot be lowered: a release that breaks one is not what its own descriptor says.
ALWAYS_ERRORS = frozenset(
    "required unique minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum "
    "pattern enum categories primaryKey uniqueKeys foreignKeys fields codelist "
    "patch not-a-file file-empty file-too-large file-unreadable path-capture path-portable not-utf-8 "
    "byte-order-mark fence-missing fence-not-closed front-matter-syntax front-matter-mapping csv-syntax "
    "records-path duplicate-key "
    "key-not-text anchor tag not-a-number lone-surrogate too-deep no-records no-rows".split()
)

#: Rules that hold several records against each other: one may be broken where another record has changed.
OVER_RECORDS = frozenset(
    "primaryKey uniqueKeys unique foreignKeys look-alike near-alike codelist path-capture patch no-records "
    "no-rows quote-not-found".split()
)

#: Rules that hold the editions of one record against each other.
ABOUT_EDITIONS = frozenset({"editions-disagree", "edition-only"})

#: Rules about files that are no part of a release, so that its table of findings leaves them out.
OUTSIDE = frozenset({"file-unmatched", "left-out"})


def family(rule: str) -> str:
    """Return the general rule of one that is named after a field or table: `type` for `score-type`."""
    if rule in RULES:
        return rule
    return next((name for name in NAMED_AFTER if rule.endswith(f"-{name}")), rule)
