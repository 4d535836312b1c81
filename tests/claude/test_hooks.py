"""Hooks in the text of Claude Code's settings: whatever the file looked like, off(on(x)) == x, and on(on(x)) == on(x)."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.claude import hooks, install_settings
from git_ccsync.claude.hooks import EVENTS
from git_ccsync.errors import BadData, Refused
from git_ccsync.operations import auto
from git_ccsync.operations.auto import Place
from git_ccsync.operations.unattended import slash

WORDS = ("/usr/local/bin/git-ccsync",)
ELSEWHERE = ("/home/al/.local/bin/git-ccsync",)

FOREIGN = {"type": "command", "command": "echo done"}
#: Without the brackets that `texts` puts a blank or a line end into: there they would stand in strings.
letters = st.characters(exclude_categories=("Cs",), exclude_characters="]}")
groups = st.lists(st.fixed_dictionaries({"hooks": st.lists(st.just(FOREIGN), max_size=2)}), max_size=2)
known = st.dictionaries(st.sampled_from([*EVENTS, "PreToolUse"]), groups, max_size=4)
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(letters, max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(letters, max_size=5), inner, max_size=3),
    max_leaves=8,
)
settings = st.builds(
    lambda before, found, after: {**before, **({} if found is None else {"hooks": found}), **after},
    st.dictionaries(st.text(letters, max_size=6), plain, max_size=3),
    st.none() | known,
    st.dictionaries(st.sampled_from(["model", "env", "z"]), plain, max_size=2),
).filter(lambda found: isinstance(found.get("hooks", {}), dict))


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """A settings file in some form: indentation, line ends, a byte order mark, a last newline, blanks in empty objects."""
    indent = draw(st.sampled_from([None, 1, 2, 4, "\t"]))
    separators = None if indent is not None else draw(st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]))
    text = json.dumps(draw(settings), indent=indent, separators=separators, ensure_ascii=draw(st.booleans()))
    if draw(st.booleans()):
        text = text.replace("{}", "{ }").replace("[]", "[\n]")
    text += draw(st.sampled_from(["", "\n", "\n\n", " "]))
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    mark = draw(st.sampled_from([b"", hooks.texts.BOM]))
    return mark + text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode()


def loaded(text: bytes) -> dict[str, object]:
    found = json.loads(text.decode("utf-8-sig"))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    "line",
    [
        "~/backup.sh; git ccsync hook Stop",
        "git ccsync hook Stop && notify-send done",
        "echo git-ccsync hook Stop >>~/log",
        "echo git-ccsync hook Stop",
        "git ccsync push; git ccsync hook Stop 2>/dev/null || :",
        "tee /tmp/x | git-ccsync hook Stop",
        'g=/bin/git-ccsync; rm -r "$g"; [ -x "$g" ] || g=git-ccsync; "$g" hook Stop 2>/dev/null || :',
        "$(backup) git-ccsync hook Stop",
    ],
)
def test_a_hook_that_calls_us_among_others_is_its_owners(line: str) -> None:
    text = json.dumps({"hooks": {"Stop": [{"hooks": [{"type": "command", "command": line}]}]}}).encode()
    assert not hooks.is_ours(line, "Stop")
    assert hooks.removed(text) == text
    after, steps = hooks.added(text, WORDS)
    assert loaded(after)["hooks"]["Stop"][0] == loaded(text)["hooks"]["Stop"][0]
    assert hooks.taken_out(after, steps) == text


@pytest.mark.parametrize(
    "words", [("/opt/my apps/git-ccsync",), ("/usr/bin/python3", "-m", "git_ccsync"), ("git", "ccsync")]
)
def test_what_was_written_is_known_again(words: tuple[str, ...]) -> None:
    for event, hook in hooks.wanted(words).items():
        assert hooks.is_ours(hook["command"], event)
    assert hooks.is_ours("git ccsync hook Stop", "Stop")


@given(texts())
def test_what_is_put_in_can_be_taken_out(text: bytes) -> None:
    after, steps = hooks.added(text, WORDS)
    assert hooks.is_complete(after, WORDS)
    assert hooks.taken_out(after, steps) == text


@given(texts())
def test_nothing_else_changes(text: bytes) -> None:
    before, after = loaded(text), loaded(hooks.added(text, WORDS)[0])
    was, now = before.pop("hooks", {}), after.pop("hooks")
    assert json.dumps(before) == json.dumps(after)
    assert isinstance(was, dict)
    assert isinstance(now, dict)
    for event, groups in was.items():
        assert now[event][: len(groups)] == groups


@pytest.mark.slow
@given(texts(), st.lists(st.sampled_from(["front", "back", "inside"]), max_size=3))
def test_ours_goes_also_after_others_have_written(text: bytes, edits: list[str]) -> None:
    """As an editor leaves it that reads and writes JSON: nothing of the form remains, everything else does."""
    found = loaded(hooks.added(text, WORDS)[0])
    expected = loaded(text)
    for edit in edits:
        for one in (found, expected):
            listed = one.setdefault("hooks", {})
            assert isinstance(listed, dict)
            groups = listed.setdefault("Stop", [])
            groups.insert(0 if edit == "front" else len(groups), {"hooks": [FOREIGN, FOREIGN]})
            if edit == "inside":
                one["new"] = {"a": 1}
    after = loaded(hooks.removed(json.dumps(found, indent=3).encode()))
    assert without_empty(after) == without_empty(expected)


def without_empty(found: dict[str, object]) -> dict[str, object]:
    listed = found.get("hooks")
    assert listed is None or isinstance(listed, dict)
    kept = {event: groups for event, groups in (listed or {}).items() if groups or event not in EVENTS}
    return {key: value for key, value in found.items() if key != "hooks"} | ({"hooks": kept} if kept else {})


@given(st.binary(max_size=60))
def test_any_bytes_are_settings_or_refused(text: bytes) -> None:
    try:
        after, steps = hooks.added(text, WORDS)
    except BadData:
        return
    assert hooks.taken_out(after, steps) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "is not valid JSON"),
        (b'{"a": 1,}', "is not valid JSON"),
        (b"// comment\n{}", "is not valid JSON"),
        (b"[]", "is not a JSON object"),
        (b'{"hooks": []}', 'has a "hooks" that is no object'),
        (b'{"hooks": {"Stop": {}}}', 'has a hook "Stop" that is no array'),
        ("{}".encode("utf-16"), "is not valid JSON"),
    ],
)
def test_settings_that_are_refused(tmp_path: Path, text: bytes, said: str) -> None:
    place = at(tmp_path, text)
    with pytest.raises(Refused) as raised:
        auto.on(place, WORDS, environ(tmp_path))
    assert raised.value.message == f"'{place.path}' {said}"
    assert Path(place.path).read_bytes() == text


def at(tmp_path: Path, text: bytes | None) -> Place:
    path = tmp_path / "claude" / "settings.json"
    path.parent.mkdir(exist_ok=True)
    if text is not None:
        path.write_bytes(text)
    return Place("user", str(path), str(path.parent / "commands"))


def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}


TEXTS = (
    None,
    b"",
    b"{}",
    b"{ }\n",
    b'{\r\n\t"a": [ ],\r\n\t"hooks": {\r\n\t}\r\n}',
    b'{"hooks":{"Stop":[]},"b":{"hooks":[]}}',
)


@pytest.mark.parametrize("text", TEXTS)
def test_off_leaves_the_file_as_it_was_before_on(tmp_path: Path, text: bytes | None) -> None:
    place, env = at(tmp_path, text), environ(tmp_path)
    path = Path(place.path)
    assert auto.on(place, WORDS, env, command=True).action == "added"
    once = path.read_bytes()
    assert auto.on(place, WORDS, env, command=True).action == "unchanged"
    assert path.read_bytes() == once
    assert auto.on(place, ELSEWHERE, env).action == "updated"
    assert hooks.is_complete(path.read_bytes(), ELSEWHERE)
    assert auto.off(place, env).action == "removed"
    assert auto.off(place, env).action == "unchanged"
    assert (path.read_bytes() if path.exists() else None) == text
    assert not list((tmp_path / "claude" / "commands").glob("*"))


@pytest.mark.parametrize("text", TEXTS)
def test_off_without_our_state_takes_ours_alone(tmp_path: Path, text: bytes | None) -> None:
    place, env = at(tmp_path, text), environ(tmp_path)
    auto.on(place, WORDS, env)
    auto.off(place, {**env, "XDG_STATE_HOME": str(tmp_path / "other")})
    found = loaded(Path(place.path).read_bytes())
    assert without_empty(found) == without_empty(loaded(text or b"{}"))


def test_what_the_owner_changed_meanwhile_stays_to_the_byte(tmp_path: Path) -> None:
    text = b'{\n    "model": "opus",\n    "hooks": {}\n}\n'
    place, env = at(tmp_path, text), environ(tmp_path)
    auto.on(place, WORDS, env)
    path = Path(place.path)
    path.write_bytes(path.read_bytes().replace(b'"opus"', b'"haiku",\n      "odd"  :  1e999'))
    auto.off(place, env)
    assert path.read_bytes() == text.replace(b'"opus"', b'"haiku",\n      "odd"  :  1e999')


def test_a_file_that_others_filled_is_not_removed(tmp_path: Path) -> None:
    place, env = at(tmp_path, None), environ(tmp_path)
    auto.on(place, WORDS, env)
    path = Path(place.path)
    path.write_bytes(path.read_bytes().replace(b"{\n", b'{\n  "model": "opus",\n', 1))
    auto.off(place, env)
    assert loaded(path.read_bytes()) == {"model": "opus"}


def test_a_link_into_a_dotfiles_repository_stays_one_and_the_mode_is_kept(tmp_path: Path) -> None:
    place, env = at(tmp_path, None), environ(tmp_path)
    real = tmp_path / "dotfiles.json"
    real.write_bytes(b'{"a":1}')
    real.chmod(0o640)
    os.symlink(real, place.path)
    auto.on(place, WORDS, env)
    assert os.readlink(place.path) == str(real)
    assert real.stat().st_mode & 0o777 == 0o640
    assert hooks.is_complete(real.read_bytes(), WORDS)
    auto.off(place, env)
    assert (os.readlink(place.path), real.read_bytes()) == (str(real), b'{"a":1}')


def test_a_file_that_changed_since_it_was_read_is_not_written(tmp_path: Path) -> None:
    place = at(tmp_path, b"{}")
    file = install_settings.read(place.path)
    Path(place.path).write_bytes(b'{"late": 1}')
    assert not install_settings.write(file, b"ours")
    assert Path(place.path).read_bytes() == b'{"late": 1}'
    assert [path.name for path in Path(place.path).parent.iterdir()] == ["settings.json"]


def test_a_copy_of_the_file_lies_in_our_state(tmp_path: Path) -> None:
    auto.on(at(tmp_path, b'{"a":1}'), WORDS, environ(tmp_path))
    assert [path.read_bytes() for path in (tmp_path / "state/git-ccsync/settings").glob("*.before")] == [b'{"a":1}']


def test_a_slash_command_of_somebody_else_stays(tmp_path: Path) -> None:
    place, env = at(tmp_path, b"{}"), environ(tmp_path)
    other = tmp_path / "claude" / "commands" / "ccsync.md"
    other.parent.mkdir()
    other.write_text("mine")
    assert auto.on(place, WORDS, env, command=True).command == "foreign"
    assert auto.off(place, env).command == ""
    assert other.read_text() == "mine"


def test_a_slash_command_that_its_owner_changed_stays_and_an_older_one_is_renewed(tmp_path: Path) -> None:
    place, env = at(tmp_path, b"{}"), environ(tmp_path)
    path = tmp_path / "claude" / "commands" / "ccsync.md"
    auto.on(place, WORDS, env, command=True)
    ours = path.read_bytes()
    path.write_bytes(ours.replace(b"briefly", b"at length"))
    assert auto.on(place, WORDS, env, command=True).command == "foreign"
    assert auto.off(place, env).command == "changed"
    assert b"at length" in path.read_bytes()
    path.write_bytes(slash._marked(b"of an older version\n"))
    assert auto.on(place, WORDS, env, command=True).command == "updated"
    assert path.read_bytes() == ours


@pytest.mark.parametrize("path", ["/opt/it's here/git-ccsync", '/a "b" $c/git-ccsync', "/ü/git-ccsync"])
@pytest.mark.parametrize("there", [True, False])
def test_the_command_runs_what_is_there_and_is_silent_where_nothing_is(tmp_path: Path, path: str, there: bool) -> None:
    real = tmp_path / path.lstrip("/")
    real.parent.mkdir(parents=True)
    if there:
        real.write_text('#!/bin/sh\necho "$@"\nexit 2\n')
        real.chmod(0o755)
    line = hooks.command([str(real)], "Stop")
    done = subprocess.run(["sh", "-c", line], capture_output=True, env={"PATH": "/usr/bin:/bin"}, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"hook Stop\n" if there else b"", b"")
