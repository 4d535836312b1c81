"""The command line of `key`."""

from __future__ import annotations

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitGroup
from git_ccsync.cli.options_upkeep import KeyOptions


@click.group("key", cls=GitGroup, invoke_without_command=True, help="Show and change who can read an encrypted branch.")
@shared.json
@click.pass_context
def command(ctx: click.Context, json: bool) -> int:
    """Show and change who can read an encrypted branch. Without an action: show."""
    return 0 if ctx.invoked_subcommand else _run(KeyOptions("show", json=json))


def _run(options: KeyOptions) -> int:
    from git_ccsync.cli import key

    return key.run(options)


@command.command("show", help="Show the branch's fingerprint, who can read it, and who asks to.")
@shared.json
@click.pass_context
def show(ctx: click.Context, json: bool) -> int:
    """`key show`; --json may stand before the word, too."""
    before = ctx.parent.params["json"] if ctx.parent else False
    return _run(KeyOptions("show", json=json or before))


@command.command("add", help="Let the owner of a public key (age1…, ssh-ed25519, ssh-rsa) read the branch.")
@click.argument("recipient", nargs=-1, required=True)
@click.option("--name", default="", metavar="<name>", help="what to call the owner; by default the key's comment")
def add(recipient: tuple[str, ...], name: str) -> int:
    """`key add`; a key that was not quoted comes as several words."""
    return _run(KeyOptions("add", " ".join(recipient), name=name))


@command.command("approve", help="Let a machine that asks read the branch, once its fingerprint was compared.")
@click.argument("machine", required=False, default="")
@click.option("--fingerprint", default="", metavar="<words>", help="the words that it must have; nothing is asked then")
@click.option("-y", "--yes", is_flag=True, help="do not compare anything")
def approve(machine: str, fingerprint: str, yes: bool) -> int:
    """`key approve`."""
    return _run(KeyOptions("approve", machine, fingerprint=fingerprint, yes=yes))


@command.command("remove", help="Shut a machine or key out of what comes from now on, or turn down a request.")
@click.argument("recipient")
def remove(recipient: str) -> int:
    """`key remove`."""
    return _run(KeyOptions("remove", recipient))


@command.command("rotate", help="Begin to encrypt with a new key, and make a new recovery code.")
@click.option("--rewrite", is_flag=True, help="encrypt all of it anew, and drop the history")
@click.option("-y", "--yes", is_flag=True, help="with --rewrite: ask nothing")
def rotate(rewrite: bool, yes: bool) -> int:
    """`key rotate`."""
    return _run(KeyOptions("rotate", rewrite=rewrite, yes=yes))


@command.command("recover", help="Read the branch by its recovery code, which is asked for.")
@click.option("--new", is_flag=True, help="make a new code; the one before opens nothing")
def recover(new: bool) -> int:
    """`key recover`."""
    return _run(KeyOptions("recover", new=new))
