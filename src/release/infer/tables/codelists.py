"""Find fields that hold codes: few texts, each often; or texts that are translations of each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from release.infer.model import (
    CodelistDraft,
    CodeRow,
    FieldDraft,
    KindDraft,
    RecordRead,
    TableDraft,
)
from release.infer.names import make_unique, plural, table_name
from release.infer.tables.editions import align, texts_below
from release.syntax.paths import Path

#: A text longer than this is no label of a code.
_LONGEST = 60

#: Texts that are paired in fewer than this share of the records that have one of them do not mean the same.
_RARE = 0.2

#: A codelist that is found by how few texts there are: the most codes, how often each stands there at least
#: on average, and in how many rows together.
_MOST, _OFTEN, _LEAST = 30, 5, 20


@dataclass(frozen=True, slots=True)
class Codes:
    """A codelist for a field: the code of each text that the field has."""

    draft: CodelistDraft
    code: Mapping[str, str]


def pair_translations(kind: KindDraft, root: TableDraft, taken: set[str]) -> dict[Path, Codes]:
    """Find the fields of a table whose texts in one language stand for those in another."""
    records = align(kind)
    found: dict[Path, Codes] = {}
    for each in root.fields:
        if not isinstance(each.origin, tuple) or each.type != "string" or each.name in root.key:
            continue
        codes = _pair(kind, records, each, each.origin)
        if codes is None:
            continue
        name = _name_codelist(each, taken)
        taken.add(name)
        draft = CodelistDraft(name, kind.languages, codes.draft.rows, codes.draft.note)
        each.codes = name
        found[each.origin] = Codes(draft, codes.code)
    return found


def _pair(
    kind: KindDraft, records: Sequence[Mapping[str, RecordRead]], each: FieldDraft, path: Path
) -> Codes | None:
    """Pair the texts of a field across editions; None if they are no codes."""
    counts: Counter[tuple[str, str]] = Counter()
    pairs: Counter[tuple[tuple[str, str], tuple[str, str]]] = Counter()
    aligned = 0  # records with a text in several editions
    for editions in records:
        present = []
        for language, entry in editions.items():
            for _, text in texts_below(entry.values, path):
                if len(text) > _LONGEST or "|" in text or text != text.strip():
                    return None
                counts[language, text] += 1
                present.append((language, text))
        present.sort()
        pairs.update((one, two) for at, one in enumerate(present) for two in present[at + 1 :])
        aligned += len(present) > 1
    groups = _join(counts, pairs)
    rows = _make_rows(groups, counts, kind.languages)
    if rows is None:
        return None
    translated = [row for row in rows if len(set(row[1].values())) > 1]
    if len(translated) < 2 or len(rows) * 2 > aligned:
        return None
    code = {text: row[0] for row in rows for text in (*row[1].values(), *row[2])}
    note = f"{each.name}: {len(rows)} codes, {len(translated)} of them paired across editions"
    return Codes(CodelistDraft("", kind.languages, rows, note), code)


def _join(
    counts: Counter[tuple[str, str]],
    pairs: Counter[tuple[tuple[str, str], tuple[str, str]]],
) -> list[list[tuple[str, str]]]:
    """Join the texts that mean the same: paired often enough, or one text in two languages."""
    leader = {node: node for node in counts}

    def find(node: tuple[str, str]) -> tuple[str, str]:
        while leader[node] != node:
            node = leader[node]
        return node

    same: dict[str, tuple[str, str]] = {}
    for node in sorted(counts):
        leader[find(node)] = find(same.setdefault(node[1], node))
    for (one, two), count in sorted(pairs.items()):
        if count >= _RARE * min(counts[one], counts[two]):
            leader[find(two)] = find(one)
    groups: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for node in sorted(counts):
        groups[find(node)].append(node)
    return list(groups.values())


def _make_rows(
    groups: Sequence[Sequence[tuple[str, str]]],
    counts: Counter[tuple[str, str]],
    languages: Sequence[str],
) -> list[CodeRow] | None:
    """Make the rows of a codelist; None if a group has several texts of its own in one language."""
    rows: list[CodeRow] = []
    for group in groups:
        labels: dict[str, str] = {}
        others: list[str] = []
        borrowed = _find_borrowed(group, counts)
        for language in languages:
            own = [
                text for at, text in group if at == language and (language, text) not in borrowed
            ]
            own.sort(key=lambda text: (-counts[language, text], text))
            if len(own) > 1:
                return None
            if own:
                labels[language] = own[0]
        known = set(labels.values())
        others = sorted({text for _, text in group} - known)
        code = next((labels[each] for each in languages if each in labels), "") or others[0]
        rows.append((code, labels, tuple(text for text in others if text != code)))
    return sorted(rows)


def _find_borrowed(
    group: Sequence[tuple[str, str]], counts: Counter[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Find the texts of a group that an edition has in another edition's language: where it is seldomer."""
    borrowed = set()
    texts = {text for _, text in group}
    for text in texts:
        nodes = [node for node in group if node[1] == text]
        if len(nodes) > 1 and len(texts) > 1:
            alone = [n for n in nodes if not any(o != n and o[0] == n[0] for o in group)]
            best = max(alone or nodes, key=lambda node: (counts[node], node))
            borrowed |= {node for node in nodes if node != best and node not in alone}
    return borrowed


def find_enumerations(tables: Sequence[TableDraft], taken: set[str]) -> list[CodelistDraft]:
    """Find the fields with few texts, each of which stands in many rows."""
    drafts = []
    for table in tables:
        for each in table.fields:
            if each.codes or each.name in table.key or not _looks_like_codes(each):
                continue
            if any(each.name in reference.fields for reference in table.references):
                continue
            name = _name_codelist(each, taken)
            taken.add(name)
            each.codes = name
            values = sorted(each.values or {})
            rows: list[CodeRow] = [(text, {}, ()) for text in values]
            total = sum((each.values or {}).values())
            note = f"{table.name}.{each.name}: {len(values)} texts in {total:,} rows"
            drafts.append(CodelistDraft(name, (), rows, note))
    return drafts


def _name_codelist(each: FieldDraft, taken: set[str]) -> str:
    """Name the codelist of a field by its plural; by its codes, if a table is called so."""
    name = table_name([plural(each.name)])
    return make_unique(name if name not in taken else table_name([each.name, "codes"]), taken)


def _looks_like_codes(each: FieldDraft) -> bool:
    """Return True if a field has few short texts, each of them often."""
    values = each.values
    if each.type != "string" or not values or not 2 <= len(values) <= _MOST:
        return False
    total = sum(values.values())
    return (
        total >= max(_LEAST, _OFTEN * len(values))
        and all(len(text) <= _LONGEST and text == text.strip() for text in values)
        and sum(count == 1 for count in values.values()) * 2 <= len(values)
    )
