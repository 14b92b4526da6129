"""A conversation with a mail server that asks who we are: in secret, and with nobody blamed when we are not let in."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.smtp import LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from common.mail import MailStatus
from common.testing.awaiting import eventually, running
from common.testing.mailbox import Mailbox, running_mailbox
from common.testing.plugin import Assemble

from .notebook.app import service_with
from .notebook.letters import LETTER, SOON, becomes, found, mailed, was_tried

LOGIN = LoginPassword(b"carnet", b"tres/secret")


def certificate(folder: Path) -> Path:
    """Write a certificate of 127.0.0.1 and its key in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(written + signed.public_bytes(serialization.Encoding.PEM))
    return path


@asynccontextmanager
async def guarded_mailbox(folder: Path) -> AsyncIterator[Mailbox]:
    """Run a server that offers STARTTLS and wants a login."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate(folder))
    async with running_mailbox(login=LOGIN, tls=tls) as mailbox:
        yield mailbox


def as_(user: str, mailbox: Mailbox) -> str:
    return mailbox.url.replace("://", f"://{user}@")


async def test_a_login_travels_encrypted(assemble: Assemble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with guarded_mailbox(tmp_path) as mailbox:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
        service = await assemble(service_with(), SMTP_URL=as_("carnet:tres%2Fsecret", mailbox))
        [mail_id] = await mailed(service, LETTER)
        async with running(service.mail_sender().run):
            await becomes(service, mail_id, MailStatus.SENT)
        assert mailbox.received[0].subject == LETTER.subject


@pytest.mark.parametrize("user", ["carnet:faux", "autre:tres%2Fsecret"])
async def test_who_is_not_let_in_waits(
    assemble: Assemble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: str
) -> None:
    async with guarded_mailbox(tmp_path) as mailbox:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
        service = await assemble(service_with(), SMTP_URL=as_(user, mailbox))
        [mail_id] = await mailed(service, LETTER)
        sender = service.mail_sender(SOON)
        async with running(sender.run):
            await eventually(lambda: was_tried(service, mail_id, 2))
        kept = await found(service, mail_id)
        assert (kept.status, sender.server) == (MailStatus.WAITING, "away")
        assert (kept.reply or "").startswith("535")


async def test_a_server_that_nobody_vouches_for_gets_nothing(assemble: Assemble, tmp_path: Path) -> None:
    async with guarded_mailbox(tmp_path) as mailbox:
        service = await assemble(service_with(), SMTP_URL=as_("carnet:tres%2Fsecret", mailbox))
        [mail_id] = await mailed(service, LETTER)
        async with running(service.mail_sender(SOON).run):
            await eventually(lambda: was_tried(service, mail_id))
        assert "certificate verify failed" in ((await found(service, mail_id)).reply or "")
        assert mailbox.received == []


async def test_a_password_is_not_given_in_clear_to_a_server_that_would_take_it(assemble: Assemble) -> None:
    async with running_mailbox(login=LOGIN) as mailbox:
        service = await assemble(service_with(), SMTP_URL=as_("carnet:tres%2Fsecret", mailbox))
        [mail_id] = await mailed(service, LETTER)
        async with running(service.mail_sender(SOON).run):
            await eventually(lambda: was_tried(service, mail_id))
        kept = await found(service, mail_id)
        assert kept.status is MailStatus.WAITING
        assert "STARTTLS" in (kept.reply or "")
        assert (mailbox.logins, mailbox.received) == (0, [])
