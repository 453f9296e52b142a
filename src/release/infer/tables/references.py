"""Find foreign keys: fields whose values are all keys of another table."""

from __future__ import annotations

from collections.abc import Mapping

from release.infer.model import Draft, FieldDraft, KindDraft, ReferenceDraft, TableDraft
from release.infer.names import plural, singular
from release.infer.tables.editions import texts_below
from release.syntax.paths import Capture

#: So many different values that are keys of a table are no accident, whatever the field is called.
_ENOUGH = 3

#: What a row calls another row of its own table.
_KIN = frozenset(
    "parent parents child children next previous see see_also related broader narrower replaces "
    "replaced_by successor predecessor".split()
)


def find_references(draft: Draft) -> None:
    """Add foreign keys to the tables of a draft."""
    keys = {
        table.name: table
        for table in draft.tables
        if len(table.key) == 1 and not table.path and table.field(table.key[0]).values
    }
    kinds = {kind.name: kind for kind in draft.kinds}
    for table in draft.tables:
        for each in table.fields:
            own = table.key == [each.name] and not table.path
            if own or each.codes or each.values is None or not each.values:
                continue
            if any(each.name in reference.fields for reference in table.references):
                continue
            found = _find_target(each, table, keys)
            if found is not None and not _is_own_name(kinds[table.kind], each, table, found):
                table.references.append(ReferenceDraft((each.name,), found.name, (found.key[0],)))


def _find_target(
    each: FieldDraft, table: TableDraft, keys: Mapping[str, TableDraft]
) -> TableDraft | None:
    """Return the table whose keys a field's values are; None if there is none."""
    fitting = []
    for other in keys.values():
        key = other.field(other.key[0])
        known = key.values or {}
        if key is each or key.type != each.type or not set(each.values or ()) <= set(known):
            continue
        is_named = (
            _is_named_after(each.name, other.name)
            or each.name == key.name != "id"
            or (other.kind == table.kind and _KIN & {each.name.lower(), table.name})
        )
        is_enough = each.type == "string" and len(each.values or ()) >= _ENOUGH
        if is_named or is_enough:
            fitting.append((not is_named, len(known), other.name, other))
    return min(fitting)[-1] if fitting else None


def _is_own_name(kind: KindDraft, each: FieldDraft, table: TableDraft, target: TableDraft) -> bool:
    """Return True if a field mostly repeats what its own record is called: that is its name elsewhere."""
    if target.kind != kind.name or _is_named_after(each.name, target.name):
        return False
    key = target.field(target.key[0]).origin
    path = table.path if each.origin == "$value" else each.origin
    if not isinstance(path, tuple):
        return False
    own = count = 0
    for entry in kind.entries:
        names = [entry.captures.get(key.name)] if isinstance(key, Capture) else []
        if isinstance(key, tuple):
            names = [text for _, text in texts_below(entry.values, key)]
        texts = [text for _, text in texts_below(entry.values, path)]
        own += sum(text in names for text in texts)
        count += len(texts)
    return own * 2 >= count


def _is_named_after(field: str, table: str) -> bool:
    """Return True if the name of a field ends with that of a table, or with its singular."""
    stem = field.removesuffix("_id").removesuffix("_ids")
    last = stem.rpartition("_")[2]
    return table in (stem, plural(stem), last, plural(last)) or singular(table) in (stem, last)
