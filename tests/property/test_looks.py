"""How texts look: look-alikes are found, whatever makes them alike, and nothing else is."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pyarrow as pa
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from release.build.looks.keys import find_look_alikes
from release.build.looks.texts import check_texts
from release.descriptor.load import parse
from release.descriptor.model import Descriptor
from release.syntax.looks.appearance import appearance, caseless, find_hidden, is_blank, shape
from release.syntax.looks.contrast import tell_apart
from release.syntax.looks.mojibake import repair
from release.syntax.yaml import read_yaml
from release.system.limits import Limits

DESCRIPTOR = """\
name: things
version: 0.1.0
created: '2026-01-31T00:00:00Z'
resources:
  - name: things
    path: things.csv
    schema:
      primaryKey: [a, n]
      fields:
        - {name: a, type: string}
        - {name: n, type: integer}
"""

#: Words with letters of several scripts, composed and decomposed, signs, blanks, and what nobody sees.
LETTERS = st.sampled_from(
    "aAbBzZéÉoôÖßñåÅİıkKǆﬁΑοАоорсё中한글ก0 1-'’\u00a0\u0302\u0301\u200b\ufeff\u00ad"
)
WORDS = st.text(LETTERS, min_size=1, max_size=6)

#: Ways to write a text so that it looks the same.
HIDDEN = st.sampled_from(["\u200b", "\ufeff", "\u2060", "\u00ad", "\u202e", "\u200e", "\u034f"])
BLANKS = st.sampled_from([" ", "\t", "\u00a0", "\u2009", "\u202f", "\u3000", "  ", " \u00a0"])


@st.composite
def respelled(draw: st.DrawFn, text: str) -> str:
    """Write a text in another way that looks the same."""
    text = unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), text)
    text = "".join(draw(BLANKS) if sign == " " else sign for sign in text)
    at = draw(st.integers(0, len(text)))
    text = text[:at] + draw(HIDDEN | st.just("")) + text[at:]
    return draw(BLANKS | st.just("")) + text + draw(BLANKS | st.just(""))


@given(st.data(), WORDS)
def test_a_text_that_is_written_in_another_way_looks_the_same(
    data: st.DataObject, word: str
) -> None:
    """Form of Unicode, blanks and what nobody sees change no appearance; folding twice is folding once."""
    other = data.draw(respelled(word))
    assert appearance(other) == appearance(word)
    assert is_blank(other) == is_blank(word)
    for fold in (appearance, caseless, shape):
        assert fold(other) == fold(word)
        assert fold(fold(word)) == fold(word)


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), max_size=8))
def test_texts_in_ascii_look_as_they_are(text: str) -> None:
    """Without blanks they have one appearance each, and nothing in them is hidden or spoilt."""
    assert appearance(text) == text
    assert caseless(text) == text.lower()
    assert list(find_hidden(text)) == []
    assert repair(text) == text


@given(st.data(), WORDS)
def test_two_texts_that_look_the_same_are_shown_differently(data: st.DataObject, word: str) -> None:
    """Whatever makes them alike: a reader of the message sees a code point or an escape."""
    other = data.draw(respelled(word))
    assume(other != word)
    one, two = tell_apart(word, other)
    assert one != two


@given(
    st.data(), st.lists(WORDS, max_size=5), st.lists(st.integers(0, 1), min_size=12, max_size=12)
)
def test_every_key_that_looks_like_an_earlier_one_is_found(
    data: st.DataObject, words: list[str], numbers: list[int]
) -> None:
    """As by comparing each pair of rows, in memory and in files, however the column is cut into chunks."""
    texts = [*words, *(data.draw(respelled(word)) for word in words)]
    rows = [(text, number) for text, number in zip(texts, numbers, strict=False) if text]
    cut = data.draw(st.integers(0, len(rows)))
    schema = pa.schema([("a", pa.string()), ("n", pa.int64())])
    parts = [
        pa.table([[a for a, _ in part], [n for _, n in part]], schema=schema)
        for part in (rows[:cut], rows[cut:])
    ]
    table = pa.concat_tables(parts)
    expected = set()
    for at, (text, number) in enumerate(rows):
        earlier = [one for one, other in rows[:at] if other == number]
        if text in earlier:
            continue
        if any(appearance(one) == appearance(text) for one in earlier):
            expected.add((at, "things-look-alike"))
        elif any(fold(one) == fold(text) for one in earlier for fold in (caseless, shape)):
            expected.add((at, "things-near-alike"))
    for limits in (Limits(), Limits(compared_keys=1, held=1)):
        found = find_look_alikes({"things": table}, _described(), limits)
        assert {(each.row, each.rule) for each in found} == expected


def _described() -> Descriptor:
    return parse(DESCRIPTOR, Path("datapackage.yaml"))


@given(
    st.lists(st.text(LETTERS | st.sampled_from("\ufffd\n\t"), max_size=5) | st.none(), max_size=8),
    st.data(),
)
@example(["\n", " \n", "a\n", "a \n", "\na", "", None, "\u3000", "é "], None)
def test_every_text_with_a_fault_is_found(
    texts: list[str | None], data: st.DataObject | None
) -> None:
    """As by looking at each text alone: one filter for a whole column leaves none out."""
    start = data.draw(st.integers(0, len(texts))) if data else 0
    column = pa.array(texts, pa.string())
    parts = pa.chunked_array([column.slice(0, start), column.slice(start)], pa.string())
    table = pa.table([parts, pa.array([1] * len(texts), pa.int64())], names=["a", "n"])
    found: dict[int, set[str]] = {}
    for each in check_texts(table, _described().resources[0]):
        found.setdefault(each.row, set()).add(each.rule)
    for row, text in enumerate(texts):
        assert found.get(row, set()) == (_faults(text) if text else set()), ascii(text)


def _faults(text: str) -> set[str]:
    if is_blank(text):
        return {"things-primaryKey"}
    rules = set()
    if "\ufffd" in text:
        rules.add("a-replacement-character")
    if repair(text) != text:
        rules.add("a-mojibake")
    elif list(find_hidden(text)):
        rules.add("a-hidden-character")
    kept = text.rstrip("\r\n")
    if kept != kept.strip():
        rules.add("a-blank-ends")
    return rules


# text that was decoded wrongly

_SMALL = st.text(
    st.sampled_from("abcdefghijklmnopqrstuvwxyzàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿß"),
    min_size=2,
    max_size=6,
)
_CLOSING = st.sampled_from([*"»”’“…–—,.!? ", "\u00a0»", "’”", "”…", "®", "™", "²", ""])
_OPENING = st.sampled_from([*"«“„‘( ", "«\u00a0", ""])


@st.composite
def honest(draw: st.DrawFn) -> str:
    """Write a text of words in small letters, capitals or with a first capital, between quotes and dashes."""
    words = draw(st.lists(_SMALL, min_size=1, max_size=4))
    how = st.sampled_from(
        [str.lower, str.capitalize, lambda word: word.replace("ß", "SS").replace("ÿ", "y").upper()]
    )
    return " ".join(draw(_OPENING) + draw(how)(word) + draw(_CLOSING) for word in words)


@given(honest())
@settings(max_examples=300)
@example("«\u00a0Café\u00a0»")
@example("he said ‘it’s “café”’")
@example("PIÑA» MANHÃ” É… SÃO")
def test_honest_text_is_left_alone(text: str) -> None:
    """No quote, dash or raised number behind a letter makes a text look spoilt."""
    assert repair(text) == text


def spoil(text: str, encoding: str) -> str:
    """Read UTF-8 in another encoding; the bytes that Windows-1252 lacks are those of Latin-1."""
    data = text.encode()
    return "".join(bytes([byte]).decode(encoding, "ignore") or chr(byte) for byte in data)


@given(
    st.lists(
        st.sampled_from(
            "René Orléans Zürich smörgås čeština Łódź naïve Ελλάδα москва 中文字 हिन्दी it’s 25\u00a0°C".split(
                " "
            )
        ),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(["cp1252", "latin-1"]),
    st.integers(1, 2),
)
def test_a_spoilt_text_is_repaired(words: list[str], encoding: str, times: int) -> None:
    """Words of several languages, spoilt once or twice."""
    text = spoilt = " ".join(words)
    for _ in range(times):
        spoilt = spoil(spoilt, encoding)
    assert repair(spoilt) == text


# values without quotes

PROSE = st.text(st.sampled_from("ab C9:;#-?*&!|>%@`'\"[]{},.~= \\é"), min_size=1, max_size=10).map(
    str.strip
)


@given(PROSE)
@settings(max_examples=500)
def test_a_value_that_yaml_refuses_is_told_to_need_quotes(text: str) -> None:
    """Whatever its author wrote behind a key: no words of the parser, but what to do."""
    assume(text)
    _, faults = read_yaml(f"key: {text}\nnext: x\n")
    for fault in faults:
        assert "quotes" in fault.message or fault.rule in ("duplicate-key", "key-not-text"), fault
