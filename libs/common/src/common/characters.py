"""Which characters a text may hold wherever it goes, a database, a mail, a calendar; how spellings compare. Pure."""

import re
from unicodedata import combining, normalize

# Written as ranges, a text is searched at once and not character by character: of Unicode's categories, Cc is 0-1f and
# 7f-9f, Cs is d800-dfff, Zl and Zp are 2028 and 2029.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NOT_ONE_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NOT_WRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


def has_controls(text: str) -> bool:
    """Tell whether a text holds characters that steer a machine and show nothing, line feeds and tabs left aside.

    >>> has_controls("L\\x92essentiel"), has_controls("Un\\n\\tDeux")
    (True, False)
    """
    return _CONTROLS.search(text) is not None


def one_line(text: str) -> str:
    """Return a text with a space for each break of line, and for each character that nothing can write.

    >>> one_line("Achats\\ndécembre\\u2028L\\x92essentiel")
    'Achats décembre L essentiel'
    """
    return _NOT_ONE_LINE.sub(" ", text)


def writable(text: str) -> str:
    """Return a text of as many lines as it has, with a space for each character that nothing can write.

    >>> writable("L\\x92essentiel\\nde décembre")
    'L essentiel\\nde décembre'
    """
    return _NOT_WRITABLE.sub(" ", text)


def normalise(text: str) -> str:
    """Fold case, accents, ligatures and punctuation, so that two spellings of one name are equal.

    For comparing only: what is kept and shown stays as printed.

    >>> normalise("L'Abeille  Verte — CLERMONT-L'HÉRAULT")
    'l abeille verte clermont l herault'
    """
    folded = text.casefold()
    if not folded.isascii():
        decomposed = normalize("NFKD", folded.translate(_LIGATURES))
        folded = "".join(char for char in decomposed if not combining(char)).casefold()
    return _NOT_ALPHANUMERIC.sub(" ", folded).strip()
