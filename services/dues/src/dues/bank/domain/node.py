"""An XML element as the rules read it: names without their namespaces, so that every version reads alike."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """One element with what is in it."""

    name: str
    text: str
    attributes: Mapping[str, str]
    children: "tuple[Node, ...]"

    def each(self, name: str) -> "Iterator[Node]":
        """Yield the children of a name."""
        return (child for child in self.children if child.name == name)

    def find(self, path: str) -> "Node | None":
        """Return the first element at a path, e.g. ``Acct/Id/IBAN``; None where there is none.

        >>> Node("Acct", "", {}, (Node("Id", "1", {}, ()),)).find("Id").text
        '1'
        """
        name, _, rest = path.partition("/")
        for child in self.each(name):
            found = child.find(rest) if rest else child
            if found is not None:
                return found
        return None

    def said(self, *paths: str) -> str | None:
        """Return what the first of some paths that says something says."""
        return next((found.text for path in paths if (found := self.find(path)) is not None and found.text), None)

    def every(self, path: str) -> "list[Node]":
        """Return all elements at a path."""
        name, _, rest = path.partition("/")
        if not rest:
            return list(self.each(name))
        return [found for child in self.each(name) for found in child.every(rest)]
