"""What portable text looks like, case by case."""

from __future__ import annotations

import json

import pytest

from git_ccsync.errors import Usage
from git_ccsync.portable.roots import Root
from git_ccsync.portable.text import Codec
from tests.portable.texts import ID, OTHER_ID, laptop, posix

TABLE = [
    # paths, and where they start and end
    (b'{"cwd":"/home/al/code/app"}', b'{"cwd":"{{REPO}}"}'),
    (b'"/home/al/code/app/src/x.py"', b'"{{REPO}}/src/x.py"'),
    (b'"/home/al/.bashrc"', b'"{{HOME}}/.bashrc"'),
    (b'"/home/al/.claude/projects/-home-al-code-app/memory/"', b'"{{CLAUDE_PROJECT}}/memory/"'),
    (b'"/home/al/.claude/settings.json"', b'"{{CLAUDE}}/settings.json"'),
    (b'"/home/al/.claude/projects/-home-al-code-app-2/x"', b'"{{CLAUDE}}/projects/-home-al-code-app-2/x"'),
    (b'"/home/alice" "/home/al.bak" "/home/al-2" "/home/al@work"', None),
    (b'"/mnt/home/al" "~/home/al" "${X}/home/al" "x/home/al" "./home/al"', None),
    ("/home/alé é/home/al".encode(), None),
    (b"PATH=/home/al/bin:/home/al/code/app/bin", b"PATH={{HOME}}/bin:{{REPO}}/bin"),
    (b"@/home/al/code/app/x.py (/home/al) <'/home/al'>", b"@{{REPO}}/x.py ({{HOME}}) <'{{HOME}}'>"),
    (rb'"out\n/home/al/code/app/a.py:3\n\t/home/al\r\n"', rb'"out\n{{REPO}}/a.py:3\n\t{{HOME}}\r\n"'),
    (rb'"\u001b[1;32m/home/al/code/app\u001b[0m"', rb'"\u001b[1;32m{{REPO}}\u001b[0m"'),
    (b"\x1b[m/home/al", b"\x1b[m{{HOME}}"),
    (b'"[32m/home/al"', None),
    (b"/home/al/home/al/home/al", b"{{HOME}}/home/al/home/al"),
    # a full stop that ends a sentence, and those that do not
    (b'"in /home/al/code/app. Then (/home/al.) /home/al."', b'"in {{REPO}}. Then ({{HOME}}.) {{HOME}}."'),
    (rb'"/home/al.\n/home/al.\"', rb'"{{HOME}}.\n{{HOME}}.\"'),
    (b'"/home/al.git /home/al./x /home/al... /home/al.\xc3\xa9 /home/al./home/al"', None),
    (rb'"/home/al.\x /home/al.\\n"', None),
    (rb'"{\"cwd\":\"/home/al/code/app\"}"', rb'"{\"cwd\":\"{{REPO}}\"}"'),
    # the session's id
    (b'{"sessionId":"%b"}' % ID.encode(), b'{"sessionId":"{{SESSION}}"}'),
    (b"/tmp/claude-0/k/%b/x %b.jsonl" % (ID.encode(), ID.encode()), b"/tmp/claude-0/k/{{SESSION}}/x {{SESSION}}.jsonl"),
    (b"a%b %b-1 -%b %b%b" % ((ID.encode(),) * 5), None),
    (b"%b1 %b" % ((ID.encode(),) * 2), b"%b1 {{SESSION}}" % ID.encode()),
    (b"%b %b" % (OTHER_ID.encode(), ID.upper().encode()), None),
    # text that looks like a placeholder
    (b"{{REPO}} {{=REPO}} {{==X_1}}", b"{{=REPO}} {{==REPO}} {{===X_1}}"),
    (b"{{{HOME}}} {{{{HOME}}}}", b"{{{=HOME}}} {{{{=HOME}}}}"),
    (b"{{HOME@2:4.1}} {{LATER:kind:40:0a1b}}", b"{{=HOME@2:4.1}} {{=LATER:kind:40:0a1b}}"),
    (b"{{ user.name }} ${{ secrets.X }} style={{a:1}} {{Name}} {{}} {{1X}} {{X Y}} {{X", None),
    (b"{{VERBATIM}}x", b"{{=VERBATIM}}x"),
    # never touched
    (b'{"thinking":"in /home/al/code/app","signature":"/home/al"}', None),
    (b'{"signature" :\t "/home/al","x":"/home/al"}', b'{"signature" :\t "/home/al","x":"{{HOME}}"}'),
    (rb'{"thinking":"say \"/home/al\" \\","x":"/home/al"}', rb'{"thinking":"say \"/home/al\" \\","x":"{{HOME}}"}'),
    (b'{"type":"redacted_thinking","data":"/home/al"}', None),
    (b'{"source":{"type":"base64","media_type":"image/png","data":"/home/al"}}', None),
    (b'{"data":"/home/al","x":"base64"}', None),
    (b'{"data":"/home/al"}', b'{"data":"{{HOME}}"}'),
    (rb'{"x":"\"signature\":\"/home/al\""}', rb'{"x":"\"signature\":\"{{HOME}}\""}'),
    (rb'{"x\"signature":"/home/al"}', rb'{"x\"signature":"{{HOME}}"}'),
    (b'{"type":"thinking","cwd":"/home/al"}', b'{"type":"thinking","cwd":"{{HOME}}"}'),
    (b'{"thinking":{"x":"/home/al"}}', b'{"thinking":{"x":"{{HOME}}"}}'),
    (b'{"signature":"/home/al', None),
]


