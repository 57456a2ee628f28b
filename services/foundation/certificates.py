"""What is wrong with a certificate that a server shows, in a few words."""

import ssl
from typing import Final

#: OpenSSL's codes for a certificate of another host, or address.
_OTHER_NAME: Final = frozenset({62, 64})
_EXPIRED: Final = 10


def why_refused(error: ssl.SSLCertVerificationError, *, ca_setting: str) -> str:
    """Say why a certificate was not accepted; `ca_setting` is where its CA could be named."""
    if error.verify_code in _OTHER_NAME:
        return "shows a certificate that is not for this address"
    if error.verify_code == _EXPIRED:
        return "shows a certificate that is no longer valid"
    return f"shows a certificate of a CA unknown here; name its CA with {ca_setting}"
