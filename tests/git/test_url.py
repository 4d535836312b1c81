"""URLs of remotes: one spelling for one place, nothing secret in what is shown, nothing executable let through."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from git_ccsync.errors import Usage
from git_ccsync.git import url

ONE_PLACE = [
    "https://github.com/acme/app",
    "https://github.com/acme/app.git",
    "https://github.com:443/Acme/App.git/",
    "https://al:t0ken@github.com/acme/app?x=1",
    "git@github.com:acme/app.git",
    "github.com:acme/app",
    "ssh://git@github.com/acme/app.git",
    "ssh://git@github.com:22/acme//app",
    "git+ssh://git@GitHub.com/acme/app",
    "ssh://git@ssh.github.com:443/acme/app.git",
]


@pytest.mark.parametrize("spelling", ONE_PLACE)
def test_ssh_and_https_forms_of_one_place_are_equal(spelling: str) -> None:
    assert url.normalise(spelling) == "github.com/acme/app"
    assert url.project_key(spelling) == "github.com%2Facme%2Fapp"


@pytest.mark.parametrize(
    ("spelling", "same"),
    [
        ("http://github.com/acme/app", "http://github.com/acme/app"),  # read on its way
        ("git://github.com/acme/app", "git://github.com/acme/app"),
        ("git@git.acme.org:team/app.git", "git.acme.org/team/app"),
        ("https://git.acme.org/team/app", "git.acme.org/team/app"),
        ("https://git.acme.org/team/App", "git.acme.org/team/App"),  # only known forges ignore case
        ("ssh://git@git.acme.org:2222/team/app", "git.acme.org:2222/team/app"),
        ("al@desktop:src/app", "desktop/~/src/app"),  # a home directory is another place than the root
        ("ssh://al@desktop/src/app", "desktop/src/app"),
        ("al@desktop:/src/app", "desktop/src/app"),
        ("[::1]:src/app", "::1/~/src/app"),
        ("git@ssh.dev.azure.com:v3/acme/proj/app", "dev.azure.com/acme/proj/_git/app"),
        ("https://acme@dev.azure.com/acme/proj/_git/app", "dev.azure.com/acme/proj/_git/app"),
        ("codecommit::eu-central-1://app", "codecommit::eu-central-1://app"),
    ],
)
def test_normal_form(spelling: str, same: str) -> None:
    assert url.normalise(spelling) == same


def test_paths_are_made_absolute_and_real(tmp_path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    base = str(tmp_path / "clone")
    assert url.normalise("../link/app.git", base) == str(tmp_path / "real/app.git")
    assert url.normalise(f"file://{tmp_path}/real/app.git") == str(tmp_path / "real/app.git")


@pytest.mark.parametrize("path", ["/srv/app.git", "./a:b", "../app", "app", "file:///srv/app", "/tmp/x:y"])
def test_paths(path: str) -> None:
    assert url.is_path(path)


@pytest.mark.parametrize("other", ["host:app", "al@host:app", "https://h/x", "ssh://h/x", "x::y"])
def test_not_paths(other: str) -> None:
    assert not url.is_path(other)


@pytest.mark.parametrize(
    "bad",
    [
        *(
            "",
            "-u",
            "-uorigin",
            "--upload-pack=x",
            "ext::sh -c x",
            "EXT::x",
            "fd::3",
            "a\nb",
            "a\x1b[0m",
            "a\0b",
            "a\x9b0m",
        ),
        *("ssh://-oProxyCommand=x/y", "ssh://-oProxyCommand=x@h/y", "git+ssh://h:-p/x", "-oProxyCommand=x:y"),
        *(
            "git@-oProxyCommand=x:y",
            "git://-h/x",
            "ssh://[-oProxyCommand=x]/y",
            "[-oProxyCommand=x]:y",
            "bundles::a\nb",
        ),
    ],
)
def test_urls_that_run_things_are_refused(bad: str) -> None:
    with pytest.raises(Usage):
        url.safe_url(bad)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("https://al:secret@h.org/x", "https://h.org/x"),
        ("https://t0ken@h.org/x?private_token=secret", "https://h.org/x"),
        ("ssh://al:secret@h.org:22/x", "ssh://al@h.org:22/x"),
        ("git@h.org:x/y", "git@h.org:x/y"),
        ("/srv/a@b:c", "/srv/a@b:c"),
        ("file:///srv/a@b", "file:///srv/a@b"),
    ],
)
def test_credentials_are_never_shown(given: str, shown: str) -> None:
    assert url.without_credentials(given) == shown
    assert "secret" not in url.normalise(given)


@pytest.mark.parametrize(
    "name", ["a..b", ".a", "a.lock", "a.", "a b", "ä", "a@{b", "a~^:?*[\\", "a/b", "%", "...", ".lock", "\udcff"]
)
def test_any_text_becomes_a_component_of_a_ref_name(name: str) -> None:
    key = url.key_of(name)
    assert "/" not in key
    subprocess.run(["git", "check-ref-format", f"refs/ccsync/{key}/me"], check=True)


def test_keys_tell_places_apart() -> None:
    keys = [url.key_of(name) for name in ("a/b", "a%2Fb", "a%b", "a..b", "a.%2Eb", "a.lock", "a%2Elock")]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("given", "https"),
    [
        ("git@github.com:acme/app.git", "https://github.com/acme/app.git"),
        ("ssh://git@gitlab.acme.org:2222/team/app", "https://gitlab.acme.org/team/app"),
        ("al@desktop:src/app", ""),
        ("al@git.acme.org:src/app", ""),
        ("https://github.com/acme/app", ""),
        ("/srv/app", ""),
    ],
)
def test_https_form_of_an_ssh_url(given: str, https: str) -> None:
    assert url.https_form(given) == https


def test_relative_paths_start_where_git_starts_them() -> None:
    assert url.normalise("x") == os.path.realpath("x")


def test_what_holds_a_password_is_known() -> None:
    """A user alone may be a token where the protocol is http; "git" is none."""
    secret = (
        "https://al:pw@h/x",
        "https://ghp_abc@github.com/x",
        "http:/al:pw@h/x",
        "see https://al:pw@h",
        "ssh://al:pw@h/x",
    )
    plain = (
        "git@github.com:a/b",
        "ssh://git@h:22/x",
        "https://h/x@y:z",
        "Al: <al@h>",
        "/srv/a@b",
        "C:/a",
        "",
        "al@h:~/x",
    )
    assert [url.has_credentials(one) for one in (*secret, *plain)] == [True] * len(secret) + [False] * len(plain)
    for one in secret:
        assert not {"pw", "ghp_abc"} & set(re.split("[^a-z_]", url.hide_passwords(f"fatal: '{one}' said no"))), one
    assert url.hide_passwords("git@github.com:a/b ssh://git@h/x") == "git@github.com:a/b ssh://git@h/x"
    with pytest.raises(Usage, match="two slashes"):
        url.safe_url("https:/al:pw@h/x")
