"""Repair a value by the rule that it breaks, if there is one right answer; else say why it is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from release.descriptor.model import Descriptor, Field
from release.findings.finding import Finding
from release.findings.message import shown
from release.findings.rules import family
from release.records.codelists import Lookup
from release.syntax.looks.appearance import appearance, find_hidden, is_blank, shape

#: Characters that nobody sees and that change nothing of what is seen: blanks of no width, joiners, the soft
#: hyphen, marks of byte order and direction, and selectors of a form. Others take room, or turn the text.
_UNSEEN = frozenset(
    "\u00ad\u200b\u200c\u200d\u200e\u2060\u2061\u2062\u2063\u2064\ufeff"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
)


class LeftError(Exception):
    """A fault that is left as it is; the text is the reason, empty if nobody expects anything else."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The codelists of a dataset, by the name of their tables."""

    descriptor: Descriptor
    lookups: Mapping[str, Lookup]

    def of(self, finding: Finding) -> Lookup:
        """Return the codelist of the field that a finding is about.

        Raises:
            LeftError: It is not known.
        """
        field = self._field(finding)
        lookup = self.lookups.get(field.codes or "") if field is not None else None
        if lookup is None:
            raise LeftError("its codelist cannot be read")
        return lookup

    def _field(self, finding: Finding) -> Field | None:
        for resource in self.descriptor.resources:
            if resource.name == finding.table and finding.field in resource.field_names:
                return resource.field(finding.field)
        return None


def repair(
    finding: Finding,
    value: str,
    vocabulary: Vocabulary,
    captures: Callable[[], Mapping[str, str]],
) -> str:
    """Return the right value in the place of one that breaks a rule.

    `captures` returns those of the record that has the value.

    Raises:
        LeftError: There is no right answer, or more than one.
    """
    match family(finding.rule):
        case "blank-ends":
            return trim(value)
        case "hidden-character":
            return _remove_hidden(value)
        case "label-language":
            return _translate(value, vocabulary.of(finding), captures())
        case _:
            return _find_twin(value, vocabulary.of(finding).codes)


def trim(value: str) -> str:
    """Return a text without blanks at its ends; line ends at the very end stay, as YAML leaves them.

    Raises:
        LeftError: Nothing is left of it.
    """
    if is_blank(value):
        raise LeftError("it shows nothing: either a text is missing, or there is none")
    whole = value.rstrip("\r\n")
    return whole.strip() + value[len(whole) :]


def _remove_hidden(value: str) -> str:
    """Return a text without the characters that nobody sees, and without the blanks that were beside them.

    Raises:
        LeftError: One is not removed without another look.
    """
    found = list(find_hidden(value))
    if others := [value[at] for at in found if value[at] not in _UNSEEN]:
        sign = f"U+{ord(others[0]):04X}"
        raise LeftError(f"{sign} takes room or changes the order of what is seen: look at it")
    return trim("".join(sign for at, sign in enumerate(value) if at not in found))


def _translate(value: str, lookup: Lookup, captures: Mapping[str, str]) -> str:
    """Return the label in the language of the record; the code if it has none."""
    language, code = captures.get(lookup.capture), lookup.codes.get(value)
    if language is None or code is None:
        raise LeftError("it is a part of a text")
    return lookup.labels.get((code, language)) or code


def _find_twin(value: str, known: Iterable[str]) -> str:
    """Return the only text of a codelist that looks like a value."""
    folds: tuple[Callable[[str], str], ...] = (appearance, shape)
    for fold in folds:
        wanted = fold(value)
        twins = [text for text in known if text and fold(text) == wanted]
        if len(twins) > 1:
            raise LeftError(f"it looks like {' and like '.join(map(shown, sorted(twins)[:2]))}")
        if twins:
            return twins[0]
    raise LeftError  # the finding itself says what to do
