#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# gen_compliance.py - docs/compliance.md out of libh2core/spec/musts.tsv and
# the dialogues, and whether both keep their promises.  gen_docs.py writes
# the page.
#
#   tools/gen_compliance.py --check       rows have tests, which exist;
#                                         dialogues have an end and a section
#   tools/gen_compliance.py --rfc DIR     and every section with a MUST has a
#                                         row (DIR has rfc9113.txt, ...)
#
# Prints what is wrong; exit status 1 if something is.

import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
MUSTS = "libh2core/spec/musts.tsv"
WIRE = "tests/wire"
LEAST_DIALOGUES = 250
TEXTS = ["9113", "7541", "9218", "8441"]
ROLES = {"both", "client", "server"}
KEEPERS = {"core", "application", "intermediary", "TLS"}
# Sections whose MUSTs bind no endpoint: how words are used, how protocols
# are designed.
UNBOUND = {("9113", "2.2"), ("7541", "1.2"), ("9218", "1.1"), ("8441", "2")}


class Row:
    """A demand: where it stands, whom it binds, what proves it."""

    def __init__(self, line, cells):
        cells = cells + [""] * (7 - len(cells))
        self.line = line
        (self.rfc, self.section, self.role, self.by, self.demand, tests,
         self.note) = cells[:7]
        self.excess = cells[7:]
        kept, _, self.open = tests.partition("open:")
        self.tests = [test.partition(":")[::2] for test in kept.split()]


def load():
    rows = []
    text = (TOP / MUSTS).read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if line and not line.startswith("#"):
            rows.append(Row(number, line.split("\t")))
    return rows


def dialogues():
    """Name, lines and first comment of each dialogue."""
    found = []
    for path in sorted((TOP / WIRE).glob("*.h2t")):
        lines = path.read_text(encoding="utf-8").splitlines()
        comment = []
        for line in lines[1:]:
            if not line.startswith("#"):
                break
            comment.append(line.lstrip("# "))
        found.append((path.stem, lines, " ".join(comment)))
    return found


def sections_of(comment):
    """(RFC, section) pairs that a dialogue's first comment names."""
    head = comment.partition(":")[0]
    found = []
    for rfc, sections in re.findall(
            r"RFC (\d+)((?:,? (?:and )?\d+(?:\.\d+)*(?![\d.]))+)", head):
        found += [(rfc, section)
                  for section in re.findall(r"\d+(?:\.\d+)*", sections)]
    return found


def unit_names(name, known={}):
    """Names of the tests of a unit test program; None if there is none."""
    if name not in known:
        path = TOP / "tests/unit" / f"{name}.c"
        known[name] = set(re.findall(
            r"cmocka_unit_test\w*\(\s*(\w+)",
            path.read_text(encoding="utf-8"))) if path.exists() else None
    return known[name]


def missing(kind, name):
    """What is wrong with the name of a test, or None."""
    if kind == "wire":
        there = (TOP / WIRE / f"{name}.h2t").exists()
    elif kind == "unit":
        program, _, test = name.partition(":")
        names = unit_names(program)
        there = names is not None and test in names
    elif kind == "t":
        there = (TOP / "t" / f"{name}.t").exists()
    else:
        return f"no kind of test: {kind}:{name}"
    return None if there else f"no such test: {kind}:{name}"


def row_problems(row):
    found = [problem for kind, name in row.tests
             if (problem := missing(kind, name))]
    kinds = {kind for kind, _ in row.tests}
    if row.by == "core" and not row.open and not kinds & {"wire", "unit"}:
        found.append("neither a dialogue nor a unit test")
    if row.by != "core" and not row.tests and not row.note:
        found.append("neither a test nor a note")
    if row.rfc not in TEXTS or row.role not in ROLES or \
            row.by not in KEEPERS or not row.demand or row.excess:
        found.append("not a row of rfc, section, role, by, demand, tests, "
                     "note")
    return [f"{MUSTS}:{row.line}: {problem}" for problem in found]


def dialogue_problems(name, lines, comment):
    found = []
    said = [line for line in lines if line and not line.startswith("#")]
    if not said or said[-1].split()[0] not in ("alive", "dead"):
        found.append("does not end with alive or dead")
    if not sections_of(comment):
        found.append("its first comment names no section")
    if "role" not in [line.split()[0] for line in said]:
        found.append("has no role")
    return [f"{WIRE}/{name}.h2t: {problem}" for problem in found]


