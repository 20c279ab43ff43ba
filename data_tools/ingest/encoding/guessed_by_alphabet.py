"""Guess the encoding of text in Latin letters, by the alphabets of its languages.

The guesser for all languages reads the Portuguese "São" as the Romanian "Săo" and the Finnish
"Jyväskylä" as text of a Macintosh. But no language has all of the letters that a wrong encoding
shows: they are of several alphabets, symbols within words, or capitals after small letters. And
most letters of its words are ASCII, while those of other scripts are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from data_tools.ingest.guess import Certainty, Guess

_SAMPLE_BYTES = 16 * 1024
_NEARLY_ALL = 0.96
_APOSTROPHE = "’"
_WORD_BEYOND_ASCII = re.compile(r"[A-Za-z]*[^\x00-\x7f][A-Za-z\x80-\U0010ffff]*")

_WESTERN = {
    "French": "éèêëàâîïôùûüÿçœæ",
    "German": "äöüßé",
    "Spanish": "áéíóúüñ",
    "Portuguese": "ãõáéíóúâêôàçü",
    "Italian": "àèéìíîòóùú",
    "Swedish or Finnish": "åäöé",
    "Danish or Norwegian": "æøåéöäü",
    "Dutch": "éèëïöüáíóúê",
    "Catalan": "àèéíïòóúüç",
}
_CENTRAL = {
    "Polish": "ąćęłńóśźż",
    "Czech or Slovak": "áčďéěíňóřšťúůýžäľĺŕô",
    "Hungarian": "áéíóöőúüű",
    "Romanian": "ăâîşţ",
    "Croatian or Slovene": "čćđšž",
}
_BALTIC = {"Lithuanian": "ąčęėįšųūž", "Latvian": "āčēģīķļņšūž", "Estonian": "äöõüšž"}
# Of those that fit, the first is taken: usual encodings come first.
_ALPHABETS = (
    ("cp1252", _WESTERN),
    ("cp1250", _CENTRAL),
    ("cp1254", {"Turkish": "çğıöşüâîûİ"}),
    ("cp1252", {"Icelandic": "áðéíóúýþæö"}),
    ("cp1257", _BALTIC),
    ("iso8859_2", _CENTRAL),
    ("mac_roman", _WESTERN),
    ("cp850", _WESTERN),
    ("cp852", _CENTRAL),
    ("cp1252", {"Western European": "".join(_WESTERN.values())}),
)


def guess_by_alphabet(sample: bytes) -> Guess[str] | None:
    """Return the first encoding in which the letters are those of a language; None if none fits."""
    sample = sample[:_SAMPLE_BYTES]
    for encoding, languages in _ALPHABETS:
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _is_mostly_ascii(text):
            continue
        signs = list(_signs_of_words(text))
        for language, alphabet in languages.items():
            letters = set(alphabet) | set(alphabet.upper())
            if signs and sum(sign in letters for sign in signs) >= _NEARLY_ALL * len(signs):
                return Guess(
                    value=encoding,
                    certainty=Certainty.GUESS,
                    why=f"The bytes are not UTF-8; read as {encoding}, their letters are those of "
                    f"{language} words, but other encodings may fit as well.",
                )
    return None


def _is_mostly_ascii(text: str) -> bool:
    """Whether at least half of the letters are ASCII in words that have others."""
    words = "".join(_WORD_BEYOND_ASCII.findall(text))
    return 2 * sum(sign.isascii() for sign in words) >= len(words)


def _signs_of_words(text: str) -> Iterator[str]:
    """Yield what is not ASCII in words: letters, and signs that stand between letters.

    A capital after a small letter is yielded as a sign that no alphabet has.
    """
    for before, sign, after in zip(" " + text, text, text[1:] + " ", strict=False):
        if sign <= "\x7f":
            continue
        if sign.isalpha():
            is_misplaced = before.islower() and sign.isupper()
            yield "" if is_misplaced else sign
        elif sign != _APOSTROPHE and before.isalpha() and after.isalpha():
            yield sign
