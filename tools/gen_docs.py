#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# gen_docs.py - pages of docs/ out of the tables that the code is made of, and
# the table of the H2Limit directives out of that of the library's limits.
#
#   tools/gen_docs.py            write them
#   tools/gen_docs.py --check    compare; exit status 1 if one differs

import pathlib
import re
import sys

import gen_compliance

TOP = pathlib.Path(__file__).resolve().parent.parent
TABLES = "libh2core/include/h2core/tables"


def split_arguments(text):
    """Arguments of a macro call: strings joined, commas in them kept."""
    parts, part, depth, quoted = [], "", 0, False
    i = 0
    while i < len(text):
        c = text[i]
        if quoted and c == "\\":
            part += text[i:i + 2]
            i += 2
            continue
        if c == '"':
            quoted = not quoted
        if not quoted and c in "()":
            depth += 1 if c == "(" else -1
        if not quoted and c == "," and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += c
        i += 1
    parts.append(part.strip())
    return [join_strings(p) for p in parts]


def join_strings(text):
    if not text.startswith('"'):
        return " ".join(text.split())
    pieces = re.findall(r'"((?:[^"\\]|\\.)*)"', text)
    return "".join(pieces).replace('\\"', '"')


def rows(path, macro):
    """The rows of a table: calls of `macro` in a .def file."""
    text = (TOP / path).read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"^#(?:.*\\\n)*.*\n", "", text, flags=re.M)
    found = []
    for match in re.finditer(re.escape(macro) + r"\(", text):
        depth, i, quoted = 1, match.end(), False
        while depth:
            c = text[i]
            if c == '"' and text[i - 1] != "\\":
                quoted = not quoted
            if not quoted:
                depth += (c == "(") - (c == ")")
            i += 1
        found.append(split_arguments(text[match.end():i - 1]))
    return found


