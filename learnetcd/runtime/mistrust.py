"""Mistrust: why a handshake came to nothing, in words for a person.

    PEER_DID_NOT_RETURN_A_CERTIFICATE   it showed no certificate
    CERTIFICATE_VERIFY_FAILED           its certificate does not count: certificate has expired
    TLSV1_ALERT_UNKNOWN_CA              it does not believe our certificate: unknown ca
    KEY_VALUES_MISMATCH                 the key in s-key.pem does not fit the certificate in s.pem

The library has constants for its own people, and does not say which file it means. So we look at
the files once more, one after the other, when something was wrong with them.

Source: RFC 8446 §6.2 (alerts: what one side tells the other before it goes); OpenSSL's sslerr.h.

Next page: `tls`.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator

NO_CERTIFICATE = "it showed no certificate"
TOO_OLD = "it knows no TLS that is new enough: 1.2 is the oldest"
NO_TLS = "it does not speak TLS"
SAYINGS = {
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": NO_CERTIFICATE,
    "UNSUPPORTED_PROTOCOL": TOO_OLD,
    "VERSION_TOO_LOW": TOO_OLD,
    "HTTP_REQUEST": "it speaks plain HTTP",
    "HTTPS_PROXY_REQUEST": "it speaks plain HTTP",
    "WRONG_VERSION_NUMBER": NO_TLS,
    "RECORD_LAYER_FAILURE": NO_TLS,
}
"""What we found out of the other side."""
ALERT = "_ALERT_"
"""In constants for what the other side has told us, before the words of the RFC."""
OF_CERTIFICATES = ("CERTIFICATE", "UNKNOWN_CA")


class OfNoUse(OSError):
    """Files with certificates that we can't use; the sentence says which, and why."""


def why(error: BaseException) -> str:
    """Say why there was no handshake."""
    match error:
        case OfNoUse():
            return str(error)
        case ssl.SSLCertVerificationError():
            return f"its certificate does not count: {error.verify_message.rstrip('.')}"
        case ssl.SSLError(reason=str(reason)):
            return SAYINGS.get(reason) or told(reason)
        case OSError(strerror=str(words)):
            return words
    return str(error)


def told(reason: str) -> str:
    """Put an alert, or what else we have no sentence for, in lower case."""
    _, is_alert, alert = reason.partition(ALERT)
    words = (alert or reason).lower().replace("_", " ")
    if alert == "CERTIFICATE_REQUIRED":
        return "it wants a certificate of us, and was shown none"
    if is_alert and any(mark in alert for mark in OF_CERTIFICATES):
        return f"it does not believe our certificate: {words}"
    return f"it refuses: {words}" if is_alert else words


# -- our own files ----------------------------------------------------------------------------


def of_no_use(
    broken: OSError, cert_file: str, key_file: str, trusted_files: tuple[str, ...]
) -> OfNoUse:
    """Say which file is of no use."""
    for found in flaws(broken, cert_file, key_file, trusted_files):
        return OfNoUse(found)
    return OfNoUse(f"what is in {cert_file} and {key_file} can't be used: {why(broken)}")


def flaws(
    broken: OSError, cert_file: str, key_file: str, trusted_files: tuple[str, ...]
) -> Iterator[str]:
    """Tell what is wrong with each file, the worst first."""
    for name in filter(None, (cert_file, key_file, *trusted_files)):
        try:
            open(name, "rb").close()
        except OSError as error:
            yield f"{name} can't be read: {error.strerror}"
    for name in filter(None, (cert_file, *trusted_files)):
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(name)
        except OSError:
            yield f"{name} holds no certificate"
    if getattr(broken, "reason", None) in ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH"):
        yield f"the key in {key_file} does not fit the certificate in {cert_file}"
    elif isinstance(broken, ssl.SSLError) and "password" in str(broken):
        yield f"the key in {key_file} is locked by a password, and one without is needed"
    elif key_file:
        yield f"{key_file} holds no key that can be used"
