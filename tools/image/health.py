"""The health check of the image: is the mock of this container there? Exit code 0: yes; 1: no.

It is a file of the image, run by its Python: so the image needs neither a shell nor curl. It reads the variables that
the mock reads; a port or a certificate that is given by an option isn't seen.
"""

import http.client
import os
import ssl
import sys
from collections.abc import Mapping

TIMEOUT = 2  # seconds


def healthy(environment: Mapping[str, str]) -> bool:
    """Whether the mock that these variables describe answers with 200."""
    port = int(environment.get("MOCKSERVER_PORT") or 8181)
    connection: http.client.HTTPConnection
    if environment.get("MOCKSERVER_TLS_CERT"):
        # Who answers on this machine's own loopback needs no proof, and nothing secret is sent.
        context = ssl._create_unverified_context()  # noqa: S323, SLF001
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=TIMEOUT, context=context)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request("GET", "/_mock/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not healthy(os.environ))
