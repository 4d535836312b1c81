"""Kinds of credentials that are told by the file or the command in which they stand: netrc, kubeconfig, headers, flags, …

Most are patterns in secrets_files.txt; here are those that need more than a pattern.
"""

from __future__ import annotations

import base64
import json

from tests.bench.secrets_draw import Draw, Value, table
from tests.bench.secrets_keys import Maker


def one_of(patterns: tuple[str, ...]) -> Maker:
    """A maker that takes one of the patterns."""
    return lambda draw: draw.value(draw.pick(patterns))


def docker_config(draw: Draw) -> Value:
    """~/.docker/config.json: user and password in base64."""
    auth = base64.b64encode(f"acme:{draw.text('w', 26)}".encode()).decode()
    made = {"auths": {"https://index.docker.io/v1/": {"auth": auth}}}
    return Value(json.dumps(made, indent=draw.pick((None, "\t"))), (auth.rstrip("="),))


def header_basic(draw: Draw) -> Value:
    """HTTP basic authentication."""
    auth = base64.b64encode(f"{draw.word()}:{draw.text('w', 21)}".encode()).decode()
    form = draw.pick(
        (
            "Authorization: Basic {}",
            "curl -H 'Authorization: Basic {}' https://api.acme.io/",
            "> authorization: Basic {}",
        )
    )
    return Value(form.format(auth), (auth.rstrip("="),))


def password_of_words(draw: Draw) -> Value:
    """What people make up: long, but of words."""
    password = f"{draw.word().title()}{draw.pick('!-_.+')}{draw.word().title()}{draw.pick('@#%*')}{draw.random.randrange(10, 9999)}"
    form = draw.pick(("DB_PASSWORD='{}'", 'password = "{}"', "SMTP_PASSWORD={}", '  "password": "{}",'))
    return Value(form.format(password), (password,))


def password_with_quotes(draw: Draw) -> Value:
    """Quotes and backslashes, which every level of JSON writes in another way."""
    password = f'{draw.text("w", 8)}"{draw.text("w", 7)}\\{draw.text("w", 8)}'
    return Value(
        draw.pick(("DB_PASSWORD='{}'", "export SMTP_PASSWORD='{}'", "db_password: '{}'")).format(password), (password,)
    )


DOCUMENTS: tuple[tuple[str, Maker], ...] = (
    *((name, one_of(patterns)) for name, patterns in table("secrets_files.txt")),
    ("docker-config", docker_config),
    ("header-basic", header_basic),
    ("password-of-words", password_of_words),
    ("password-with-quotes", password_with_quotes),
)
