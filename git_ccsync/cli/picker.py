"""The picker on a terminal: keys in, frames out. The only user of prompt_toolkit; what is shown is `picker_frame`'s.

prompt_toolkit takes 110 ms to import (a bare interpreter 10): import this module only where a person is to choose.
"""

from __future__ import annotations

import os
import sys
import time

from prompt_toolkit.application import Application
from prompt_toolkit.data_structures import Point
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import FormattedTextControl, Layout, Window
from prompt_toolkit.output import ColorDepth, create_output
from prompt_toolkit.styles import Attrs, Style

from git_ccsync.cli import picker_frame
from git_ccsync.cli.picker_list import Picking
from git_ccsync.cli.picker_match import Row
from git_ccsync.cli.picker_preview import Previews

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyPressEvent

__all__ = ["Row", "pick"]

#: Only the 16 colours of the terminal's own palette, and attributes. Bright black is what older libraries have in place of
#: the attribute; palettes that give it the colour of the background do exist.
STYLE = Style.from_dict({"dim": "dim" if "dim" in Attrs._fields else "ansibrightblack"})
#: Seconds after which an Esc that nothing follows is the key itself.
ESCAPE = 0.05


def pick(
    rows: Sequence[Row],
    preview: Callable[[str], str],
    *,
    prompts: Generator[tuple[str, str]] | None = None,
    colour: bool = True,
) -> str | None:
    """Let a person choose among `rows` (newest first): the id of one, None if they left.

    `preview` makes the text below the list from an id: the last prompt, each line behind "> ", then the answer. It is
    called in a thread, as is `prompts`, which yields (id, first prompt) to be found too. Needs a terminal.
    """
    return _Screen(rows, preview, prompts or _nothing(), colour=colour).run()


def _nothing() -> Generator[tuple[str, str]]:
    yield from ()


class _Screen:
    """One run of the picker."""

    def __init__(
        self, rows: Sequence[Row], preview: Callable[[str], str], prompts: Generator[tuple[str, str]], *, colour: bool
    ) -> None:
        self.picking = Picking(rows)
        self.look = picker_frame.Look(rows, time.time(), plain=_plain())
        self.previews = Previews(preview, prompts, self._told)
        self.cursor = 0
        self._learnt: list[dict[str, str]] = []
        control = FormattedTextControl(self._text, get_cursor_position=lambda: Point(self.cursor, 0), focusable=True)
        self.app: Application[str | None] = Application(
            Layout(Window(control, wrap_lines=False, always_hide_cursor=False)),
            key_bindings=_bindings(self),
            style=STYLE,
            include_default_pygments_style=False,
            full_screen=True,
            color_depth=ColorDepth.DEPTH_4_BIT if colour else ColorDepth.DEPTH_1_BIT,
            output=create_output(always_prefer_tty=True),
        )
        self.app.ttimeoutlen = self.app.timeoutlen = ESCAPE

    def run(self) -> str | None:
        """Show it until something was chosen."""
        self.previews.start()
        try:
            return self.app.run()
        finally:
            self.previews.stop()

    @property
    def page(self) -> int:
        """Rows of the list on the screen."""
        return picker_frame.shape(self.app.output.get_size().rows).rows

    def redraw(self) -> None:
        """Draw everything anew, over what another program has left."""
        self.app.renderer.clear()

    def _told(self, prompts: dict[str, str]) -> None:
        """From the thread: something to show has arrived."""
        if prompts:
            self._learnt.append(prompts)
        if not prompts or self.picking.query:
            self.app.invalidate()

    def _text(self) -> StyleAndTextTuples:
        while self._learnt:
            self.picking.learn(self._learnt.pop(0))
        size = self.app.output.get_size()
        chosen = self.picking.selected
        read = self.previews.get(chosen.id) if chosen and picker_frame.shape(size.rows).preview else None
        drawn = picker_frame.draw(self.picking, self.look, read, size.columns, size.rows)
        self.cursor = drawn.cursor
        pieces: StyleAndTextTuples = []
        for number, line in enumerate(drawn.lines):
            pieces += [("", "\n")] if number else []
            pieces += line
        return pieces


def _plain() -> bool:
    """Whether the terminal can be trusted with ASCII only."""
    encoding = (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "")
    return encoding != "utf8" or os.environ.get("TERM", "") in ("linux", "vt100", "vt220", "dumb")


def _bindings(screen: _Screen) -> KeyBindings:
    keys, picking = KeyBindings(), screen.picking

    def bind(do: Callable[[], object], *names: str) -> None:
        for name in names:
            keys.add(name, eager=True)(lambda event: do() and None)

    bind(lambda: picking.move(-1), "up", "c-p", "s-tab")
    bind(lambda: picking.move(1), "down", "c-n", "tab")
    bind(lambda: picking.move(-screen.page), "pageup")
    bind(lambda: picking.move(screen.page), "pagedown")
    bind(lambda: picking.move(-len(picking.rows)), "home")
    bind(lambda: picking.move(len(picking.rows)), "end")
    bind(picking.erase, "backspace")
    bind(picking.erase_word, "c-w")
    bind(picking.clear, "c-u")
    bind(lambda: picking.selected and screen.app.exit(result=picking.selected.id), "enter")
    bind(lambda: screen.app.exit(result=None), "c-c", "c-g", "<sigint>")
    keys.add("escape")(lambda event: screen.app.exit(result=None))
    keys.add("escape", Keys.Any)(lambda event: None)  # Alt and a key, which has no meaning here
    bind(screen.redraw, "c-l")
    keys.add(Keys.Any)(lambda event: _typed(picking, event))
    keys.add(Keys.BracketedPaste)(lambda event: picking.type(event.data))
    return keys


def _typed(picking: Picking, event: KeyPressEvent) -> None:
    """Letters; keys that have no meaning here arrive as names or as control characters."""
    key = event.key_sequence[0].key
    if not isinstance(key, Keys) and event.data.isprintable():
        picking.type(event.data)
