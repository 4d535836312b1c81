"""Kinds of private keys and signed tokens: PEM of every label, OpenSSH, PGP, PuTTY, SSH2, JWK, JWT. Random bytes, no real keys.

Each maker takes a Draw and returns a Value; every line of a key's body is a secret of its own, because a line that stays
behind is a part of the key.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

from tests.bench.secrets_draw import Draw, Value

Maker = Callable[[Draw], Value]
DASHES = "-" * 5


def armour(label: str, body: list[str], *, dashes: str = DASHES, head: tuple[str, ...] = ()) -> Value:
    """A block between its BEGIN and END lines; dashes may bring a space with them."""
    lines = [f"{dashes}BEGIN {label}{dashes[::-1]}", *head, *body, f"{dashes}END {label}{dashes[::-1]}"]
    return Value("\n".join(lines) + "\n", tuple(line.rstrip("=") for line in body))


def body(draw: Draw, start: str, count: int, width: int = 64) -> list[str]:
    """Base64 lines as a PEM writer makes them: the last one is shorter and padded."""
    first = start + draw.text("b", width - len(start))
    return [first, *[draw.text("b", width) for _ in range(count - 2)], draw.text("b", 22) + "=="]


def pem(label: str, start: str, count: int, *head: str) -> Maker:
    """A maker of PEM blocks with that label."""
    return lambda draw: armour(label, body(draw, start, count), head=head)


def openssh(draw: Draw) -> Value:
    """The format of ssh-keygen since 2014; its lines are 70 wide."""
    return armour("OPENSSH PRIVATE" + " KEY", body(draw, "b3BlbnNzaC1rZXktdjEAAAAA", draw.pick((6, 8, 26)), 70))


def pgp(draw: Draw) -> Value:
    """An armoured secret key with its checksum line."""
    made = body(draw, "lQWGBG", draw.pick((12, 20)))
    value = armour("PGP PRIVATE" + " KEY BLOCK", [*made, "=" + draw.text("b", 4)], head=("",))
    return Value(value.text, value.secrets[:-1])


def ssh2(draw: Draw) -> Value:
    """The commercial SSH's format."""
    head = ('Comment: "al@laptop"',)
    return armour("SSH2 ENCRYPTED PRIVATE" + " KEY", body(draw, "P2/56wAA", 9, 70), dashes="-" * 4 + " ", head=head)


def putty(draw: Draw) -> Value:
    """A .ppk file, version 3."""
    private = [draw.text("b", 64), draw.text("b", 64), draw.text("b", 30) + "=="]
    lines = ["PuTTY-User-Key-File-3: ssh-ed25519", "Encryption: none", "Comment: al@laptop", "Public-Lines: 2"]
    lines += ["AAAAC3NzaC1lZDI1NTE5AAAAI" + draw.text("b", 39), draw.text("b", 16), f"Private-Lines: {len(private)}"]
    text = "\n".join([*lines, *private, "Private-MAC: " + draw.text("h", 64)]) + "\n"
    return Value(text, tuple(line.rstrip("=") for line in private))


def one_line(draw: Draw) -> Value:
    """A PEM key in an environment variable, its line ends written as backslash and n."""
    block = armour("RSA PRIVATE" + " KEY", body(draw, "MIIEpAIBAAKCAQEA", 8))
    return Value("PRIVATE_KEY=" + json.dumps(block.text), block.secrets)


def service_account(draw: Draw) -> Value:
    """Google's key file."""
    block = armour("PRIVATE" + " KEY", body(draw, "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", 12))
    made = {
        "type": "service_account",
        "project_id": f"acme-{draw.word()}",
        "private_key_id": draw.text("h", 40),
        "private_key": block.text,
        "client_email": f"{draw.word()}@acme.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    return Value(json.dumps(made, indent=2), block.secrets)


def jwk(draw: Draw) -> Value:
    """An elliptic curve key with its private member d."""
    secret = draw.text("u", 43)
    made = {
        "kty": "EC",
        "crv": "P-256",
        "x": draw.text("u", 43),
        "y": draw.text("u", 43),
        "d": secret,
        "kid": draw.uuid(),
    }
    return Value(json.dumps(made, indent=draw.pick((None, 2))), (secret,))


def certificate_and_key(draw: Draw) -> Value:
    """A .pem file as servers read it: the public certificate, then its key."""
    certificate = armour("CERTIFICATE", body(draw, "MIIDXTCCAkWgAwIBAgIJA", 10))
    key = armour("PRIVATE" + " KEY", body(draw, "MIIEvgIBADANBgkqhkiG9w0BAQEFAASC", 14))
    return Value(certificate.text + key.text, key.secrets)


def token(draw: Draw) -> Value:
    """A JWT: what makes it worth something is its signature."""
    algorithm = draw.pick(("HS256", "RS256", "ES256"))
    header = {"alg": algorithm, "typ": "JWT"} | draw.pick(({}, {"kid": draw.text("h", 8)}))
    claims = {"sub": draw.uuid(), "name": draw.word(), "iat": 1767322800 + draw.random.randrange(10**6)}
    signature = draw.text("u", {"HS256": 43, "RS256": 342, "ES256": 86}[algorithm])
    parts = [encoded(header), encoded(claims), signature]
    return Value(".".join(parts), (signature,))


def encoded(value: object) -> str:
    """A part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


#: Documents: they stand in files and outputs, not behind a variable's name.
KEYS: tuple[tuple[str, Maker], ...] = (
    ("key-rsa", pem("RSA PRIVATE" + " KEY", "MIIEpAIBAAKCAQEA", 25)),
    ("key-ec", pem("EC PRIVATE" + " KEY", "MHcCAQEEI", 3)),
    ("key-dsa", pem("DSA PRIVATE" + " KEY", "MIIBuwIBAAKBgQ", 10)),
    ("key-pkcs8", pem("PRIVATE" + " KEY", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", 26)),
    ("key-pkcs8-encrypted", pem("ENCRYPTED PRIVATE" + " KEY", "MIIFHDBOBgkqhkiG9w0BBQ0w", 28)),
    (
        "key-rsa-encrypted",
        pem("RSA PRIVATE" + " KEY", "", 25, "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC," + "0" * 32, ""),
    ),
    ("key-openssh", openssh),
    ("key-pgp", pgp),
    ("key-ssh2", ssh2),
    ("key-putty", putty),
    ("key-in-variable", one_line),
    ("key-after-certificate", certificate_and_key),
    ("gcp-service-account", service_account),
    ("jwk", jwk),
)