def problems():
    found = []
    for row in load():
        found += row_problems(row)
    played = dialogues()
    for dialogue in played:
        found += dialogue_problems(*dialogue)
    if len(played) < LEAST_DIALOGUES:
        found.append(f"{len(played)} dialogues, not {LEAST_DIALOGUES}")
    return found


def demanding_sections(path):
    """Sections of an RFC's text that have a MUST in them."""
    section, found, blank = "", [], True
    for line in path.read_text(encoding="utf-8").splitlines():
        head = re.match(r"(\d+(?:\.\d+)*)\. +[A-Z\"]", line)
        if blank and (head or line.startswith("Appendix ")):
            section = head.group(1) if head else ""
        elif section and re.search(r"\b(MUST|REQUIRED|SHALL)\b", line) and \
                section not in found:
            found.append(section)
        blank = not line.strip()
    return found


def uncovered(directory):
    """Sections that have a MUST and no row."""
    covered = {(row.rfc, row.section) for row in load()}
    return [f"RFC {rfc} {section} has a MUST and no row"
            for rfc in TEXTS
            for section in demanding_sections(directory / f"rfc{rfc}.txt")
            if (rfc, section) not in covered | UNBOUND]


def in_order(section):
    return [int(number) for number in section.split(".")]


def shown(kind, name):
    if kind == "wire":
        return f"[{name}](../{WIRE}/{name}.h2t)"
    if kind == "unit":
        program, _, test = name.partition(":")
        return f"`{program}`: " + re.sub("^test_", "", test).replace("_", " ")
    return f"[t/{name}](../t/{name}.t)"


def row_line(row):
    tests = ", ".join(shown(kind, name) for kind, name in row.tests)
    rest = [tests]
    if row.open:
        rest.append("**open:** " + row.open)
    if row.note:
        rest.append(row.note)
    by = "" if row.by == "core" else row.by
    return f"| {row.section} | {row.role} | {by} | {row.demand} | " + \
        "; ".join(part for part in rest if part) + " |\n"


def page_of_rows(rows):
    text = ""
    for rfc in TEXTS:
        text += f"\n## RFC {rfc}\n\n| section | binds | kept by | demand | " \
            "proof |\n|---|---|---|---|---|\n"
        text += "".join(row_line(row) for row in rows if row.rfc == rfc)
    return text


def page_of_dialogues():
    where = {}
    for name, _, comment in dialogues():
        for rfc, section in sections_of(comment):
            where.setdefault((int(rfc), section), []).append(name)
    text = "\n## Dialogues by section\n\n| RFC | section | dialogues |\n" \
        "|---|---|---|\n"
    for rfc, section in sorted(where, key=lambda k: (k[0], in_order(k[1]))):
        names = ", ".join(shown("wire", name)
                          for name in where[rfc, section])
        text += f"| {rfc} | {section} | {names} |\n"
    return text


def page():
    rows = load()
    core = [row for row in rows if row.by == "core"]
    still = [row for row in rows if row.open]
    text = f"""<!-- Made by tools/gen_docs.py from {MUSTS} and {WIRE}: change those. -->
# Compliance

What RFC 9113 (HTTP/2), 7541 (HPACK), 9218 (priorities) and 8441 (extended CONNECT) demand of an endpoint: each MUST,
in our words, and what proves that it is kept. A demand that others have to keep (the application, an intermediary made
of the library, those who bring TLS) says who. Names in the last column are dialogues ([wire-tests.md](wire-tests.md)),
tests of `tests/unit/` and files of `t/`, which drive httpd with the module.

{len(rows)} demands, {len(core)} of them the library's; {len(core) - len(still)} of these are kept, as dialogues or unit tests show. {len(dialogues())} dialogues.
"""
    if still:
        text += "\nOpen:\n\n" + "".join(
            f"- RFC {row.rfc} {row.section}: {row.demand} ({row.open})\n"
            for row in still)
    return text + page_of_rows(rows) + page_of_dialogues()


def main():
    if sys.argv[1:2] == ["--rfc"] and len(sys.argv) == 3:
        found = uncovered(pathlib.Path(sys.argv[2]))
    elif sys.argv[1:] == ["--check"]:
        found = problems()
    else:
        print("usage: gen_compliance.py --check | --rfc DIR", file=sys.stderr)
        return 2
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