def page(title, source, text, head, body):
    lines = [f"<!-- Made by tools/gen_docs.py from {source}: change that. -->",
             f"# {title}", "", text, "",
             "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in body]
    return "\n".join(lines) + "\n"


def number(text):
    value = int(text.rstrip("u"), 0)
    return f"{value:,}".replace(",", " ")


def rfc(text):
    return f"RFC {text.split(' ')[0]}, {text.split(' ')[1]}" if " " in text \
        else (f"RFC {text}" if text else "")


def reasons():
    source = f"{TABLES}/reasons.def"
    body = [[number, f"`{name}`", text, f"`{error}`", rfc(section)]
            for name, number, error, section, text
            in rows(source, "H2CORE_REASON")]
    return page("Reasons", source,
                "Why a stream or a connection ended. Numbers never change "
                "their meaning. The code is what travels\nin RST_STREAM or "
                "GOAWAY, unless the RFC asks for another one in the context.",
                ["number", "name", "text", "code", "rule"], body)


def limits():
    source = f"{TABLES}/limits.def"
    body = [[f"`{name}`", number(initial), f"{number(least)} to {number(most)}",
             unit, text, f"`{reason}`" if reason != "NONE" else ""]
            for name, initial, least, most, unit, reason, text
            in rows(source, "H2CORE_LIMIT")]
    return page("Limits", source,
                "What a peer may cause: members of `struct h2core_limits`. "
                "Beyond a limit the stream or the connection ends\nwith the "
                "reason named. Of a rate, `_burst` is what may come at once "
                "and `_per_second` what is forgiven.",
                ["limit", "default", "range", "unit", "what", "reason"], body)


def stats():
    source = f"{TABLES}/stats.def"
    body = [[f"`{name}`", unit, text.replace("sum: ", "", 1),
             "sum" if text.startswith("sum: ") else ""]
            for name, unit, text in rows(source, "H2CORE_STAT")]
    return page("Statistics", source,
                "What `h2core_session_stats()` tells of a session: members of "
                "`struct h2core_stats`, each an `int64_t`. Sums only\ngrow; "
                "the others are of the moment. -1: not known.",
                ["member", "unit", "what", "kind"], body)


def frames():
    source = f"{TABLES}/frames.def"
    flags = {0x01: "END_STREAM", 0x04: "END_HEADERS", 0x08: "PADDED",
             0x20: "PRIORITY"}
    ids = {"ZERO": "0", "NONZERO": "not 0", "ANY": "any"}
    faults = {"CONNECTION": "the connection",
              "STREAM": "the stream (length), the connection",
              "FRAME": "the frame: ignored"}
    body = []
    for (name, kind, bits, rule, least, most, flow, fault, section) in rows(
            source, "H2CORE_FRAME"):
        names = dict(flags)
        if rule == "ZERO":
            names[0x01] = "ACK"
        bits = [int(bit, 0) for bit in bits.split("|")]
        length = number(least) if least == most else f"{number(least)} and more"
        body.append([f"`{name}`", kind,
                     ", ".join(f"`{names[bit]}`" for bit in bits if bit),
                     ids[rule], length, "yes" if flow == "COUNTED" else "",
                     faults[fault], rfc(section)])
    return page("Frames", source,
                "What the nine octets of a frame's head must be; judged before "
                "its payload is read. Of other types only the size is\nchecked, "
                "against SETTINGS_MAX_FRAME_SIZE. `h2core/frame.h` parses, "
                "writes and prints all of them.",
                ["frame", "type", "flags", "stream", "octets",
                 "flow-controlled", "an error of", "rule"], body)


def limit_name(member):
    return "H2Limit" + "".join(w.capitalize() for w in member.split("_"))


def wrap_strings(text, indent, room):
    """A C string in pieces of at most `room` columns."""
    lines, line = [], ""
    for word in re.findall(r"\S+ ?", text.replace('"', '\\"')):
        if len(indent) + len(line) + len(word) + 2 > room:
            lines.append(line)
            line = ""
        line += word
    return "\n".join(f'{indent}"{part}"' for part in lines + [line])


def limit_directives():
    """Directives for the rows of limits.def, of the same order."""
    source = f"{TABLES}/limits.def"
    found = rows(source, "H2CORE_LIMIT")
    names = {row[0]: limit_name(row[0]) for row in found}
    out = ["/* SPDX-License-Identifier: Apache-2.0", " *",
           " * limits.inc - one directive for each of the library's limits;"
           " part of", " * directives.def.",
           f" * Made by tools/gen_docs.py from {source}:", " * change that.",
           " */"]
    for member, initial, least, most, _, reason, text in found:
        text = re.sub(r"\b\w+_\w+\b",
                      lambda m: names.get(m.group(), m.group()), text)
        if reason != "NONE":
            text += f" ({reason})"
        if member.startswith("errors_"):
            initial, text = "-1", text + ". Default: H2MaxStreamErrors"
        out += [f"H2X_DIRECTIVE({names[member]},",
                f"    limit_{member}, UINT, {initial}, {least}, {most},",
                wrap_strings(text, "    ", 79) + ")"]
    return "\n".join(out) + "\n"


def directives():
    source = "mod_h2x/directives.def"
    kinds = {"FLAG": "`On` or `Off`", "UINT": "number", "INTERVAL": "time",
             "POWER": "0 or a power of two",
             "DISPATCH": "`auto`, `inline` or `worker`"}
    places = {"DIRECTORY": "server, directory", "SERVER": "server",
              "AUTHCFG": "server, directory, `.htaccess` (AuthConfig)",
              "FILEINFO": "server, directory, `.htaccess` (FileInfo)",
              "EITHER": "server, directory, `.htaccess` (AuthConfig or "
              "FileInfo)"}
    found = [(row, "server") for row in rows(source, "H2X_DIRECTIVE")]
    found += [(row, "server")
              for row in rows("mod_h2x/limits.inc", "H2X_DIRECTIVE")]
    found += [(row, "main server")
              for row in rows(source, "H2X_PROCESS_DIRECTIVE")]
    for row in rows(source, "H2X_DIR_DIRECTIVE"):
        where = places[row.pop(2)]
        found.append((row, where))
    body = []
    for (name, _, kind, initial, least, most, text), where in sorted(found):
        value = kinds[kind]
        if kind == "UINT":
            value += f", {number(least)} to {number(most)}"
        elif kind == "POWER":
            value += f", up to {number(most)}"
        default = "see text"
        if kind == "INTERVAL" and initial != "-1":
            default = f"{int(initial) / 1000000:g} s"
        elif initial != "-1":
            default = {"FLAG": ["`Off`", "`On`"][initial == "1"],
                       "UINT": initial, "POWER": initial,
                       "DISPATCH": "`auto`"}[kind]
        body.append([f"`{name}`", value, default, where, text])
    body += [[f"`{name}`", LIST_VALUES[kind], "none", places[where], text]
             for name, _, where, kind, text
             in rows(source, "H2X_LIST_DIRECTIVE")]
    void = [[f"`{name}`", VOID_VALUES[kind], places[where],
             ("" if when == "GONE" else "not yet: ") + text]
            for name, when, where, kind, _, _, text
            in sorted(rows(source, "H2X_VOID_DIRECTIVE"))]
    main = page("Directives", source,
                "Where \"server\" is said they may stand in the server "
                "configuration and in `<VirtualHost>`; the innermost one wins."
                "\nTimes are seconds unless a unit is given (`500ms`, "
                "`2min`). `Protocols` decides where HTTP/2 is offered at all.",
                ["directive", "value", "default", "where", "meaning"],
                sorted(body, key=lambda row: row[0].strip("`")))
    return main + VOID_HEAD + "".join(
        "| " + " | ".join(row) + " |\n" for row in void)


VOID_VALUES = {"FLAG": "`On` or `Off`", "UINT": "number"}
LIST_VALUES = {"PRIORITY": "type `After`, `Before` or `Interleaved` "
               "\\[weight]",
               "RESOURCE": "\\[`add`] path \\[`critical`]",
               "HINT": "name value",
               "RANK": "type or expression `u=`0 to 7 \\[`i`]"}
VOID_HEAD = """
## Accepted without effect

Directives of mod_http2 that a configuration may keep. Their values are checked; when the server starts, one notice
for each tells that it has no effect.

| directive | value | where | why |
|---|---|---|---|
"""

PAGES = {"docs/frames.md": frames, "docs/reasons.md": reasons,
         "docs/limits.md": limits, "docs/stats.md": stats,
         "mod_h2x/limits.inc": limit_directives,
         "docs/directives.md": directives,
         "docs/compliance.md": gen_compliance.page}


def main():
    stale = 0
    for name, make in PAGES.items():
        path = TOP / name
        text = make()
        if sys.argv[1:] == ["--check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                print(f"{name} is not what tools/gen_docs.py makes")
                stale = 1
        else:
            path.write_text(text, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main())
