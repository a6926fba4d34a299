#!/usr/bin/env python3
"""Pictures of the documentation: small, with text that is text, words for those who cannot see them, colours for dark
pages; every one is shown somewhere, and the gallery has a film of every family of environments."""
import pathlib
import re
import sys
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs/pictures"
MOST, GALLERY = 150 * 1024, 3 * 1024 * 1024
SVG = "{http://www.w3.org/2000/svg}"
FAMILIES = ("CartPole", "FrozenLake", "Testbed", "uphill/Pong", "ALE/", "HalfCheetah", "LunarLander")
bad = 0


def complain(text):
    global bad
    print(text)
    bad = 1


for path in sorted(PICTURES.glob("*.svg")):
    text = path.read_text()
    root = xml.etree.ElementTree.fromstring(text)
    if len(text.encode()) > MOST:
        complain(f"{path.name}: {len(text.encode())} bytes, of {MOST}")
    for name in ("title", "desc"):
        element = root.find(SVG + name)
        if element is None or not element.text:
            complain(f"{path.name}: no {name}")
    if len(root.findall(SVG + "text")) < 5:
        complain(f"{path.name}: its text is no text")
    if "prefers-color-scheme:dark" not in text:
        complain(f"{path.name}: no colours for a dark page")

for path in PICTURES.glob("*.png"):
    if path.stat().st_size > MOST:
        complain(f"{path.name}: {path.stat().st_size} bytes, of {MOST}")

pages = [ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("docs/experiments/*.md")]
shown = "".join(page.read_text() for page in pages)
for path in PICTURES.rglob("*.*"):
    if not re.search(rf"\(\S*pictures/{re.escape(str(path.relative_to(PICTURES)))}\)", shown):
        complain(f"{path.relative_to(ROOT)}: no page shows it")

gallery = (ROOT / "docs/gallery.md").read_text()
size = sum(path.stat().st_size for path in (PICTURES / "gallery").iterdir())
if size > GALLERY:
    complain(f"the gallery has {size} bytes, of {GALLERY}")
for family in FAMILIES:
    if family not in gallery:
        complain(f"docs/gallery.md has no film of {family}")
script = (ROOT / "tools/gallery.sh").read_text()
for film in (PICTURES / "gallery").iterdir():
    if not re.search(rf"^(film|policy) {re.escape(film.stem)} ", script, re.M):
        complain(f"tools/gallery.sh does not make {film.name}")

sys.exit(bad)
