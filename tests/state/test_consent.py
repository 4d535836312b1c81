"""Consent: bound to URLs, kept as text, never more than was agreed to."""

from __future__ import annotations

from pathlib import Path

from git_ccsync.state import consent


def test_consent_covers_what_was_agreed_to_and_no_more(tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    assert consent.check(state, ["h.org/a"]) is None
    consent.record(state, ["h.org/a", "/srv/b"], "unknown", 100.5, agreed=True)
    assert consent.check(state, ["h.org/a"]) == consent.Consent(100, "unknown", 100)
    assert consent.check(state, ["h.org/a", "h.org/c"]) is None
    assert consent.check(state, []) is None


def test_a_later_look_is_no_consent(tmp_path: Path) -> None:
    state = str(tmp_path)
    consent.record(state, ["a"], "unknown", 100, agreed=True)
    consent.record(state, ["a", "b"], "public", 200, agreed=False)
    assert consent.read(state) == {"a": consent.Consent(100, "public", 200)}
    consent.record(state, ["b"], "private", 300, agreed=True)
    assert consent.check(state, ["a", "b"]) == consent.Consent(100, "public", 200)


def test_a_damaged_line_is_no_consent(tmp_path: Path) -> None:
    state = str(tmp_path)
    consent.record(state, ["a", "b", "bad\tone"], "private", 100, agreed=True)
    path = tmp_path / "consent"
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(path.read_bytes()[:-1] + b"x\n" + b"c\t1\tsecret\t1\n\xff\t1\tprivate\t1\nd\t1\tprivate\t1")
    assert set(consent.read(state)) == {"a", "\udcff"}
