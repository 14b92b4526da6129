"""Reads of the closing of campaigns: what is counted, who is not called, the certificates."""

from dues.certificates.queries.certificates import (
    Looked,
    file_of,
    find_certificate,
    list_certificates,
    look,
    show_closing,
    verify,
)
from dues.certificates.queries.people import export_not_called

__all__ = [
    "Looked",
    "export_not_called",
    "file_of",
    "find_certificate",
    "list_certificates",
    "look",
    "show_closing",
    "verify",
]
