"""What looks like a secret, and what only seems to: every kind with its near misses. All values are made up here."""

import base64
import json
import random
import string

import pytest

from upkeep.formats.secret_patterns import entropy, spotted
from upkeep.formats.text_of import text_of

_DRAW = random.Random(7)  # noqa: S311 - made-up values that must be the same each time
_LETTERS = string.ascii_letters + string.digits


def drawn(count: int, letters: str = _LETTERS) -> str:
    return "".join(_DRAW.choice(letters) for _ in range(count))


def token(header: dict[str, str]) -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, {"sub": "shop-1"}))
    return ".".join([*parts, drawn(43)])


FOUND = {
    "AWS access key id": f"aws_key = AKI{'A'}{drawn(16, 'ABCDEFGHJKLMNPQ234567')}",
    "GitHub token": f"curl -H 'authorization: gh{'p'}_{drawn(36)}'",
    "GitLab token": f"gl{'pat'}-{drawn(20)}",
    "Slack token": f"xox{'b'}-{drawn(12, string.digits)}-{drawn(24)}",
    "Slack webhook": f"https://hooks.slack.com/{'services'}/T{drawn(8, string.digits)}/B{drawn(8, string.digits)}/{drawn(24)}",
    "Stripe key": f"sk_{'live'}_{drawn(24)}",
    "npm token": f"//registry.example.org/:_authToken=npm_{drawn(36)}",
    "PyPI token": f"pypi-AgE{'IcHlwaS5vcmc'}{drawn(70)}",
    "JSON Web Token": token({"alg": "HS256", "typ": "JWT"}),
    "private key": f"-----BEGIN EC {'PRIVATE'} KEY-----\n{drawn(64)}\n{drawn(64)}\n-----END EC PRIVATE KEY-----",
    "connection string with a password": f"postgresql://shop:{drawn(14)}@db.internal/shop",
    "secret behind a telling name": f'API_TOKEN="{drawn(24)}1a"',
}


@pytest.mark.fault
@pytest.mark.parametrize("kind", FOUND)
def test_each_kind_is_found_with_its_line(kind: str) -> None:
    found = [(spot.kind, spot.line) for spot in spotted(f"one\ntwo\n{FOUND[kind]}\nfour\n")]
    assert (kind, 3) in found
    assert "text=" not in repr(list(spotted(FOUND[kind])))


NEAR = {
    "hash of a lockfile": f"password_sha = sha512-{drawn(86)}==",
    "hexadecimal hash": f"token: {drawn(64, '0123456789abcdef')}",
    "commit": f"secret_commit = {drawn(40, '0123456789abcdef')}",
    "uuid": "client_secret = 3f2b8c1e-9a7d-4e5f-8b6c-1d2e3f4a5b6c",
    "example key": "AKIAIOSFODNN7EXAMPLE",
    "placeholder": "password = changeme-123-please",
    "word": "POSTGRES_PASSWORD=password",
    "plain words": "password: correct horse battery staple",
    "variable": "password = os.environ['SHOP_PASSWORD_1']",
    "shell variable": "DB_PASSWORD=${DB_PASSWORD_9f8e7d}",
    "template": "secret: {{ vault.shop_9f8e7d6c5b }}",
    "call": "token = create_token(user1, 42)",
    "attribute": "token=settings.API_TOKEN_V2_abc",
    "path": "secret=/run/secrets/shop_login_1",
    "public key": f"ssh_public_key_token: ssh-ed25519{drawn(40)}",
    "certificate": f"-----BEGIN CERTIFICATE-----\n{drawn(64)}",
    "public PEM": f"-----BEGIN PUBLIC KEY-----\n{drawn(64)}",
    "cut key": "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----",
    "key in prose": "a file that begins with -----BEGIN PRIVATE KEY----- is one",
    "address without a password": "postgresql://shop@db.internal/shop",
    "address with a placeholder": "postgresql://shop:password@localhost/shop",
    "address with a variable": "postgresql://shop:${PASSWORD}@db/shop",
    "port": "http://localhost:8080/@scope/package",
    "unsigned token": token({"alg": "none"}),
    "test key": f"sk_test_{drawn(24)}",
    "allowed on its line": f'TOKEN="{drawn(24)}1a"  # pragma: allowlist secret',
    "short": "pin_token=a1b2c3",
    "version": "token_version: 2026.11.27-rc",
}  # fmt: skip


@pytest.mark.near_miss
@pytest.mark.parametrize("case", NEAR)
def test_what_only_seems_to_be_one(case: str) -> None:
    assert [spot.kind for spot in spotted(NEAR[case])] == []


@pytest.mark.near_miss
def test_doubtful_ones_are_left_out_where_they_are_made_up() -> None:
    text = "\n".join(FOUND.values())
    certain = {spot.kind for spot in spotted(text, doubtful=False)}
    assert certain == set(FOUND) - {"private key", "connection string with a password", "secret behind a telling name"}


@pytest.mark.baseline
def test_a_long_line_is_bounded_work() -> None:
    assert list(spotted("password=" * 40_000 + "://" * 40_000 + "eyJ" * 40_000)) == []


def test_entropy() -> None:
    assert (entropy(""), entropy("aaaa"), entropy("abcd")) == (0.0, 0.0, 2.0)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain", "plain"), ("ä".encode(), "ä"), ("ä".encode("latin-1"), "ä"), ("ä".encode("utf-16"), "ä"),
        (b"\xef\xbb\xbfx", "x"),
        (b"\x7fELF\0\0", None), (b"", ""), ("ä".encode("utf-32"), "ä"),
    ],
)  # fmt: skip
def test_text_of_bytes(data: bytes, text: str | None) -> None:
    assert text_of(data) == text
