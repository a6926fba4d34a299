#!/usr/bin/env python3
"""Formulas of the documentation are such as GitHub shows: every $ has its partner, every brace too, and what stands
between is plain LaTeX that Markdown leaves alone. A page's own test comes first: pages that are wrong are refused."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMANDS = set(
    """alpha approx arg bar beta delta exp frac gamma ge hat kappa lambda le leftarrow log lt mathbb mathbf mathcal mathrm
    mathtt max mid min mu nabla partial phi pi prod Psi psi qquad quad rho Rightarrow sigma sim sqrt sum tau text tfrac theta
    top varepsilon Vert vert""".split()
)
SUPERFLUOUS = re.compile("[∇Σ√½ᵀ∂←≤≥π]")  # what a formula in a block of code would have


def without_code(text):
    text = re.sub(r"^```.*?^```[^\n]*$", lambda m: "\n" * m[0].count("\n"), text, flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "", text)


def formula_faults(formula):
    if not formula.isascii():
        yield "letters that LaTeX does not know"
    if re.search(r"\\[^A-Za-z]", formula):
        yield "a backslash that Markdown takes away"
    for command in set(re.findall(r"\\([A-Za-z]+)", formula)) - COMMANDS:
        yield f"\\{command}: not among the commands that are known to be shown"
    depth = 0
    for letter in formula:
        depth += (letter == "{") - (letter == "}")
        if depth < 0:
            break
    if depth:
        yield "braces without a partner"
    for pair in ("()", "[]"):
        if formula.count(pair[0]) != formula.count(pair[1]):
            yield f"{pair} without a partner"


def page_faults(text):
    plain = without_code(text)
    for number, line in enumerate(plain.split("\n"), 1):
        rest = line
        formulas = re.findall(r"\$\$(.+?)\$\$", rest)
        rest = re.sub(r"\$\$.+?\$\$", "", rest)
        inline = re.findall(r"\$([^$]+)\$", rest)
        if "$" in re.sub(r"\$[^$]+\$", "", rest):
            yield number, "a $ without a partner"
        for formula in inline:
            if line.startswith("|") and "|" in formula:
                yield number, "a | that ends a table's cell; \\mid does not"
            if formula != formula.strip():
                yield number, "a space behind the first or before the last $"
        for formula in formulas + inline:
            for fault in formula_faults(formula):
                yield number, f"{fault}: {formula}"
        if re.match(r" {4}[^ ]", line) and SUPERFLUOUS.search(line) and re.search(r" [=≈] ", line):
            yield number, f"an equation that is no formula: {line.strip()}"


WRONG = {
    "a price of $5": "without a partner",
    "$x": "without a partner",
    "$$x$": "without a partner",
    "$\\frac{1}{2$": "braces",
    "$a)$": "() without",
    "$∇J$": "LaTeX",
    "$\\{a\\}$": "backslash",
    "$\\foo$": "foo",
    "| $a|b$ |": "cell",
    "$ x$": "space",
    "    L = mean ½ (V − R)²": "no formula",
}
RIGHT = ["$$\\frac{1}{2} \\sum_t r_t$$", "costs `$5`", "```\necho $HOME\n```", "$a$ and $b$", "    Ψ ← standardised"]


def main():
    bad = 0
    for text, part in WRONG.items():
        if not any(part in fault for _, fault in page_faults(text)):
            print(f"a wrong page is let through: {text}")
            bad = 1
    for text in RIGHT:
        for _, fault in page_faults(text):
            print(f"a right page is refused, {fault}: {text}")
            bad = 1
    formulas = 0
    for page in [ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("docs/experiments/*.md")]:
        text = page.read_text()
        formulas += without_code(text).count("$") // 2
        for number, fault in page_faults(text):
            print(f"{page.relative_to(ROOT)}:{number}: {fault}")
            bad = 1
    if formulas < 60:
        print(f"only {formulas} formulas in all pages")
        bad = 1
    sys.exit(bad)


main()
