"""The manual pages against the program: every verb, option and config key is described, and nothing else is."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from git_ccsync.cli import commands, usage
from git_ccsync.settings import TABLE
from tests.support.manual import Page, plain

MAN = Path(__file__).parent.parent / "man"
PAGES = {page.name: page for page in map(Page, sorted([*MAN.glob("man1/*.1"), *MAN.glob("man5/*.5")]))}
TOP = "git-ccsync"
#: Every verb has these; git-ccsync(1) describes them once.
HELP = {"-h", "--help", "--home"}


def verbs() -> dict[str, click.Command]:
    group = commands.group()
    context = click.Context(group, info_name="git ccsync")
    found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {name: command for name, command in found.items() if command}


VERBS = verbs()


def with_actions(command: click.Command) -> Iterator[click.Command]:
    """The command and, of a group, its actions."""
    yield command
    if isinstance(command, click.Group):
        yield from command.commands.values()


def options(command: click.Command) -> set[str]:
    params = [param for part in with_actions(command) for param in part.params if isinstance(param, click.Option)]
    return {name for param in params for name in (*param.opts, *param.secondary_opts)} - HELP


def operands(command: click.Command) -> set[str]:
    names = [param for part in with_actions(command) for param in part.params if isinstance(param, click.Argument)]
    words = [(param.metavar or param.name or "").strip("<>[]").lower() for param in names]
    return {part for word in words for part in word.split("=")}


def page(verb: str) -> Page:
    return PAGES[f"{TOP}-{verb}"]


def test_every_verb_has_a_page_and_every_page_a_verb() -> None:
    assert set(PAGES) == {TOP, "gitformat-ccsync", *(f"{TOP}-{verb}" for verb in usage.VERBS)}
    assert set(VERBS) == set(usage.VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_options_are_those_of_the_program(verb: str) -> None:
    assert page(verb).options() == options(VERBS[verb])


@pytest.mark.parametrize("verb", VERBS)
def test_synopsis_names_every_option(verb: str) -> None:
    text = "\n".join(page(verb).section("SYNOPSIS"))
    said = {"-" + word for word in re.findall(r"Fl ([a-z-]+)", text)} | {
        "-" + word for word in re.findall(r"\| (-?[a-z-]+)", text)
    }
    assert options(VERBS[verb]) <= said


@pytest.mark.parametrize("verb", VERBS)
def test_operands_are_those_of_the_program(verb: str) -> None:
    command = VERBS[verb]
    if isinstance(command, click.Group):
        assert page(verb).commands() == set(command.commands)
        said = {word for line in page(verb).section("SYNOPSIS") for word in re.findall(r"Ar ([a-z]+)", line)}
        assert operands(command) <= said
    else:
        assert page(verb).operands() == operands(command)


def test_the_overview_describes_every_verb() -> None:
    lines = PAGES[TOP].section("COMMANDS")
    assert {line.split()[2] for line in lines if line.startswith(".It Ic ")} == set(usage.VERBS)
    assert PAGES[TOP].options() == {"-h", "--help", "--home", "--version"}


def test_every_config_key_is_described() -> None:
    described = [line.split()[2] for line in PAGES[TOP].section("CONFIGURATION") if line.startswith(".It Va ")]
    assert [key for key in described if key.startswith("ccsync.")] == [setting.key for setting in TABLE]


def test_no_page_names_a_key_that_does_not_exist() -> None:
    known = {setting.key for setting in TABLE}
    for one in PAGES.values():
        named = set(re.findall(r"(?<![\w\-])ccsync\.[a-z]\w+", "\n".join(one.lines)))
        assert named <= known, one.name


def shown_commands() -> Iterator[tuple[str, str]]:
    """(where, what follows `git ccsync`) of every command line in the README and the pages."""
    for name in ("README.md", *PAGES):
        text = plain("\n".join(PAGES[name].lines)) if name in PAGES else (MAN.parent / name).read_text(encoding="utf-8")
        for line in re.findall(r"(?:[$`]|\|\||&&|\.Ql) git ccsync ([a-z][^\n`|&;)]*)|`git ccsync ([^\n`]+)", text):
            yield name, "".join(line)


def test_command_lines_that_are_shown_exist() -> None:
    found = [(where, line.split()) for where, line in shown_commands()]
    assert len(found) > 40
    for where, (verb, *words) in found:
        if verb != "--help":
            assert verb in VERBS, (where, verb)
            ours = words[: words.index("--")] if "--" in words else words  # the rest is another program's
            given = {word.partition("=")[0] for word in ours if word.startswith("-") and word.strip("-")}
            assert given <= options(VERBS[verb]) | HELP, (where, verb, words)


def test_every_page_has_the_sections_of_a_manual() -> None:
    for one in PAGES.values():
        wanted = ["NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "SEE ALSO"]
        if one.path.suffix == ".1":
            wanted[3:3] = ["OPTIONS", "EXIT STATUS"]
        titles = [line[4:] for line in one.lines if line.startswith(".Sh ")]
        assert [title for title in titles if title in wanted] == sorted(wanted, key=titles.index), one.name
        assert set(wanted) <= set(titles), one.name


def test_every_page_is_reached_from_every_other() -> None:
    for start in PAGES:
        reached, waiting = set(), [start]
        while waiting:
            name = waiting.pop()
            if name in PAGES and name not in reached:
                reached.add(name)
                waiting += [ref.rpartition(".")[0] for ref in PAGES[name].references("SEE ALSO")]
        assert reached == set(PAGES), start


def test_references_to_our_pages_exist() -> None:
    files = {one.path.name for one in PAGES.values()}
    for one in PAGES.values():
        ours = {ref for ref in one.references() if "ccsync" in ref}
        assert ours <= files, one.name


def test_literal_text_survives_being_copied() -> None:
    """An unescaped - ' ~ ^ ` becomes a typographic character in UTF-8 output of a plain groff."""
    for one in PAGES.values():
        literal = False
        for number, line in enumerate(one.lines, 1):
            if line.startswith(".Bd -literal"):
                literal = True
            elif line.startswith(".Ed"):
                literal = False
            elif literal and not line.startswith("."):
                bare = re.sub(r"\\(\(..|.)", "", line)
                assert not set("-'~^`") & set(bare), f"{one.path.name}:{number}: {line}"


