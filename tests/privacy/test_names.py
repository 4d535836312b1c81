"""Secrets by their names, and the many values of such names that are none; passwords in URLs."""

from __future__ import annotations

import json

import pytest

from git_ccsync.privacy import finding
from tests.privacy.samples import depths


def values(text: str) -> list[str]:
    data = text.encode()
    return [data[start:end].decode() for start, end, _ in finding.find(data)]


RANDOM = "q7Zr2mXpLc01nVb7Rt3w"

SECRETS = [
    # environment files, shells, command lines
    ("DB_PASSWORD=hunter2hunter", "hunter2hunter"),
    ("export SMTP_PASS='Zx81!spectrum'", "Zx81!spectrum"),
    (f"API_TOKEN={RANDOM}", RANDOM),
    (f"MY_SECRET_KEY={RANDOM}", RANDOM),
    ("ADMIN_PASSWORD=a,b;c&d8(e)", "a,b;c&d8(e)"),
    ("POSTGRES_PASSWORD: Zx81spectrum", "Zx81spectrum"),
    ("mysql --password=Zx81spectrum9 -u root", "Zx81spectrum9"),
    ("tool --password Zx81spectrum9 go", "Zx81spectrum9"),
    (f"gh auth login --with-token {RANDOM}", RANDOM),
    (f"tool --api-key={RANDOM}", RANDOM),
    (f'$env:CLIENT_SECRET = "{RANDOM}"', RANDOM),
    ("DD_API_KEY=0f1e2d3c4b5a69788796a5b4c3d2e1f0", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"),
    ("HEROKU_API_KEY=01234567-89ab-4def-8123-456789abcdef", "01234567-89ab-4def-8123-456789abcdef"),
    # configuration
    ('password = "Tr0ub4dor&3x"', "Tr0ub4dor&3x"),
    ("password: Zx81spectrum", "Zx81spectrum"),
    ("spring.datasource.password=Zx81spectrum", "Zx81spectrum"),
    ("  - name: DB_PASSWORD\n    value: Zx81!spectrum", ""),
    (f'{{"name": "API_TOKEN", "value": "{RANDOM}"}}', RANDOM),
    (f'"client_secret": "{RANDOM}"', RANDOM),
    (f"clientSecret: '{RANDOM}',", RANDOM),
    ("<password>Zx81!spectrum</password>", "Zx81!spectrum"),
    ('<add key="DbPassword" value="Zx81!spectrum" />', "Zx81!spectrum"),
    ("Server=db;User Id=sa;Password=Zx81!spec;Database=x", "Zx81!spec"),
    ("host=db user=app password=Zx81spec9 dbname=x", "Zx81spec9"),
    ("machine github.com login al password gh0stWriter77", "gh0stWriter77"),
    ("machine github.com\\n  login al\\n  password gh0stWriter77", "gh0stWriter77"),
    (
        "//registry.npmjs.org/:_authToken=0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0",
        "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0",
    ),
    ('"auth": "YWRtaW46czNjcjN0UGFzcw=="', "YWRtaW46czNjcjN0UGFzcw=="),
    ("    token: eyJhb7Rt3Qw9ZGciOiJSUzI1NiIsImtpZCI6", "eyJhb7Rt3Qw9ZGciOiJSUzI1NiIsImtpZCI6"),
    ("aws_secret_access_key = kX2rXUtnFEMI/K7MDENG/bPxRfiCYq8Zr1mLpKEY", "kX2rXUtnFEMI/K7MDENG/bPxRfiCYq8Zr1mLpKEY"),
    ("PrivateKey = 8GboYh0YF3q7Zr2mXpLc01nVb7Rt3w1kQbTnVbYH0E8=", "8GboYh0YF3q7Zr2mXpLc01nVb7Rt3w1kQbTnVbYH0E8="),
    # code and talk
    (f"const apiKey: string = '{RANDOM}';", RANDOM),
    (f'client = Client(api_key="{RANDOM}", retries=3)', RANDOM),
    (f"config['api_key'] = '{RANDOM}'", RANDOM),
    (f'config.setToken := "{RANDOM}"', RANDOM),
    (f'"token" => "{RANDOM}"', RANDOM),
    ("my password is Zx81!spectrum.", "Zx81!spectrum"),
    # requests
    (f"Authorization: Bearer {RANDOM}", RANDOM),
    (f'-H "authorization: token {RANDOM}"', RANDOM),
    (f"X-Api-Key: {RANDOM}", RANDOM),
    ("Authorization: Basic YWRtaW46czNjcjN0UGFzcw==", "YWRtaW46czNjcjN0UGFzcw=="),
    (f"https://x.org/a?b=1&access_token={RANDOM}&c=2", RANDOM),
    (f"Set-Cookie: session={RANDOM}; Path=/; HttpOnly", f"{RANDOM}; Path=/; HttpOnly"),
    # commands
    ("curl -s -u al:Zx81spectrum https://x.org", "Zx81spectrum"),
    ("curl --user 'al:Zx81!spectrum' https://x.org", "Zx81!spectrum"),
    ("mysql -h db -u root -pZx81spectrum app", "Zx81spectrum"),
    ("redis-cli -h cache -a Zx81spectrum ping", "Zx81spectrum"),
    ("docker login -u al -p Zx81spectrum ghcr.io", "Zx81spectrum"),
    ("htpasswd -bc /etc/nginx/.htpasswd al Zx81spectrum", "Zx81spectrum"),
    ("htpasswd -nbB al 'Zx81spectrum' | tee .htpasswd", "Zx81spectrum"),
    ("htpasswd -c -b .htpasswd al Zx81spectrum && ls", "Zx81spectrum"),
    ("zip -r -P Zx81spectrum out.zip src", "Zx81spectrum"),
    ("unzip -oP Zx81spectrum in.zip", "Zx81spectrum"),
    ("zip out.zip -P 'Zx81spectrum' src", "Zx81spectrum"),
    ("7z a -pZx81spectrum -mhe out.7z src", "Zx81spectrum"),
    ("7za x out.7z -p'Zx81spectrum'", "Zx81spectrum"),
    ("openssl enc -aes-256-cbc -k Zx81spectrum -in a", "Zx81spectrum"),
    ("openssl rsa -in k.pem -passin pass:Zx81spectrum -out o", "Zx81spectrum"),
    ("openssl pkcs12 -export -passout 'pass:Zx81spectrum'", "Zx81spectrum"),
    ("mongosh -u al -p Zx81spectrum --host db", "Zx81spectrum"),
    ("mongodump --db x -p'Zx81spectrum'", "Zx81spectrum"),
    ('psk="Zx81 spectrum at home"', "Zx81 spectrum at home"),
    ("psk=0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0", "0f1e2d3c4b5a69788796a5b4c3d2e1f0" * 2),
    ('"password": "Tr0mbone under water"', "Tr0mbone under water"),
    ('password: "blue Horse42 moon"', "blue Horse42 moon"),
    ("  - password: blue Horse42 moon  # of the router", "blue Horse42 moon"),
    ('"passphrase": "correct horse battery staple"', "correct horse battery staple"),
    ("echo Zx81spectrum | docker login -u al --password-stdin ghcr.io", "Zx81spectrum"),
    ("sshpass -p 'Zx81spectrum' ssh al@x.org", "Zx81spectrum"),
    ("set -gx DB_PASSWORD Zx81spectrum", "Zx81spectrum"),
    ("ENV DB_PASSWORD Zx81spectrum", "Zx81spectrum"),
    ("define( 'DB_PASSWORD',    'Zx81!spectrum' );", "Zx81!spectrum"),
    ("$p = ConvertTo-SecureString 'Zx81!spectrum' -AsPlainText -Force", "Zx81!spectrum"),
    ("echo 'Zx81spectrum' | sudo -S apt-get update", "Zx81spectrum"),
    (f"echo {RANDOM} | gh auth login --with-token", RANDOM),
    ("keytool -list -storepass Zx81spectrum -keystore x.jks", "Zx81spectrum"),
    ("nmcli dev wifi connect Home password Zx81spectrum", "Zx81spectrum"),
    (f"aws configure set aws_secret_access_key {RANDOM}", RANDOM),
    (f"git config --global github.token {RANDOM}", RANDOM),
    ("requirepass Zx81spectrum", "Zx81spectrum"),
    ("CREATE ROLE app LOGIN PASSWORD 'Zx81spectrum';", "Zx81spectrum"),
    ("alter user app with password 'Zx81spectrum'", "Zx81spectrum"),
    ("CREATE USER al IDENTIFIED BY 'Zx81spectrum'", "Zx81spectrum"),
    # PostgreSQL's password file
    ("db.x.org:5432:app:al:Zx81!spectrum", "Zx81!spectrum"),
    ("*:*:*:postgres:Zx81spectrum", "Zx81spectrum"),
    ("localhost:*:*:al:Zx81spectrum", "Zx81spectrum"),
    # how people and terminals write it
    ("**Password:** Zx81spectrum", "Zx81spectrum"),
    ("password for the staging server: Zx81spectrum", "Zx81spectrum"),
    ("password: \x1b[1;31mZx81spectrum\x1b[0m", "Zx81spectrum"),
    ("API_KEY=\x1b[32mq7Zr2mXpLc01nVb7Rt3w\x1b[0m", RANDOM),
    ('DB_PASSWORD="correct horse battery staple"', "correct horse battery staple"),
    ("BACKUP_PASSPHRASE='otter lamp orbit seven7 crumb'", "otter lamp orbit seven7 crumb"),
    ("//r.x.org/:_password=yMemyYIhSopfazoiWqKa", "yMemyYIhSopfazoiWqKa"),
    ("app:Zx81spectrum@tcp(db:3306)/app?parseTime=true", "Zx81spectrum"),
    # URLs
    ("postgres://app:s3cr3tPw@db.x.org:5432/app", "s3cr3tPw"),
    ("mongodb+srv://u:p%40ss9x@cluster0.mongodb.net/x", "p%40ss9x"),
    ("redis://:k9QmXp2L@cache:6379/0", "k9QmXp2L"),
    ("https://al:correct-horse@git.x.org/a.git", "correct-horse"),
    (r"https:\/\/al:correct-horse@git.x.org\/a.git", "correct-horse"),
    ("amqps://svc:aB3/dE6+gH@mq/", "aB3/dE6+gH"),
    (f"https://{RANDOM}@git.x.org/a.git", RANDOM),
]


@pytest.mark.parametrize(("text", "secret"), [pair for pair in SECRETS if pair[1]], ids=lambda text: text[:40])
def test_a_value_is_taken_and_nothing_else(text: str, secret: str) -> None:
    assert values(text + "\n") == [secret]
    for form in depths(text)[1:]:
        assert [value.replace("\\", "") for value in values(form + "\n")] == [secret.replace("\\", "")], form


def test_a_list_of_variables_over_lines() -> None:
    text = "- name: DB_PASSWORD\n  value: Zx81!spectrum\n"
    assert values(json.dumps(text) + "\n") == ["Zx81!spectrum"]
    assert [text.encode()[a:b] for a, b, _ in finding.find(text.encode(), whole=True)] == [b"Zx81!spectrum"]


def test_a_quoted_value_ends_at_its_own_quote() -> None:
    assert values(r'{"password":"Zx81\"\\spectrum!","x":"password"}') == [r"Zx81\"\\spectrum!"]
    assert values(r'{"c":"password = \"Zx81\\\"spectrum!\" and \"more\""}') == [r"Zx81\\\"spectrum!"]
    assert values(r'{"c":"password = \"Zx81spectrum!","x":"\"y"}') == []
    assert values('{"c":"password=\'Zx81spectrum!","x":"\'y"}') == []


NONE = [
    # code
    'password = os.environ["DB_PASSWORD"]',
    "password = getPassword()",
    "password=settings.DB_PASSWORD2",
    "token = request.headers['X-Token-2']",
    "const token = await getToken(user1, 42);",
    "password: z.string().min(8).max(64),",
    "password: str = Field(min_length=8)",
    "def login(user: str, password: str | None = None) -> None:",
    "self.token = tokens[index + 1]",
    'if password != "":',
    "password == other.password2",
    "SECRET_KEY = config('DJANGO_SECRET_KEY')",
    "api_key = os.getenv('OPENAI_API_KEY', 'none')",
    "apiKey: process.env.OPENAI_API_KEY,",
    'tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased-v2-finetuned-2024")',
    "public_key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKq7Zr2mXpLc01nVb7Rt3'",
    "cache_key = 'node-Linux-x64-npm-0f1e2d3c4b5a69788796a5b4c3d2e1f0'",
    'primary_key="id2", foreign_key="users.id3"',
    "assert password_hash == '$2b$12$abcdefghijklmnopqrstuv'",
    'password_hash: "pbkdf2_sha256$260000$q7Zr2mXpLc01$nVb7Rt3w"',
    "bypass=x81spectrum9, compass: n0rthbyn0rth",
    "passed: 12a34b56c, failed: 0",
    "pass  # noqa: E501 q7Zr2mXp",
    "export PWD=/home/al2/code9",
    "for token in tokens: count9 += 1",
    # stand-ins
    "API_KEY=your-api-key-here-1234",
    "password: <your-password1>",
    "PASSWORD=${DB_PASSWORD_2}",
    "PASSWORD=$DB_PASSWORD_2",
    "password: {{ vault_db_password_2 }}",
    "token: xxxxxxxxxxxxxxxxxxxxxxx1",
    "token=********************1a",
    "password=changeme123",
    "API_KEY=sk-...1a2b",
    'api_key = "EXAMPLE_KEY_q7Zr2mXpLc01nVb7Rt3w"',
    "password: %(password1)s",
    "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    # what is about secrets
    '"usage":{"input_tokens":4,"cache_creation_input_tokens":32457,"output_tokens":13612345}',
    '"max_tokens": 128000, "token_count": 1234567890',
    "token_type: bearer2token",
    "secretName: my-app-tls-2",
    "passwordResetUrl: https://x.org/reset/1a2b3c4d",
    'nextPageToken: "CiAKGjBpNDd2Nmp2Zml2cXRwYjBpOXA"',
    "password_file: /run/secrets/db_password_1",
    "key: value1, token: abc, secret: yes",
    "keyboard: q7Zr2mXpLc01nVb7Rt3w",
    "The password must have 8 characters, one of them a digit.",
    '"password": "Enter your password1"',
    "author: q7Zr2mXpLc01nVb7Rt3w",
    "Basic usage2 of the token3 API",
    "Authorization: Bearer $TOKEN_2",
    "Authorization: Bearer <token1>",
    # what is long and no secret
    "commit 4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    '"uuid":"dfe30c1a-94b1-4f6e-8c5e-21a3b7d9e001","sessionId":"3f2a9c1e-7b44-4d0a-9a6e-0c1d2e3f4a5b"',
    '"integrity": "sha512-q7Zr2mXpLc01nVb7Rt3wq7Zr2mXpLc01nVb7Rt3wq7Zr2mXpLc01nVb7Rt3wq7Zr2mXpLc01nVb7Rt3w=="',
    "sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "AKIAIOSFODNN7EXAMPLE",
    '"tool_use_id":"toolu_01q7Zr2mXpLc01nVb7Rt3w","requestId":"req_011q7Zr2mXpLc01nVb7Rt"',
    "msg_01XFDUDYJgAACzvnptvVoYEL",
    ".btn-primary--large2-hover_state3 { background: url(data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA) }",
    "risk-assessment-for-2024-and-2025-quarter3-final-v2",
    "task-notification-0f1e2d3c4b5a69788796a5b4",
    "data:image/png;base64," + "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4" * 4,
    "https://github.com/acme/app/commit/0f1e2d3c4b5a69788796a5b4c3d2e1f0aabbccdd",
    # commands without one
    "curl -u $USER:$TOKEN https://x.org",
    "curl -u user:password https://x.org/curl",
    "mysql -u root -p app1 < dump2.sql",
    "docker run -p 8080:80 app && docker login -p $PASSWORD2",
    "htpasswd -c /etc/nginx/.htpasswd user9",
    "gzip -9 file2.tar; unzip -p book2.epub chapter3.html; zip -r out9.zip src2",
    "7z x archive2.7z && mkdir -p some-dir2/x",
    "openssl s_client -connect x9.org:443 -keyform PEM -passin env:KEY_9",
    "docker run --name mongo2 -p 27017:27017 mongo; mkdir -p data2x",
    "mongosh -u admin -p --authenticationDatabase admin2",
    'psk="your-wifi-password"',
    '"password": "Bitte Passwort eingeben (8 Zeichen)"',
    '"password": "must have 8 or more letters1"',
    "password: ask Horse42 for it and then go on",
    "a new password: blue Horse42 moon",
    '"password": "Mot de passe oublie ?"',
    "echo $TOKEN_2 | docker login -u al --password-stdin ghcr.io",
    "curl -sSL https://x.org/install-v2.sh | sh -u9",
    'echo "deb http://x.org v2" | sudo tee /etc/apt/x9.list && sudo -S true',
    "echo $PASSWORD2 | sudo -S apt-get update",
    "git config --global user.token.helper store9",
    "ALTER TABLE users ADD COLUMN password2 varchar(255)",
    "CREATE USER al IDENTIFIED BY PASSWORD",
    "return a library identified by 'name'.",
    "we set the password for user9 in the form2 below",
    "password for the staging server: ask Al4",
    "Password for 'https://al@github.com': ",
    "src/app.py:5432:12:error:E501",
    "[::1]:5432: connection refused1:x:y",
    "0.0.0.0:5432:5432",
    "cron: *:*:0 runs2:at:noon1",
    'PASSWORD="Enter your password"',
    'PASSWORD_LABEL="correct horse battery staple"',
    "PASSWORD='must have at least eight letters'",
    "password = getPasswordFromVault",
    'password: "resetPasswordForm"',
    "arn:aws:secretsmanager:eu-west-1:139452451258:secret:prod/valley-USOGAr",
    'PASSWORD="ChangePasswordDialog"',
    "PASSWORD: passwordAuthenticationProvider",
    "mail al:x@tcp.org, dial user@tcp(db)",
    'pk = "pk_live_q7Zr2mXpLc01nVb7Rt3w", NEXT_PUBLIC_MAPS_KEY=q7Zr2mXpLc01nVb7Rt3w',
    # URLs without a secret
    "https://user@host.org/x",
    "git@github.com:acme/app.git ssh://git@github.com/acme/app",
    "postgres://user:password@localhost/db",
    "postgres://user:${DB_PASSWORD}@localhost/db",
    "postgres://user:<password>@localhost/db https://u:***@h/ https://u:xxxx@h/ ftp://u:%s@h",
    "see http://x.org:8080/a@b and mailto:a@b.org",
    "https://0f1e2d3c4b5a69788796a5b4c3d2e1f0@o1.ingest.sentry.io/2",
    "npm i https://x.org:8080/@scope/pkg@1.2.3",
]


@pytest.mark.parametrize("text", NONE, ids=lambda text: text[:40])
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    for form in depths(text):
        assert values(form + "\n") == []
