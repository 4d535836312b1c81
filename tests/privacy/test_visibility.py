"""Who can read a URL: paths, servers that answer everybody, servers that do not, none at all."""

from __future__ import annotations

from git_ccsync.privacy import visibility


def test_a_path_is_private(tmp_path) -> None:
    assert visibility.look(None, [str(tmp_path), "file:///srv/x"]) == "private"


def test_what_answers_without_credentials_is_public(world) -> None:
    server = world.http()
    url = server.url("app.git")
    assert visibility.look(None, [url]) == "public"
    assert visibility.look(None, [str(world.remote), url]) == "public"
    server.anonymous, server.password = False, "secret"
    assert visibility.look(None, [server.url("app.git", user="al:secret")]) == "unknown"
    assert visibility.look(None, [str(world.remote), url]) == "unknown"


def test_what_does_not_answer_cannot_be_told(monkeypatch) -> None:
    monkeypatch.setattr(visibility, "PATIENCE", 0.5)
    for url in ("http://127.0.0.1:9/x", "al@desktop:src/app", "git@github.com:acme/app.git", "helper::x"):
        assert visibility.look(None, [url]) == "unknown"
