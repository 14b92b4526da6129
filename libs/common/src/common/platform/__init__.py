"""The tables of the mechanism, the same in every service's database, versioned as SQL scripts.

A service's first migration applies script 1; a later change of the mechanism adds a script here and one migration
line per service. Scripts, once released, never change.
"""

from importlib.resources import files


def script(number: int) -> list[str]:
    """Return the statements of one script, in order (``migrations`` executes them one by one).

    >>> script(1)[0].splitlines()[0]
    'CREATE TABLE event_stream ('
    """
    text = (files(__package__) / f"{number:04d}.sql").read_text(encoding="utf-8")
    body = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))
    return [statement.strip() for statement in body.split(";") if statement.strip()]
