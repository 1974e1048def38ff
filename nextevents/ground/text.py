"""What people type, made into what we keep (the catalogue of bad inputs, cases 1 to 16)."""

import re
import unicodedata
from collections.abc import Callable, Sequence

NAME_LENGTH = 120
LINE_LENGTH = 200
TEXT_LENGTH = 20_000

_BLANK_LETTERS = "\u3164\u115f\u1160\uffa0\u2800"
_DIRECTION = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A)), "\u200e", "\u200f", "\u061c"}
_ZERO_WIDTH = {"\u200b", "\u200c", "\u2060", "\ufeff", "\u00ad", "\u180e"}
_JOINER = "\u200d"
_NUMBER = re.compile(r"[0-9]{1,9}")
_REFUSED_CATEGORIES = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}


class UnreadableText(ValueError):  # noqa: N818 - says what the text is
    """The text holds characters that cannot be seen or that change how others are read."""


def one_line(typed: str) -> str:
    """The text in NFC without blanks around it; empty if only blanks and invisible letters were typed.

    Raises UnreadableText for line breaks, control characters, direction overrides, zero-width characters (but for
    the joiner inside emoji), private and unassigned code points.
    """
    text = unicodedata.normalize("NFC", typed).strip()
    _refuse_unreadable(text, allowed="")
    return text if _says_something(text) else ""


def several_lines(typed: str) -> str:
    """The same for texts with line breaks and tabs; line ends become a single line feed."""
    text = unicodedata.normalize("NFC", typed).replace("\r\n", "\n").replace("\r", "\n").strip()
    _refuse_unreadable(text, allowed="\n\t")
    return text if _says_something(text) else ""


def _says_something(text: str) -> bool:
    return bool(text.strip(f"{_BLANK_LETTERS}{_JOINER} \u00a0\n\t"))


def _refuse_unreadable(text: str, *, allowed: str) -> None:
    before = ""
    for character in text:
        if not _is_readable(character, before) and character not in allowed:
            raise UnreadableText(f"U+{ord(character):04X}")
        before = character


def _is_readable(character: str, before: str) -> bool:
    if character.isascii():
        return character.isprintable()
    if character == _JOINER:
        return unicodedata.category(before) in {"So", "Sk", "Mn"} if before else False
    if character in _DIRECTION or character in _ZERO_WIDTH:
        return False
    return unicodedata.category(character) not in _REFUSED_CATEGORIES


def search_key(text: str) -> str:
    """The text as it is compared in searches: NFC, case-folded in Python, because SQLite's lower() leaves Ä."""
    return unicodedata.normalize("NFC", text).casefold()


def contains_pattern(typed: str, fold: Callable[[str], str] = search_key) -> str:
    """A LIKE pattern (escape character: backslash) that finds the text literally, whatever signs it holds.

    The column holds what fold makes of its text; str.lower for one that the database itself lowers.
    """
    literal = re.sub(r"([%_\\])", r"\\\1", fold(unicodedata.normalize("NFC", typed)))
    return f"%{literal}%"


def number_typed(typed: str | None) -> int:
    """The number that stands in a hidden field or behind a question mark: nine ASCII digits at most; 0 for all else."""
    return int(typed) if typed and _NUMBER.fullmatch(typed) else 0


def slug_of(text: str) -> str:
    """A short address made of a title: lower-case ASCII letters, digits and hyphens."""
    german = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "&": " und "})
    folded = unicodedata.normalize("NFKD", text.casefold().translate(german)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:80]


def excerpt(text: str, words: Sequence[str], *, length: int = 240) -> list[tuple[str, bool]]:
    """The part of a text around the first of these words, in pieces, each with whether it is one of the words.

    The text stands on one line. Without any of the words it is the text's beginning. What was left out is an ellipsis.
    """
    pattern = re.compile("|".join(_in_any_case(word) for word in words) or r"(?!)", re.IGNORECASE)
    found = pattern.search(text)
    begin = max(0, found.start() - length // 3) if found else 0
    begin = text.rfind(" ", 0, begin) + 1 if begin else 0
    end = begin + length
    if end < len(text):
        end = max(text.rfind(" ", begin, end), found.end() if found else begin + 1)
    part = ("… " if begin else "") + text[begin:end] + (" …" if end < len(text) else "")
    pieces = re.split(f"({pattern.pattern})", part, flags=re.IGNORECASE)
    return [(piece, number % 2 == 1) for number, piece in enumerate(pieces) if piece]


def _in_any_case(word: str) -> str:
    """A pattern for a word as search_key() compares it: ß is ss."""
    return re.escape(search_key(word)).replace("ss", "(?:ss|[ßẞ])")
