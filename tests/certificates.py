"""Certificates for hosts of this machine, of an authority that nobody knows."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connector import clock


def made(folder: Path, name: str, *hosts: str) -> tuple[Path, Path]:
    """An authority of that name, and a certificate of its own for these hosts with its key."""
    now = clock.utc_now()
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    def signed(subject: x509.Name, public: ec.EllipticCurvePublicKey, what: x509.ExtensionType) -> x509.Certificate:
        builder = x509.CertificateBuilder(authority, subject, public, x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
        return builder.add_extension(what, critical=True).sign(authority_key, hashes.SHA256())

    top = signed(authority, authority_key.public_key(), x509.BasicConstraints(ca=True, path_length=None))
    shop = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
    leaf = signed(shop, key.public_key(), x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]))
    pem = serialization.Encoding.PEM
    trusted, served = folder / f"{name}.pem", folder / f"{name}-shop.pem"
    trusted.write_bytes(top.public_bytes(pem))
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    served.write_bytes(leaf.public_bytes(pem) + plain)
    return trusted, served


def public_key_of(served: Path) -> str:
    """SHA-256 of the public key of a certificate, in base64: how browsers name a key that they shall believe."""
    certificate = x509.load_pem_x509_certificate(served.read_bytes())
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    key = certificate.public_key().public_bytes(serialization.Encoding.DER, form)
    return base64.b64encode(hashlib.sha256(key).digest()).decode()
