#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Generate the tables of libh2core/gen from the facts they come from.

gen_tables.py           write what has changed
gen_tables.py --check   write nothing; exit 1 when a file is out of date
"""
import hashlib
import os
import re
import sys

CORE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    os.pardir, "libh2core")
STATIC = "spec/hpack_static.txt"
HUFFMAN = "spec/hpack_huffman.txt"
TOKENS = "include/h2core/tables/tokens.def"

EOS = 256
LOOKUP_BITS = 12   # 4096 entries of 4 octets
HASH_BITS = 10
WORD = (1 << 64) - 1

# Classes of octets in field names and values (RFC 9113 8.2.1), as hc_hpack
# keeps them: HC_CHAR_BAD_NAME, HC_CHAR_BAD_VALUE, HC_CHAR_COLON.
BAD_NAME, BAD_VALUE, COLON = 1, 2, 4


def read(name):
    with open(os.path.join(CORE, name), "rb") as f:
        return f.read()


def rows(name):
    for line in read(name).decode("ascii").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def read_static():
    fields = []
    for row in rows(STATIC):
        fields.append((row[1], row[2] if len(row) > 2 else ""))
        if int(row[0]) != len(fields):
            sys.exit("%s: index %s out of order" % (STATIC, row[0]))
    return fields


def read_huffman():
    codes = [(int(row[1], 16), int(row[2])) for row in rows(HUFFMAN)]
    if len(codes) != EOS + 1:
        sys.exit("%s: %d symbols" % (HUFFMAN, len(codes)))
    if sum(1 << (30 - bits) for _, bits in codes) != 1 << 30:
        sys.exit("%s: not a complete prefix code" % HUFFMAN)
    return codes


def read_tokens():
    text = read(TOKENS).decode("ascii")
    return re.findall(r'^H2CORE_TOKEN\((\w+),\s*"([^"]+)"\)', text, re.M)


def char_class(octet):
    known = 0
    if octet <= 0x20 or octet >= 0x7f or 0x41 <= octet <= 0x5a:
        known |= BAD_NAME
    if octet in (0, 10, 13):
        known |= BAD_VALUE
    if octet == 0x3a:
        known |= COLON
    return known


def table(items, per_line, form):
    out = []
    for i in range(0, len(items), per_line):
        out.append("    " + " ".join(form % item + ","
                                     for item in items[i:i + per_line]))
    return out


def make_static(static, tokens):
    ids = dict((name, token) for token, name in tokens)
    order = list(dict.fromkeys(name for name, _ in static))
    if [name for _, name in tokens][:len(order)] != order:
        sys.exit("%s: must begin with the names of %s" % (TOKENS, STATIC))
    out = ["/* index 0 is no entry */",
           "const struct h2core_field hc_static_fields[%d] = {"
           % (len(static) + 1),
           '    {"", "", 0, 0, 0, 0, 0},']
    for name, value in static:
        out.append('    {hc_token_names.of_%s, "%s", %d, %d,'
                   % (ids[name], value, len(name), len(value)))
        out.append("     H2CORE_TOKEN_%s, 0, 0}," % ids[name])
    out += ["};", "",
            "/* by token: first index of the name, number of its entries "
            "with a value */",
            "const struct hc_hpack_static_row "
            "hc_hpack_static_rows[H2CORE_TOKEN_COUNT] = {", "    {0, 0},"]
    for name in order:
        first = [n for n, _ in static].index(name) + 1
        count = sum(1 for n, v in static if n == name and v)
        out.append("    {%d, %d}," % (first, count))
    return out + ["};"]


def token_key(name):
    """What the hash sees of a name; the same as in hc_token_find()."""
    data = name.encode("ascii")
    size = len(data)
    return data[size // 2] << 40 | size << 32 \
        | int.from_bytes(data[-4:], "little")


def make_tokens(tokens):
    keys = {number: token_key(name) for number, (_, name)
            in enumerate(tokens, 1) if len(name) >= 4}
    if len(set(keys.values())) != len(keys):
        sys.exit("token_key: two names have the same key")
    mul = 1
    while True:
        mul = (mul * 6364136223846793005 + 1442695040888963407) & WORD
        slots = {(key * (mul | 1) & WORD) >> (64 - HASH_BITS): number
                 for number, key in keys.items()}
        if len(slots) == len(keys):
            break
    hashed = [slots.get(slot, 0) for slot in range(1 << HASH_BITS)]
    short = [number for number, (_, name) in enumerate(tokens, 1)
             if len(name) < 4]
    return (["const uint64_t hc_token_hash_mul = UINT64_C(0x%x);" % (mul | 1),
             "", "const uint8_t hc_token_slots[%d] = {" % len(hashed)]
            + table(hashed, 16, "%d") + ["};", "",
            "/* of under 4 octets */",
            "static const uint8_t tokens_short[%d] = {" % len(short)]
            + table(short, 16, "%d") + ["};"])


def make_chars():
    return (["static const uint8_t char_classes[256] = {"]
            + table([char_class(octet) for octet in range(256)], 16, "%d")
            + ["};"])


def make_huff_enc(codes):
    return (["/* codes aligned to the least significant bit; bits of each */",
             "static const uint64_t huff_codes[256] = {"]
            + table([code for code, _ in codes[:EOS]], 6, "0x%x") + ["};", "",
            "static const uint8_t huff_bits[256] = {"]
            + table([size for _, size in codes[:EOS]], 16, "%d") + ["};"])


def lookup_entry(codes, short, bits):
    """One entry: symbol, symbol << 8, bits << 16, count << 24."""
    entry = used = count = 0
    while count < 2:
        for symbol, code, size in short:
            if used + size <= LOOKUP_BITS and \
                    bits >> (LOOKUP_BITS - used - size) & \
                    ((1 << size) - 1) == code:
                if char_class(symbol) & BAD_VALUE:
                    sys.exit("decoders look for %d in long codes" % symbol)
                entry |= symbol << 8 * count
                used += size
                count += 1
                break
        else:
            break
    return entry | used << 16 | count << 24 if count else 0


def make_huff_dec(codes):
    short = [(symbol, code, size) for symbol, (code, size)
             in enumerate(codes) if size <= LOOKUP_BITS]
    long = sorted((code << (32 - size), size, symbol) for symbol, (code, size)
                  in enumerate(codes) if size > LOOKUP_BITS)
    if [row[1] for row in long] != sorted(row[1] for row in long):
        sys.exit("%s: longer codes do not sort behind" % HUFFMAN)
    out = ["#define HUFF_LOOKUP_BITS %d" % LOOKUP_BITS, "",
           "static const uint32_t huff_lookup[%d] = {" % (1 << LOOKUP_BITS)]
    out += table([lookup_entry(codes, short, bits)
                  for bits in range(1 << LOOKUP_BITS)], 6, "0x%08x")
    out += ["};", "",
            "/* last code of a length, filled up with ones; first code; index "
            "of its",
            " * symbol; length */",
            "static const struct huff_long huff_longs[] = {"]
    for size in sorted(set(row[1] for row in long)):
        same = [i for i, row in enumerate(long) if row[1] == size]
        first, last = long[same[0]][0], long[same[-1]][0]
        if last - first != (len(same) - 1) << (32 - size):
            sys.exit("%s: codes of %d bits have gaps" % (HUFFMAN, size))
        out.append("    {0x%08x, 0x%08x, %d, %d}," % (
            last | (1 << (32 - size)) - 1, first, same[0], size))
    return out + ["};", "", "static const uint16_t huff_long_symbols[] = {"] \
        + table([row[2] for row in long], 12, "%d") + ["};"]


def whole(sources, lines):
    digest = hashlib.sha256(b"".join(read(s) for s in sources)).hexdigest()
    head = ["/* SPDX-License-Identifier: Apache-2.0 */",
            "/* generated from " + ",\n * ".join(
                "libh2core/" + source for source in sources),
            " * by tools/gen_tables.py, sha256", " * %s */" % digest]
    if not sources:
        head[1:] = ["/* generated by tools/gen_tables.py */"]
    head.append("/* clang-format off */")
    return "\n".join(head + lines + ["/* clang-format on */", ""])


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    static, codes, tokens = read_static(), read_huffman(), read_tokens()
    files = {
        "hpack_static.inc": whole([STATIC, TOKENS],
                                  make_static(static, tokens)),
        "tokens.inc": whole([TOKENS], make_tokens(tokens)),
        "field_chars.inc": whole([], make_chars()),
        "huff_enc.inc": whole([HUFFMAN], make_huff_enc(codes)),
        "huff_dec.inc": whole([HUFFMAN], make_huff_dec(codes)),
    }
    stale = 0
    for name, text in sorted(files.items()):
        path = os.path.join(CORE, "gen", name)
        try:
            with open(path, encoding="ascii") as f:
                old = f.read()
        except FileNotFoundError:
            old = None
        if old == text:
            continue
        stale += 1
        print("%s: %s" % (name, "out of date" if check else "written"))
        if not check:
            with open(path, "w", encoding="ascii") as f:
                f.write(text)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
