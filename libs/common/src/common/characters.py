"""Which characters a text may hold wherever it goes: a database, a mail, a calendar. Pure."""

from unicodedata import category

_BREAKS = "\r\n\t"


def has_controls(text: str) -> bool:
    """Tell whether a text holds characters that steer a machine and show nothing, line feeds and tabs left aside.

    >>> has_controls("L\\x92essentiel"), has_controls("Un\\n\\tDeux")
    (True, False)
    """
    return any(category(char) == "Cc" and char not in "\n\t" for char in text)


def one_line(text: str) -> str:
    """Return a text with a space for each break of line, and for each character that nothing can write.

    >>> one_line("Achats\\ndécembre\\u2028L\\x92essentiel")
    'Achats décembre L essentiel'
    """
    return "".join(" " if category(char) in ("Cc", "Cs", "Zl", "Zp") else char for char in text)


def writable(text: str) -> str:
    """Return a text of as many lines as it has, with a space for each character that nothing can write.

    >>> writable("L\\x92essentiel\\nde décembre")
    'L essentiel\\nde décembre'
    """
    return "".join(" " if category(char) in ("Cc", "Cs") and char not in _BREAKS else char for char in text)