@pytest.mark.parametrize("name", PAGES)
def test_page_renders_without_warnings(name: str) -> None:
    if not shutil.which("man"):
        pytest.skip("there is no man here")
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANWIDTH": "80"}
    command = ["man", "--warnings", "-E", "UTF-8", "-l", str(PAGES[name].path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if "illegal option" in done.stderr or "unrecognized option" in done.stderr or "invalid option" in done.stderr:
        pytest.skip("this man does not tell warnings")
    assert (done.returncode, done.stderr) == (0, "")
    assert PAGES[name].name.upper() in done.stdout


def test_messages_that_the_readme_quotes_are_those_of_the_program() -> None:
    readme = (MAN.parent / "README.md").read_text(encoding="utf-8")
    headings = re.findall(r"^\*\*(.+)\*\*$", readme.split("## When something looks wrong")[1], re.MULTILINE)
    quoted = [text for heading in headings for text in re.findall(r"`([^`]+)`", heading) if " " in text]
    source = "".join(path.read_text(encoding="utf-8") for path in (MAN.parent / "git_ccsync").rglob("*.py"))
    said = [text for text in quoted if not text.startswith(("claude ", "git "))]
    assert len(said) > 4
    for text in said:
        for part in text.split("…"):
            assert part in source, text


def test_every_kind_of_record_is_described() -> None:
    described = {
        word
        for line in map(plain, PAGES[TOP].section("MACHINE OUTPUT"))
        if line.startswith(".Li ")
        for word in line.split()
    }
    said: set[str] = set()
    for verb in ("push", "pull", "list", "status", "every"):
        source = (MAN.parent / "git_ccsync" / "cli" / f"{verb}.py").read_text(encoding="utf-8")
        said |= set(re.findall(r'(?:yield |yield from \(|records\(\[)\(\s*"([a-z-]+)",', source))
    assert len(said) > 12
    assert said <= described
