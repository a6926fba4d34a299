#!/usr/bin/env python3
"""The table of games in docs/atari.md, from data/atari-games.json.

    python3 tools/atari_table.py            print it
    python3 tools/atari_table.py --write    put it into docs/atari.md
    python3 tools/atari_table.py --check    exit status 1 if the page has another one
"""
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "atari.md"
BEGIN, END = "<!-- tools/atari_table.py -->\n", "<!-- end of the table -->\n"
PLUG = {"no": "", "ports": ", right port", "paddles": ", right-hand one"}


def span(numbers):
    """0, 1, 2, 3, 8 → "0 to 3, 8"."""
    runs = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    parts = [str(a) if a == b else f"{a}, {b}" if b == a + 1 else f"{a} to {b}" for a, b in runs]
    return ", ".join(parts) if len(parts) <= 12 else f"{numbers[0]} … {numbers[-1]} ({len(numbers)})"


def row(name, game, old):
    title = name.title().replace("_", "")
    controller = "paddle" if game["controller"] == "paddles" else "joystick"
    return (f"| {title}{' *' if name in old else ''} | {game['bank']} | {game['tv']} | {game['lines']} | "
            f"{controller}{PLUG[game['swapped']]} | {len(game['minimal'])} | {span(game['modes'])} | "
            f"{span(game['difficulties'])} | {game['rule']['reward_kind']} |\n")


def table():
    data = json.loads((ROOT / "data" / "atari-games.json").read_text())
    head = ("| `ALE/…-v5` | cartridge | TV | rows | controller | actions | modes | difficulties | reward |\n"
            "|---|---|---|---|---|---|---|---|---|\n")
    return head + "".join(row(name, game, data["old_ids"]) for name, game in sorted(data["games"].items()))


def main():
    page = PAGE.read_text()
    before, rest = page.split(BEGIN)
    new = before + BEGIN + table() + END + rest.split(END)[1]
    if "--write" in sys.argv:
        PAGE.write_text(new)
    elif "--check" in sys.argv:
        if new != page:
            sys.exit("docs/atari.md has an old table: python3 tools/atari_table.py --write")
    else:
        print(table(), end="")


if __name__ == "__main__":
    main()
