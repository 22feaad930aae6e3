"""TLS contexts: the certificate that the mock serves with, and the certificates that it trusts."""

import ssl
from pathlib import Path

from mockserver.errors import SettingsError

LARGEST = 1024 * 1024  # bytes of a file
_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME, for which Python has no name
HOW_TO_GIVE_BOTH = "Give both by --tls-cert and --tls-key (MOCKSERVER_TLS_CERT, MOCKSERVER_TLS_KEY)."


def server_context(certificate: str | None, key: str | None) -> ssl.SSLContext | None:
    """The TLS context to serve with this certificate and key, TLS 1.2 or newer; None, for plain HTTP, without either.

    Raises SettingsError, which names the file that can't be used and says what to do.
    """
    if certificate is None:
        if key is not None:
            raise SettingsError(f"The TLS key {key} needs its certificate. {HOW_TO_GIVE_BOTH}")
        return None
    _check(certificate, "certificate", b"-----BEGIN CERTIFICATE-----")
    _check(key or certificate, "key", b"PRIVATE KEY-----")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    _load(context, certificate, key or certificate)
    return context


def client_context(ca_file: str | None) -> ssl.SSLContext | None:
    """The TLS context that trusts the certificates of this file; None, for the system's own, without a file.

    Raises SettingsError if the file can't be used.
    """
    if ca_file is None:
        return None
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"The CA file {ca_file} can't be read as PEM certificates: {error}.") from error


def pinned_context(certificate: str | None) -> ssl.SSLContext:
    """The TLS context that trusts the server with this certificate, by whatever name and at whatever time, and no
    other; nobody without one. It is for a server that the caller has started itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if certificate is not None:
        context.load_verify_locations(certificate)
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | _NO_CHECK_TIME
    return context


def _check(path: str, what: str, begins: bytes) -> None:
    """Raise SettingsError if a file can't be read, or doesn't contain this first line."""
    if not Path(path).is_file():
        raise SettingsError(f"The TLS {what} {path} is not there, or no file. {HOW_TO_GIVE_BOTH}")
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST)
    except OSError as error:
        raise SettingsError(f"The TLS {what} {path} can't be read: {error.strerror}.") from error
    if begins not in content:
        raise SettingsError(f"There is no {what} in PEM form in {path}. {HOW_TO_GIVE_BOTH}")


def _load(context: ssl.SSLContext, certificate: str, key: str) -> None:
    def passphrase() -> str:
        raise SettingsError(
            f"The TLS key {key} has a passphrase. Write it without one: openssl pkey -in {key} -out plain.pem"
        )

    try:
        context.load_cert_chain(certificate, key, passphrase)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            says = f"The TLS key {key} is not that of the certificate {certificate}. {HOW_TO_GIVE_BOTH}"
            raise SettingsError(says) from error
        says = f"The TLS certificate {certificate} with the key {key} can't be used: {error.reason or error}."
        raise SettingsError(says) from error
