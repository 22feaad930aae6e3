"""Security: the contract's `security` of an operation, compiled to checks of credentials."""

import binascii
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from mockserver.errors import AccessDenied, ApiError, AuthenticationRequired, ContractError
from mockserver.http.messages import Request
from mockserver.openapi.contract import Contract, Operation
from mockserver.world.auth import Auth, Principal

Scheme = Mapping[str, Any]
Read = Callable[[Request], str]  # the credential, or an empty text
Verify = Callable[[str], Principal | Awaitable[Principal]]  # awaited only where the store has to be asked


class Security:
    """Authenticates the callers of one operation.

    The contract's alternatives are tried in order. The first one whose credentials are all present and valid wins; if
    there is none, the first credential that was present names the error. Only admins may call secured operations: those
    of members are not in this contract (vendor-facts §2.6).
    """

    def __init__(self, contract: Contract, declared: Operation, verifiers: "Verifiers") -> None:
        self._alternatives = [
            [(_reader(scheme), verifiers(scheme)) for scheme in map(contract.security_scheme, alternative)]
            for alternative in declared.security
        ]
        self._wanted = _wanted([list(map(contract.security_scheme, names)) for names in declared.security])
        self._is_public = not self._alternatives or [] in self._alternatives

    async def authenticate(self, request: Request) -> Principal | None:
        """The caller; None on a public operation. Raises AccessDenied, or the ApiError of the credential."""
        if self._is_public:
            return None
        failure: ApiError | None = None
        for alternative in self._alternatives:
            try:
                for read, verify in alternative:
                    credential = read(request)
                    if not credential:
                        break
                    found = verify(credential)
                    principal = found if isinstance(found, Principal) else await found
                else:
                    return admin_only(principal)
            except ApiError as error:
                failure = failure or error
        raise failure or AuthenticationRequired(hint=self._wanted)


def admin_only(principal: Principal) -> Principal:
    """The caller. Raises AccessDenied for a member."""
    if principal.role == "member":
        raise AccessDenied(hint="The token is a member's; this operation needs an admin's.")
    return principal


def _wanted(alternatives: list[list[Scheme]]) -> str:
    """The hint for a request without a credential: what it may bring."""
    ways = [" and ".join(map(_credential, schemes)) for schemes in alternatives if schemes]
    return f"Send {', or '.join(ways)}."


def _credential(scheme: Scheme) -> str:
    if scheme["type"] == "apiKey":
        return f"a key in {'the ' if scheme['in'] != 'header' else ''}{scheme['in']} {scheme.get('name', '')}"
    if scheme["type"] == "mutualTLS":
        return "a client certificate"
    kind = scheme.get("scheme", "") if scheme["type"] == "http" else "bearer"
    return f"Authorization: {kind.capitalize()} TOKEN"


Verifiers = Callable[[Scheme], Verify]


def auth_verifiers(auth: Auth) -> Verifiers:
    """The verifiers of the mock's own users. They raise ContractError for a scheme that can't be checked."""

    def verifier(scheme: Scheme) -> Verify:
        if scheme["type"] == "http" and scheme["scheme"].lower() == "bearer":
            return auth.verify_bearer
        if scheme["type"] == "apiKey" and scheme["in"] == "header":
            return auth.verify_api_key
        kind = f"{scheme['type']} {scheme.get('scheme', '')}".strip()
        raise ContractError(f"The mock can't check credentials of the kind {kind}.")

    return verifier


def any_credential(_scheme: Scheme) -> Verify:
    """The verifier that accepts any credential of the right form, for operations without behaviour."""

    return lambda _credential: Principal("anybody", "admin")


def _reader(scheme: Scheme) -> Read:
    """The function that reads the credential of a scheme from a request."""
    kind, name = scheme["type"], scheme.get("name", "")
    if kind == "http":
        return _basic if scheme["scheme"].lower() == "basic" else _authorization(scheme["scheme"].lower().encode())
    if kind in ("oauth2", "openIdConnect"):
        return _authorization(b"bearer")
    if kind == "mutualTLS":  # whoever ends the connection has seen it; a request doesn't tell
        return lambda _request: "a certificate"
    places: dict[str, Read] = {
        "header": lambda request: request.headers.get(name.lower().encode(), b"").decode("latin-1"),
        "query": lambda request: parse_qs(request.query_string.decode("latin-1")).get(name, [""])[-1],
        "cookie": lambda request: _cookie(request, name),
    }
    return places[scheme["in"]]


def _authorization(scheme: bytes) -> Read:
    """The function that reads a credential of this scheme from `Authorization`; another scheme is no credential."""

    def read(request: Request) -> str:
        kind, _, credential = request.headers.get(b"authorization", b"").partition(b" ")
        return credential.strip().decode("latin-1") if kind.lower() == scheme else ""

    return read


def _basic(request: Request) -> str:
    """The `user:password` of HTTP Basic; empty if it isn't of that form."""
    encoded = _authorization(b"basic")(request)
    try:
        decoded = b64decode(encoded, validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""
    return decoded if ":" in decoded else ""


def _cookie(request: Request, name: str) -> str:
    from http.cookies import CookieError, SimpleCookie

    try:
        morsel = SimpleCookie(request.headers.get(b"cookie", b"").decode("latin-1")).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""
