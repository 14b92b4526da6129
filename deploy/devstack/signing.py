"""The key with which the local stack signs: made on the machine at first need, vouched for by nobody else."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_NOT_USED = (
    "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only",
    "decipher_only",
)  # fmt: skip
_VALID = timedelta(days=3650)


def load_or_create_pair(folder: Path) -> tuple[Path, Path]:
    """Return where a key and its certificate stand; made the first time, the key readable by its owner alone."""
    key_file, certificate_file = folder / "key.pem", folder / "certificate.pem"
    if not certificate_file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(
                key.private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                )
            )
        # Last: it is what says that both are there.
        certificate_file.write_bytes(_certificate(key).public_bytes(serialization.Encoding.PEM))
    return key_file, certificate_file


def _certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Plateforme de démonstration, sans valeur")])
    now = datetime.now(UTC)
    usage = x509.KeyUsage(digital_signature=True, content_commitment=True, **dict.fromkeys(_NOT_USED, False))
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).add_extension(usage, critical=True)
    return builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + _VALID).sign(key, hashes.SHA256())
