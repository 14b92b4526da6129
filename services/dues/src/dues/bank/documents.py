"""The bank's XML document, opened: nothing of it is fetched, expanded or trusted."""

import re
from typing import Final

from lxml import etree

from dues.bank.domain import (
    MAX_FILE_BYTES,
    Node,
    StatementEmpty,
    StatementEncoding,
    StatementNotXml,
    StatementTooLarge,
    StatementUnsafe,
)

_DEEPEST: Final = 40  # camt.053 has about twenty levels
_DECLARED = re.compile(rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_ENCODING_ERRORS = {
    etree.ErrorTypes.ERR_INVALID_ENCODING,
    etree.ErrorTypes.ERR_UNKNOWN_ENCODING,
    etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING,
}


def open_document(content: bytes) -> tuple[str, Node]:
    """Return the namespace of a document and its root. Raises a StatementUnreadable."""
    _require_sound(content)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as fault:
        line = fault.position[0]
        if fault.code in _ENCODING_ERRORS:
            raise StatementEncoding(
                "Le fichier n'est pas dans l'encodage qu'il déclare.", extra={"line": line}
            ) from fault
        raise StatementNotXml(
            f"Le fichier n'est pas un document XML bien formé (ligne {line}).", extra={"line": line}
        ) from fault
    if root.getroottree().docinfo.doctype:
        raise StatementUnsafe("Le fichier déclare un type de document (DOCTYPE) : aucun relevé bancaire n'en a.")
    return etree.QName(root).namespace or "", _node(root, 1)


def _require_sound(content: bytes) -> None:
    if not content.strip():
        raise StatementEmpty("Le fichier est vide.")
    if len(content) > MAX_FILE_BYTES:
        raise StatementTooLarge(f"Le fichier dépasse {MAX_FILE_BYTES // 1024**2} Mio : demandez un relevé plus court.")
    declared = _DECLARED.search(content[:200])
    if declared is None or declared[1].lower() in (b"utf-8", b"utf8"):
        _require_utf8(content)


def _require_utf8(content: bytes) -> None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return  # UTF-16 says what it is, and the parser reads it
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise StatementEncoding(
            f"Le fichier n'est pas en UTF-8 : l'octet {fault.start + 1} (ligne {line}) vaut "
            f"0x{content[fault.start]:02X}. Redemandez-le à la banque, tel quel.",
            extra={"byte": fault.start + 1, "line": line},
        ) from fault


def _node(element: etree._Element, depth: int) -> Node:
    if depth > _DEEPEST:
        raise StatementTooLarge(f"Le fichier imbrique plus de {_DEEPEST} niveaux : ce n'est pas un relevé.")
    return Node(
        etree.QName(element).localname,
        (element.text or "").strip(),
        {str(name): str(value) for name, value in element.attrib.items()},
        tuple(_node(child, depth + 1) for child in element),
    )
