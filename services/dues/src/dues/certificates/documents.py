"""What a closing certificate writes: the text of its figures, its page, and the signature on it.

The text is attached to the page, so that whoever holds the file alone finds the digest again. The signature (PAdES, by
pyHanko) is added behind what was printed, without a mark on the page: what was archived stays as it was.
"""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from pyhanko.keys.pemder import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from common.clock import legal_day
from common.documents import print_pdf
from common.money import format_euros
from common.wording import write_day
from dues.certificates.domain import CertificateStatus, KeyPair, Seal, Section, SigningKeyMissing, Unit
from dues.certificates.schemas import CertificateFigureOut, FiguresOut, SectionOut, TieOut
from dues.legal_entities.domain import LegalEntity

_TEMPLATE: Final = Path(__file__).parent / "templates" / "certificate.typ"
_FIELD: Final = "Signature"
_LEFT: Final = (Section.MEMBERS, Section.REASONS, Section.CALLS, Section.SERIES)
_SHARED: Final = (Section.ANNOUNCED, Section.SPLIT, Section.TRANSFERS)

NOT_CALLED_HEADER = ("adherent_id", "adherent", "delegation", "etat", "raisons")


class _Kept(IncrementalPdfFileWriter):
    """Adds to a document and leaves its metadata as printed.

    pyHanko would write them anew with its own name, and the schemas of their properties (PDF/A-3, 6.6.2.3) in a form
    that PDF/A does not know.
    """

    def _update_meta(self) -> None:
        return


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What the page of a certificate says beside its figures."""

    reference: str
    sha256: str
    snapshot: str
    figures: FiguresOut
    entity: LegalEntity
    prepared_at: datetime
    prepared_by: str
    signed_at: datetime | None = None
    signed_by: str | None = None


def snapshot_of(reference: str, entity: LegalEntity, figures: FiguresOut, at: datetime, by: str) -> str:
    """Write the figures of a certificate as one text: the same figures give the same text, letter for letter."""
    told = {
        "reference": reference,
        "entity": {"code": entity.code, "name": entity.name, "siren": entity.siren},
        "prepared_at": at.isoformat(),
        "prepared_by": by,
        "figures": figures.model_dump(mode="json"),
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def figures_in(snapshot: str) -> FiguresOut:
    """Read the figures of a certificate back."""
    return FiguresOut.model_validate(json.loads(snapshot)["figures"])


def digest_of(text: str) -> str:
    """Return the digest that the page prints."""
    return hashlib.sha256(text.encode()).hexdigest()


async def print_certificate(paper: Paper) -> bytes:
    """Return the page of a certificate as PDF/A, its figures attached to it."""
    day = legal_day(paper.signed_at or paper.prepared_at)
    return await print_pdf(_TEMPLATE, _page(paper), on=day, attached=paper.snapshot)


def sign(content: bytes, keys: KeyPair, reason: str) -> tuple[bytes, str]:
    """Sign a document; return it, and the digest of the certificate of the key. Raises SigningKeyMissing."""
    signer = _signer(keys)
    signed = signers.sign_pdf(
        _Kept(io.BytesIO(content)),
        signers.PdfSignatureMetadata(
            field_name=_FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, reason=reason
        ),
        signer=signer,
        # Nothing on the page, and outside of it: PDF/UA wants any other field described.
        new_field_spec=SigFieldSpec(_FIELD, invis_sig_settings=InvisSigSettings(box_out_of_bounds=True)),
    )
    result = signed.getvalue()
    seal = seal_of(result)
    if seal is None or not seal.intact:
        raise SigningKeyMissing("La clé de signature installée n'est pas celle de son certificat.")
    return result, seal.certificate_sha256


def seal_of(content: bytes) -> Seal | None:
    """Say what the signature of a document is worth; None where none can be read."""
    try:
        reader = PdfFileReader(io.BytesIO(content))
        [embedded] = reader.embedded_signatures
        certificate = embedded.signer_cert
        status = validate_pdf_signature(embedded, ValidationContext(trust_roots=[certificate], allow_fetching=False))
    except (PdfError, SignatureValidationError, ValueError, TypeError, KeyError, IndexError, OSError):
        return None  # bytes that changed may break the structure itself
    return Seal(
        intact=status.intact and status.valid,
        whole=status.coverage is SignatureCoverageLevel.ENTIRE_FILE,
        signer=certificate.subject.human_friendly,
        certificate_sha256=certificate.sha256.hex(),
    )


def _signer(keys: KeyPair) -> signers.SimpleSigner:
    """Load what to sign with: the certificate of the key comes first in its file, then those that vouch for it."""
    try:
        key = load_private_key_from_pemder_data(keys.key.read_bytes(), passphrase=None)
        certificate, *chain = load_certs_from_pemder_data(keys.certificate.read_bytes())
    except (OSError, ValueError, TypeError):  # what the files hold stays out of the logs
        raise SigningKeyMissing("La clé de signature ou son certificat ne se lit pas.") from None
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # the library has types but here
    store.register_multiple(chain)
    return signers.SimpleSigner(signing_cert=certificate, signing_key=key, cert_registry=store)


def _page(paper: Paper) -> dict[str, Any]:
    figures, entity = paper.figures, paper.entity
    sections = {section.code: section for section in figures.sections}
    return {
        "reference": paper.reference,
        "year": str(figures.year),
        "as_of": write_day(figures.as_of),
        "entity": f"{entity.name} · {entity.legal_form} · SIREN {entity.siren}",
        "columns": [[_section(one) for one in column] for column in _columns(figures)],
        "shares": _shares({code: sections[code].lines for code in _SHARED if code in sections}),
        "ties": [_tie(tie) for tie in figures.ties],
        "holds": figures.holds,
        "sha256": paper.sha256,
        "prepared": _by(paper.prepared_at, paper.prepared_by),
        "signed": _by(paper.signed_at, paper.signed_by) if paper.signed_at and paper.signed_by else "",
    }


def _columns(figures: FiguresOut) -> tuple[list[SectionOut], list[SectionOut]]:
    """Put the sections side by side, but for those that make one table."""
    alone = [one for one in figures.sections if one.code not in _SHARED]
    return [one for one in alone if one.code in _LEFT], [one for one in alone if one.code not in _LEFT]


def _section(section: SectionOut) -> dict[str, Any]:
    return {"label": section.label, "dated": section.dated, "lines": [_line(line) for line in section.lines]}


def _by(at: datetime, subject: str) -> str:
    day: date = legal_day(at)
    return f"le {write_day(day)}, équipe finances, {subject}"


def _line(line: CertificateFigureOut) -> dict[str, str]:
    return {
        "label": line.label,
        "count": "" if line.count is None else str(line.count),
        "amount": "" if line.amount is None else format_euros(line.amount),
        "detail": line.detail,
    }


def _shares(columns: Mapping[Section, Sequence[CertificateFigureOut]]) -> list[dict[str, str]]:
    """Put what each beneficiary was announced, had and was transferred on one line."""
    labels = {line.code: line.label for lines in columns.values() for line in lines}
    amounts = {(section, line.code): line.amount for section, lines in columns.items() for line in lines}
    return [
        {"label": labels[code], **{section.value: _euros(amounts.get((section, code))) for section in _SHARED}}
        for code in sorted(labels)
    ]


def _tie(tie: TieOut) -> dict[str, Any]:
    written = {name: _value(tie.unit, getattr(tie, name)) for name in ("left", "right", "difference")}
    return {
        "label": tie.label,
        "left_label": tie.left_label,
        "right_label": tie.right_label,
        "holds": tie.holds,
        **written,
    }


def _value(unit: Unit, value: Decimal) -> str:
    return format_euros(value) if unit is Unit.EUROS else str(value)


def _euros(amount: Decimal | None) -> str:
    return "–" if amount is None else format_euros(amount)


def file_name(reference: str, status: CertificateStatus) -> str:
    """Return what the file is saved as."""
    return f"{reference}-{'signe' if status is CertificateStatus.SIGNED else 'prepare'}"
