"""Read a dataset's own checks in SQL, and the severities that its descriptor gives to rules."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from release.descriptor.model import Check, Resource
from release.descriptor.properties import Properties, describe, suggest
from release.descriptor.vocabulary import PROPERTIES
from release.findings.message import shown
from release.findings.rules import ALWAYS_ERRORS, NAMED_AFTER, RULES, Severity, family

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_ABOUT_TABLES = frozenset("primaryKey uniqueKeys foreignKeys codelist fields".split())

#: Rules about the keys of a table, and about a field that is unique.
_ABOUT_BOTH = frozenset({"look-alike", "near-alike"})


def read_checks(package: Properties, resources: Sequence[Resource]) -> tuple[Check, ...]:
    """Read the checks of the resources, then those of the package, in their order."""
    tables = {resource.name: resource for resource in resources if not resource.is_findings}
    seen: set[str] = set()
    checks: list[Check] = []
    listed = package.value.get("resources")
    for at, resource in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(resource, dict) and "checks" in resource:
            owner = Properties(resource, ("resources", at), package.problems)
            checks += _read_checks(owner, str(resource.get("name", "")), tables, seen)
    return (*checks, *_read_checks(package, "", tables, seen))


def _read_checks(
    owner: Properties, table: str, tables: Mapping[str, Resource], seen: set[str]
) -> Iterator[Check]:
    """Read the checks of the resource `table`, or of the package if `table` is empty."""
    for item in owner.read_mappings("checks"):
        item.note_unknown(*PROPERTIES["check"])
        name = item.read_text("name", "lower-case letters, digits and -, a letter first", _NAME)
        if name:
            _check_name(item, name, seen)
        seen.add(name)
        severity = item.value.get("severity", "error")
        if severity not in ("error", "warning"):
            item.note_unexpected("severity", "error or warning")
        resource = _read_resource(item, table, tables)
        yield Check(
            name,
            item.read_text("query", "a query in SQL"),
            item.read_text("message", "the message for each row that the query selects"),
            severity,
            resource,
            _read_field(item, resource, tables),
            item.key_path,
        )


def _check_name(item: Properties, name: str, seen: Container[str]) -> None:
    if name in seen:
        item.note(f"is {shown(name)} again, expected it once", "name")
    elif name in RULES:
        message = f"is {shown(name)}, which is a rule of every dataset, expected another name"
        item.note(message, "name")
    elif family(name) != name:
        message = f"is {shown(name)}, which is a name for the rule {family(name)} of a field"
        item.note(f"{message}, expected another name", "name")


def _read_resource(item: Properties, table: str, tables: Mapping[str, Resource]) -> str:
    if "resource" not in item:
        return table
    name = item.read_text("resource", "the name of a table")
    if table and name and name != table:
        item.note_unexpected("resource", f"{shown(table)}, as the check is in that resource")
    elif name and name not in tables:
        item.note_unexpected("resource", f"the name of a table{suggest(name, tables)}")
    return name


def _read_field(item: Properties, resource: str, tables: Mapping[str, Resource]) -> str:
    if "field" not in item:
        return ""
    name = item.read_text("field", "the name of a field")
    if not resource:
        item.note_unwanted("field", "the check has no `resource`")
    elif name and resource in tables and name not in tables[resource].field_names:
        expected = f"a field of {resource}{suggest(name, tables[resource].field_names)}"
        item.note_unexpected("field", expected)
    return name


def read_severities(
    package: Properties, resources: Sequence[Resource], checks: Sequence[Check]
) -> Mapping[str, Severity]:
    """Read the severities that a package gives to rules instead of their own."""
    severities = package.read_mapping("severity")
    for rule, severity in severities.value.items():
        if reason := severity_problem(rule, severity, resources, checks):
            severities.note(reason, rule, at_key=severity in ("error", "warning"))
    return severities.value


def is_lowered(rule: str, severities: Mapping[str, Severity]) -> bool:
    """Return True if severities make a rule a warning, by its own name or that of its family."""
    return severities.get(rule, severities.get(family(rule))) == "warning"


def severity_problem(
    rule: str, severity: object, resources: Iterable[Resource], checks: Iterable[Check]
) -> str | None:
    """Explain why a rule cannot have a severity; None if it can."""
    if severity not in ("error", "warning"):
        return f"is {describe(severity)}, expected error or warning"
    own = {check.name for check in checks}
    known = {*RULES, *own, *rules_of(resources)}
    if rule not in known:
        return f"is no rule, expected the name of one{suggest(rule, sorted(known))}"
    if severity == "warning" and rule == "no-records":
        return "cannot be a warning; give a kind that may have no records `mayBeEmpty: true`"
    if severity == "warning" and rule not in own and family(rule) in ALWAYS_ERRORS:
        return (
            "cannot be a warning, as the release would break its own schema; "
            "change the record or the schema"
        )
    return None


def rules_of(resources: Iterable[Resource]) -> Iterator[str]:
    """Yield the names of the rules about each field and each table: `FIELD-RULE`, `TABLE-RULE`."""
    for resource in resources:
        for rule in _ABOUT_TABLES | _ABOUT_BOTH:
            yield f"{resource.name}-{rule}"
        for name in resource.field_names:
            yield from (f"{name}-{rule}" for rule in NAMED_AFTER - _ABOUT_TABLES)
