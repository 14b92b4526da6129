"""The paper: what it says, that it is archivable still, and that its signature is nobody else's and of these bytes."""

import asyncio
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pypdf
import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange, Assemble
from dues.app import service
from dues.certificates.documents import seal_of, sign
from dues.certificates.domain import CertificateStatus, KeyPair, SigningKeyMissing
from dues.certificates.repository import path_of

from .closing import (
    all_done_and_prepared,
    certified,
    key_pair,
    tampered,
    two_called_and_prepared,
    two_called_and_signed,
)


def signature_of(content: bytes) -> tuple[list[int], bytes]:
    """Return which bytes of a PDF are signed, and the signature, as any reader of PDF finds them."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    fields: Any = reader.trailer["/Root"]["/AcroForm"]["/Fields"]  # type: ignore[index]
    value = fields[0].get_object()["/V"]
    assert value["/SubFilter"] == "/ETSI.CAdES.detached"
    return [int(one) for one in value["/ByteRange"]], bytes(value["/Contents"])


def holds(content: bytes, certificate: x509.Certificate) -> bool:
    """Check a signature with nothing but the certificate: the digest of the bytes, and the signature of that digest."""
    (start, size, after, rest), contents = signature_of(content)
    signed = content[start : start + size] + content[after : after + rest]
    [signer] = cms.ContentInfo.load(contents)["content"]["signer_infos"]
    attributes = {one["type"].native: one["values"][0].native for one in signer["signed_attrs"]}
    public = certificate.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(signer["signature"].native, signer["signed_attrs"].untag().dump(), ec.ECDSA(hashes.SHA256()))
    return bool(attributes["message_digest"] == hashlib.sha256(signed).digest())


def certificate_in(keys: KeyPair) -> x509.Certificate:
    return x509.load_pem_x509_certificate(keys.certificate.read_bytes())


async def test_an_independent_reader_finds_the_signature_good(
    signing: ServiceUnderTest, arranged: Arrange, keys: KeyPair
) -> None:
    async with certified(signing, arranged, all_done_and_prepared) as (closing, prepared):
        content = await closing.pdf((await closing.sign(prepared)).json())
    assert holds(content, certificate_in(keys))
    (start, _, after, rest), _ = signature_of(content)
    assert (start, after + rest) == (0, len(content))
    place = content.index(b"/Type /Catalog") if b"/Type /Catalog" in content else 200
    assert not holds(content[:place] + b"!" + content[place + 1 :], certificate_in(keys))


async def test_the_page_says_the_digest_of_what_is_attached_to_it(signing: ServiceUnderTest, arranged: Arrange) -> None:
    async with certified(signing, arranged, all_done_and_prepared) as (closing, prepared):
        before = pypdf.PdfReader(io.BytesIO(await closing.pdf(prepared)))
        signed = (await closing.sign(prepared)).json()
        reader = pypdf.PdfReader(io.BytesIO(await closing.pdf(signed)))
    text = " ".join("\n".join(page.extract_text() for page in reader.pages).split())
    assert len(reader.pages) <= 2
    for word in (
        "CLO-2026-00001", "Toutes les sommes concordent", "de 00001 à 00005, sans trou", "Comptes : reste dû",
        "Occitanie", "Bretagne", "Sans base déclarée", signed["sha256"], signed["prepared_by"], signed["signed_by"],
        "Signé électroniquement",
    ):  # fmt: skip
        assert word in text, word
    assert "Non signé" in before.pages[-1].extract_text()
    [snapshot] = reader.attachments["chiffres.json"]
    assert hashlib.sha256(snapshot).hexdigest() == signed["sha256"]
    assert json.loads(snapshot)["figures"] == signed["figures"]


async def test_signed_it_is_archivable_still(signing: ServiceUnderTest, arranged: Arrange) -> None:
    """What was printed is untouched, and what is added is what PDF/A and PDF/UA allow: a field that nothing shows."""
    async with certified(signing, arranged, two_called_and_signed) as (closing, signed):
        content = await closing.pdf(signed)
    reader = pypdf.PdfReader(io.BytesIO(content))
    root: Any = reader.trailer["/Root"]
    metadata = root["/Metadata"].get_data().decode()
    printed = pypdf.PdfReader(io.BytesIO(content[: content.index(b"%%EOF") + 6]))
    assert printed.trailer["/Root"]["/Metadata"].get_data().decode() == metadata  # type: ignore[index]
    assert reader.metadata == printed.metadata
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert "/OutputIntents" in root
    assert bool(root["/MarkInfo"]["/Marked"])
    [field] = [one.get_object() for one in root["/AcroForm"]["/Fields"]]
    assert (field["/FT"], field["/F"] & 0b100, field["/F"] & 0b11) == ("/Sig", 0b100, 0)  # printed, neither hidden
    left, bottom, right, top = field["/Rect"]
    assert (left, bottom) == (right, top)
    assert "NeedAppearances" not in str(root["/AcroForm"])


@pytest.mark.parametrize("where", ["figures", "file", "signature"])
async def test_what_was_changed_since_is_found(signing: ServiceUnderTest, arranged: Arrange, where: str) -> None:
    async with certified(signing, arranged, two_called_and_signed) as (closing, signed):
        path = path_of(signed["id"], CertificateStatus.SIGNED)
        content = bytearray(await closing.pdf(signed))
        if where == "figures":
            await tampered(signing, "UPDATE campaign_certificate SET snapshot = snapshot || ' '")
        elif where == "file":
            content[len(content) // 3] ^= 1
            await signing.runtime.files.put(path, bytes(content))
        else:
            await signing.runtime.files.put(path, bytes(content) + b"\n% et une suite")
        verified = await closing.verified(signed)
    assert verified["valid"] is False
    assert (verified["figures_match"], verified["file_match"]) == (where != "figures", where == "figures")
    if where == "file":
        assert verified["signature"] is None or not verified["signature"]["intact"]
    if where == "signature":
        assert verified["signature"] is None or not verified["signature"]["whole"]


async def test_a_file_that_is_gone_is_said(signing: ServiceUnderTest, arranged: Arrange) -> None:
    async with certified(signing, arranged, two_called_and_signed) as (closing, signed):
        await tampered(signing, "UPDATE campaign_certificate SET status = 'prepared', signed_at = NULL")
        await signing.runtime.files.put(path_of(signed["id"], CertificateStatus.PREPARED), b"")
        verified = await closing.verified(signed)
    assert (verified["valid"], verified["file_match"], verified["signature"]) == (False, False, None)


async def test_another_key_is_not_the_one_that_signed(
    signing: ServiceUnderTest, arranged: Arrange, tmp_path: Path
) -> None:
    async with certified(signing, arranged, two_called_and_prepared) as (closing, prepared):
        printed = await closing.pdf(prepared)
        signed = (await closing.sign(prepared)).json()
        forged, _ = await asyncio.to_thread(sign, printed, key_pair(tmp_path, "Un autre"), "Faux")
        await signing.runtime.files.put(path_of(signed["id"], CertificateStatus.SIGNED), forged)
        verified = await closing.verified(signed)
    assert (verified["valid"], verified["signature"]["intact"], verified["signature"]["same_key"]) == (
        False, True, False,
    )  # fmt: skip


async def test_without_a_key_it_is_prepared_and_not_signed(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with certified(dues, arranged, two_called_and_prepared) as (closing, prepared):
        refused = await closing.sign(prepared)
        assert (refused.status_code, refused.json()["code"]) == (503, "signing_key_missing")
        assert (await closing.verified(prepared))["valid"] is True
        assert seal_of(await closing.pdf(prepared)) is None


async def test_a_key_that_cannot_sign_is_a_refusal_and_signs_nothing(
    assemble: Assemble, arranged: Arrange, tmp_path: Path
) -> None:
    one, other = key_pair(tmp_path, "Une"), key_pair(tmp_path, "Autre")
    dues = await assemble(service, signing_key_file=one.key, signing_certificate_file=other.certificate)
    async with certified(dues, arranged, two_called_and_prepared) as (closing, prepared):
        refused = [await closing.sign(prepared)]
        one.key.write_text("illisible")
        refused.append(await closing.sign(prepared))
        assert (await closing.one.get(f"/certificates/{prepared['id']}")).json()["status"] == "prepared"
    assert {(one.status_code, one.json()["code"]) for one in refused} == {(503, "signing_key_missing")}


def test_a_missing_file_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(SigningKeyMissing):
        sign(b"%PDF-1.7", KeyPair(tmp_path / "absent", tmp_path / "absent"), "Essai")


def test_a_key_goes_with_its_certificate(tmp_path: Path) -> None:
    keys = key_pair(tmp_path)
    with pytest.raises(ValueError, match="go together"):
        service.settings(
            database_url="postgresql://x", files_url="file:///x", signing_key_file=keys.key,
            COORACE_ENVIRONMENT="development", KAFKA_BOOTSTRAP_SERVERS="x", OIDC_ISSUER="x", OIDC_JWKS_URL="x",
        )  # fmt: skip