@pytest.mark.parametrize(("local", "portable"), TABLE)
def test_table(local: bytes, portable: bytes | None) -> None:
    codec = laptop()
    for end in (b"", b"\n", b"\r\n"):
        assert codec.portable(local + end) == (local if portable is None else portable) + end
        assert codec.local(codec.portable(local + end)) == local + end


def test_another_machine_reads_its_own_paths() -> None:
    stored = laptop().portable(b'{"cwd":"/home/al/code/app/sub","x":"/home/al/.claude/projects/-home-al-code-app/m"}\n')
    there = posix(b"/Users/Zo\xc3\xab", b"/Volumes/w/app").local(stored)
    assert there == b'{"cwd":"/Volumes/w/app/sub","x":"/Users/Zo\xc3\xab/.claude/projects/-Volumes-w-app/m"}\n'


def test_nul_bytes_among_protected_values() -> None:
    line = b'\0{"signature":"/home/al\0","x":"/home/al\0/home/al"}\0\n'
    assert laptop().portable(line) == b'\0{"signature":"/home/al\0","x":"{{HOME}}\0{{HOME}}"}\0\n'


@pytest.mark.parametrize("path", [b'/home/a"b', b"/home/a\\b", b"/home/a\tb\x01", b"/home/a\nb", b'/q"'])
def test_a_root_that_json_escapes_is_right_in_json(path: bytes) -> None:
    def row(root: bytes) -> bytes:
        value = root.decode() + "/src"
        nested = json.dumps({"in": value})
        return json.dumps({"cwd": value, "text": nested}, ensure_ascii=False).encode() + b"\n"

    here, there = Codec([Root(b"REPO", (path,))], ID), Codec([Root(b"REPO", (b"/w",))], ID)
    stored = here.portable(row(path))
    assert b'"cwd": "{{REPO}}/src"' in stored
    assert there.local(stored) == row(b"/w")
    assert here.local(stored) == row(path)
    assert json.loads(here.local(b'{"cwd":"{{REPO}}/src"}'))["cwd"].encode() == path + b"/src"


def test_a_plain_file_keeps_the_plain_spelling() -> None:
    here = Codec([Root(b"REPO", (b'/a"b',))], ID)
    assert here.portable(b'see /a"b/x\n') == b"see {{REPO:1.0}}/x\n"
    assert laptop().local(b"see {{REPO:1.0}}/x\n") == b"see /home/al/code/app/x\n"


def test_an_alias_is_recorded() -> None:
    codec = Codec([Root(b"HOME", (b"/private/var/al", b"/var/al"))], ID)
    assert codec.portable(b"/var/al/x /private/var/al/x\n") == b"{{HOME@2}}/x {{HOME}}/x\n"
    assert laptop().local(b"{{HOME@2}}/x {{HOME}}/x\n") == b"/home/al/x /home/al/x\n"


