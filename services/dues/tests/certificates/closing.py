"""Two persons of finance who close a campaign in which everything happened."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import text

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.transaction import Actor
from dues.certificates.domain import KeyPair

from ..adjustments.test_adjustments import called as called_on_a_base
from ..adjustments.test_adjustments import settled, stated
from ..campaigns.test_campaign import joined, run
from ..campaigns.test_dashboard import left
from ..credit_notes.test_credits import issued
from ..receipts.desk import MEMBER, Desk
from ..transfers.treasury import OCCITANIE, Treasury, seen

THIRD, FOURTH = str(UUID(int=3)), str(UUID(int=4))


def key_pair(folder: Path, name: str = "Fédération d'essai") -> KeyPair:
    """Make a key and the certificate that it signs for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only",
         "decipher_only"),
        False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .sign(key, hashes.SHA256())
    )
    pair = KeyPair(folder / f"{name}.key.pem", folder / f"{name}.pem")
    pair.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    pair.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return pair


@dataclass
class Closing:
    """Who prepares a certificate, and who signs it."""

    campaign: str
    one: httpx.AsyncClient
    two: httpx.AsyncClient

    async def shown(self, **params: str) -> dict[str, Any]:
        answer = await self.one.get(f"{self.campaign}/certificate", params=params)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def prepare(self, **body: Any) -> httpx.Response:
        return await self.one.post(f"{self.campaign}/certificates", json=body)

    async def prepared(self, **body: Any) -> dict[str, Any]:
        answer = await self.prepare(**body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def sign(self, certificate: dict[str, Any], by: httpx.AsyncClient | None = None) -> httpx.Response:
        return await (by or self.two).post(f"/certificates/{certificate['id']}/sign", headers=seen(certificate))

    async def signed(self, **body: Any) -> dict[str, Any]:
        answer = await self.sign(await self.prepared(**body))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def pdf(self, certificate: dict[str, Any]) -> bytes:
        answer = await self.one.get(f"/certificates/{certificate['id']}/pdf")
        assert answer.status_code == 200, answer.text
        return answer.content

    async def verified(self, certificate: dict[str, Any]) -> dict[str, Any]:
        answer = await self.one.get(f"/certificates/{certificate['id']}/verify")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def listed(self, **params: str) -> list[dict[str, Any]]:
        answer = await self.one.get(f"{self.campaign}/certificates", params=params)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])


def figures(shown: dict[str, Any], section: str) -> dict[str, tuple[int | None, str | None]]:
    """Return the lines of a section: how many, how much."""
    found = [one for one in shown["sections"] if one["code"] == section]
    return {line["code"]: (line["count"], line["amount"]) for one in found for line in one["lines"]}


def broken(shown: dict[str, Any]) -> list[str]:
    return [tie["code"] for tie in shown["ties"] if not tie["holds"]]


async def tampered(dues: ServiceUnderTest, statement: str) -> None:
    """Change a row as no act does, and as no trigger lets."""
    async with dues.runtime.database.transaction(Actor("test")) as tx:
        await tx.session.execute(text("SET LOCAL session_replication_role = replica"))
        await tx.session.execute(text(statement))


async def two_called(dues: ServiceUnderTest) -> str:
    """An AI is called for 1 400 euros, and an ACI; two more are not members of the year or lack a base."""
    await dues.receive(joined(4, "ebe"), left(joined(5, "ges")))
    async with dues.client("finance") as one:
        return await called_on_a_base(dues, one)


async def all_done(dues: ServiceUnderTest) -> str:
    """All that is done to calls: a complement, a voided call, money, a cheque unpaid, a credit note, a transfer."""
    await dues.receive(
        joined(2, "ges", delegation="bretagne"), joined(3, "ges"), joined(4, "ebe"), left(joined(5, "ges"))
    )
    async with dues.client("finance") as one, dues.client("finance", "ops") as two:
        await dues.receive(joined(1, "ai"))
        path = await _called(dues, one)
        await stated(one, "150000.00")
        await settled(dues, one, path)
        await _voided_and_called_again(dues, one, path)
        await _paid(one)
        await _transferred(Treasury(one, two))
    return path


async def two_called_and_prepared(dues: ServiceUnderTest) -> tuple[str, dict[str, Any]]:
    return await _prepared(dues, await two_called(dues))


async def all_done_and_prepared(dues: ServiceUnderTest) -> tuple[str, dict[str, Any]]:
    return await _prepared(dues, await all_done(dues))


async def two_called_and_signed(dues: ServiceUnderTest) -> tuple[str, dict[str, Any]]:
    """By a service that has a key."""
    path, prepared = await two_called_and_prepared(dues)
    async with dues.client("finance", "ops") as two:
        answer = await Closing(path, two, two).sign(prepared)
    assert answer.status_code == 200, answer.text
    return path, answer.json()


async def _prepared(dues: ServiceUnderTest, path: str) -> tuple[str, dict[str, Any]]:
    async with dues.client("finance") as one:
        return path, await Closing(path, one, one).prepared()


@asynccontextmanager
async def campaign(dues: ServiceUnderTest, arranged: Arrange) -> AsyncIterator[Closing]:
    """Close a campaign in which two are called."""
    path = await arranged(dues, two_called)
    async with dues.client("finance") as one, dues.client("finance", "ops") as two:
        yield Closing(path, one, two)


@asynccontextmanager
async def full_year(dues: ServiceUnderTest, arranged: Arrange) -> AsyncIterator[Closing]:
    """Close a campaign in which all was done that is done to calls."""
    path = await arranged(dues, all_done)
    async with dues.client("finance") as one, dues.client("finance", "ops") as two:
        yield Closing(path, one, two)


@asynccontextmanager
async def certified(
    dues: ServiceUnderTest, arranged: Arrange, certify: Callable[..., Any]
) -> AsyncIterator[tuple[Closing, dict[str, Any]]]:
    """Go on with a campaign of which there is a certificate, prepared or signed."""
    path, certificate = await arranged(dues, certify)
    async with dues.client("finance") as one, dues.client("finance", "ops") as two:
        yield Closing(path, one, two), certificate


async def _called(dues: ServiceUnderTest, client: httpx.AsyncClient) -> str:
    await stated(client, "100000.00")
    opened = await client.post("/campaigns", json={"year": 2026, "use_published_medians": False})
    assert opened.status_code == 201, opened.text
    await run(dues, client, opened.json()["id"])
    return f"/campaigns/{opened.json()['id']}"


async def _voided_and_called_again(dues: ServiceUnderTest, client: httpx.AsyncClient, path: str) -> None:
    [call] = (await client.get("/invoices", params={"member_id": THIRD})).json()["items"]
    why = {"reason": "mistake", "note": "Mauvaise délégation."}
    assert (await client.post(f"/invoices/{call['id']}/void", json=why)).status_code == 201
    await run(dues, client, path.rsplit("/", 1)[1])


async def _paid(client: httpx.AsyncClient) -> None:
    desk = Desk(client)
    await desk.enter("1000.00", member_id=MEMBER)
    [call] = (await client.get("/invoices", params={"delegation": "bretagne"})).json()["items"]
    cheque = await desk.enter(
        "300.00", member_id=call["member_id"], method="cheque", cheque_number="7", cheque_bank="CDC"
    )
    await desk.done(cheque, "return", reason="AM04", returned_on=cheque["received_on"])
    await desk.enter("200.00", member_id=call["member_id"])
    await issued(client, call, fixed="50.00")


async def _transferred(paying: Treasury) -> None:
    await paying.know(OCCITANIE)
    await paying.executed(await paying.prepared())
