"""Who can read a URL: paths, servers that answer everybody, servers that do not, none at all."""

from __future__ import annotations

import socket
import subprocess
import threading

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


def test_what_does_not_answer_cannot_be_told() -> None:
    for url in ("http://127.0.0.1:9/x", "al@desktop:src/app", "git@github.com:acme/app.git", "helper::x"):
        assert visibility.look(None, [url], patience=0.5) == "unknown"


def test_an_ssh_url_of_a_forge_is_asked_over_https(monkeypatch) -> None:
    """A proxy that only listens shows what was asked."""
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        port = proxy.getsockname()[1]
        subprocess.run(["git", "config", "--global", "http.proxy", f"http://127.0.0.1:{port}"], check=True)
        monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "https")
        heard: list[bytes] = []

        def answer() -> None:
            connection, _ = proxy.accept()
            with connection:
                heard.append(connection.recv(4096).split(b"\r\n")[0])

        listener = threading.Thread(target=answer, daemon=True)
        listener.start()
        assert visibility.look(None, ["git@git.acme.org:team/app.git"]) == "unknown"
        listener.join(10)
    assert heard == [b"CONNECT git.acme.org:443 HTTP/1.1"]