def test_equal_roots_have_one_winner_in_any_order() -> None:
    roots = [Root(name, (b"/root",)) for name in (b"HOME", b"ZOO", b"ALL", b"MAIN", b"REPO")]
    assert Codec(roots, ID).portable(b"/root/x") == Codec(roots[::-1], ID).portable(b"/root/x") == b"{{REPO}}/x"
    assert Codec(roots[:3], ID).portable(b"/root/x") == b"{{ALL}}/x"


def test_roots_that_name_no_directory_are_passed_over() -> None:
    codec = Codec([Root(b"HOME", (b"/",)), Root(b"REPO", (b"rel", b"/x/"))], ID)
    assert codec.portable(b"/ rel /x /x/y\n") == b"/ rel {{REPO@2}} {{REPO@2}}/y\n"
    assert codec.local(b"{{HOME}} {{REPO}}") == b"{{HOME}} /x"


@pytest.mark.parametrize("name", [b"SESSION", b"VERBATIM", b"home", b"", b"1A", b"A-B", b"A" * 65])
def test_a_name_that_cannot_be_a_placeholder_is_refused(name: bytes) -> None:
    with pytest.raises(Usage):
        Codec([Root(name, (b"/x",))], ID)


def test_without_translation_only_look_alikes_change() -> None:
    codec = Codec([Root(b"HOME", (b"/home/al",))], ID, translate=False)
    line = b"/home/al {{HOME}} %b\n" % ID.encode()
    assert codec.portable(line) == line.replace(b"{{", b"{{=")
    assert codec.local(b"{{HOME}}/x {{SESSION}}\n") == b"/home/al/x %b\n" % ID.encode()


def test_a_line_that_does_not_come_back_is_stored_as_it_is() -> None:
    odd = b"{{=X:" + ID.encode() + b"}} /home/al\n"
    stored = laptop().portable(b"/home/al 1\n" + odd + b"/home/al 2\n")
    assert stored == b"{{HOME}} 1\n{{VERBATIM}}" + odd + b"{{HOME}} 2\n"
    assert posix(b"/h", b"/r").local(stored) == b"/h 1\n" + odd + b"/h 2\n"
    assert laptop().local(b"x {{VERBATIM}}{{HOME}}\n") == b"x {{VERBATIM}}/home/al\n"


def test_a_fork_shares_its_text_with_the_original() -> None:
    other = Codec([Root(b"HOME", (b"/home/al",))], OTHER_ID)
    row = b'{"sessionId":"%b","cwd":"/home/al"}\n'
    assert laptop().portable(row % ID.encode()) == other.portable(row % OTHER_ID.encode())


def test_braces_far_into_a_text_are_found() -> None:
    far = b"/home/al x\n" * 9000 + b"{{NOWHERE}} {{{\n"
    assert laptop().portable(far).endswith(b"{{HOME}} x\n{{=NOWHERE}} {{{\n")


def test_a_placeholder_needs_its_end() -> None:
    assert laptop().local(b"{{HOME}} {{HOME {{HOME") == b"/home/al {{HOME {{HOME"


def test_an_open_string_protects_its_own_line_only() -> None:
    assert laptop().portable(b'{"signature":"/home/al\n/home/al"}\n') == b'{"signature":"/home/al\n{{HOME}}"}\n'


def test_expansion_never_makes_a_line() -> None:
    assert b"\n" not in Codec([Root(b"HOME", (b"/n\nn",))], ID).local(b"{{HOME:1.0}} {{HOME:4.0}} {{HOME}}")


@pytest.mark.parametrize("name", ["{{REPO}}", "{{=X}}", "a{{{B}}}c", "{{", "}}"])
def test_a_path_that_looks_like_a_placeholder_is_a_path(name: str) -> None:
    root = f"/home/al/{name}/app"
    codec = Codec((Root(b"REPO", (root.encode(),)), Root(b"HOME", (b"/home/al",))), ID)
    text = json.dumps({"cwd": root, "file": f"{root}/x.py", "say": "{{REPO}} is it"}).encode() + b"\n"
    stored = codec.portable(text)
    assert stored.count(b"{{REPO}}") == 2
    assert name.encode() + b"/app" not in stored
    assert codec.local(stored) == text
