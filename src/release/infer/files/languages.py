"""Tell language codes from other texts."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: The codes of ISO 639-1, two letters each, without anything between them.
_CODES = (
    "aaabaeafakamanarasavayazbabebgbibmbnbobrbscacechcocrcscucvcydadedvdzeeeleneoeseteu"
    "fafffifjfofrfygagdglgngugvhahehihohrhthuhyhziaidieigiiikioisitiujajvkakgkikjkkklkmkn"
    "kokrkskukvkwkylalblglilnloltlulvmgmhmimkmlmnmrmsmtmynanbndnenlngnnnonrnvnyocojomorosp"
    "apiplpsptqurmrnrorurwsascsdsesgsiskslsmsnsosqsrssstsusvswtatetgthtitktltntotrtstttwty"
    "ugukuruzvevivowawoxhyiyozazhzu"
)

CODES = frozenset(_CODES[at : at + 2] for at in range(0, len(_CODES), 2))

#: A language, and perhaps its script and region: `pt`, `pt-BR`, `sr_Latn_RS`.
_TAG = re.compile(r"([a-z]{2})(?:[-_](?:[A-Z][a-z]{3}|[A-Za-z]{2}|[0-9]{3})){0,2}")


def is_language(text: str) -> bool:
    """Return True if a text is the code of a language, with a script or region or without."""
    match = _TAG.fullmatch(text)
    return match is not None and match[1] in CODES


def are_languages(texts: Iterable[str]) -> bool:
    """Return True if all texts are codes of languages, and there is one."""
    some = list(texts)
    return bool(some) and all(map(is_language, some))
