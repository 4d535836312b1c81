"""Rows for the picker as tests want them: wide characters, emoji, hostile titles, every mark. Values only."""

from __future__ import annotations

from git_ccsync.cli.picker_match import Row

#: Seconds since 1970 of 2026-11-21 12:00 UTC.
NOW = 1795262400.0

LONG = "Refactor the login flow because it has grown far beyond what anyone can hold in mind, and then some more of it"

ROWS = (
    Row("3f2504e0-0000-4000-8000-000000000001", "Fix the parser", "why does it fail on 一行?", "laptop",
        "2026-11-21T11:59:50.000Z", "main", "1.2 MB", ("live",)),
    Row("9a1b2c3d-0000-4000-8000-000000000002", "修复解析器的错误并补上测试用例，然后重构登录流程的全部代码直到没有人再抱怨为止", "", "desktop",
        "2026-11-21T09:00:00.000Z", "feature/登录", "143 kB", ("open elsewhere", "unfinished")),
    Row("8b21ab77-0000-4000-8000-000000000003", "🚀 Ship it 🎉👩‍💻❤️ now", "release the kraken", "desktop",
        "2026-11-20T12:00:00.000Z", "main", "12 MB", ("not here",)),
    Row("7c21ab77-0000-4000-8000-000000000004", LONG, "the login page is slow", "a machine with a long name",
        "2026-11-01T12:00:00.000Z", "feature/a-branch-with-a-very-long-name", "999 bytes", ("copy",)),
    Row("6d21ab77-0000-4000-8000-000000000005", "\x1b]0;owned\x07evil\r\n\u202etitle", "", "lap\x1b[2Jtop", "", "", ""),
    Row("5e21ab77-0000-4000-8000-000000000006", "", "", "", "2020-01-01T00:00:00.000Z", "", "0 bytes", ("copy", "not here")),
)  # fmt: skip

PREVIEW = (
    "> why does it fail on 一行? It has worked for years and now, after the last release, it suddenly does not any more\n"
    "Because the scanner counts bytes: 修复解析器的错误并补上测试用例，然后重构登录流程的全部代码直到没有人再抱怨为止。\n"
    "\n"
    "* look at `scan.py`\n"
    "* \x1b[31mred\x1b[m is not shown as such\n"
    "the end"
)


def many(number: int) -> list[Row]:
    """So many rows, made of the titles above."""
    return [
        one._replace(id=f"{at:08x}-0000-4000-8000-000000000000", title=f"{one.title} {at}", prompt=f"prompt {at}")
        for at, one in ((at, ROWS[at % len(ROWS)]) for at in range(number))
    ]
