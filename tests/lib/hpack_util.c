/* SPDX-License-Identifier: Apache-2.0
 *
 * hpack_util.c - blocks, fields and tables as text.
 */
#include "hpack_util.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guard.h"

uint8_t *hex_block(const char *hex, size_t *out_len)
{
    uint8_t *octets = malloc(strlen(hex) / 2 + 1), *block;
    char digits[3] = {0};
    size_t len = 0, n = 0;

    if (!octets)
        abort();
    for (; *hex; hex++) {
        if (isspace((unsigned char)*hex))
            continue;
        digits[n++] = *hex;
        if (n == 2) {
            octets[len++] = (uint8_t)strtoul(digits, NULL, 16);
            n = 0;
        }
    }
    block = guard_copy(octets, len);
    free(octets);
    *out_len = len;
    return block;
}

static void put_text(FILE *to, const char *text, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++) {
        if (isprint((unsigned char)text[i]))
            putc(text[i], to);
        else
            fprintf(to, "\\x%02x", (unsigned char)text[i]);
    }
}

static void put_field(FILE *to, const struct h2core_field *field)
{
    put_text(to, field->name, field->name_len);
    fputs(": ", to);
    put_text(to, field->value, field->value_len);
    if (field->flags)
        fputs(" !", to);
    if (field->flags & H2CORE_FIELD_NEVER_INDEX)
        putc('N', to);
    if (field->flags & H2CORE_FIELD_BAD_NAME)
        putc('n', to);
    if (field->flags & H2CORE_FIELD_BAD_VALUE)
        putc('v', to);
    putc('\n', to);
}

char *fields_text(const struct h2core_field *fields, size_t count)
{
    size_t len, i;
    char *text;
    FILE *to = open_memstream(&text, &len);

    if (!to)
        abort();
    for (i = 0; i < count; i++)
        put_field(to, &fields[i]);
    fclose(to);
    return text;
}

char *table_text(const struct hc_hpack_table *table)
{
    struct h2core_field field = {0};
    uint32_t age;
    size_t len;
    char *text;
    FILE *to = open_memstream(&text, &len);

    if (!to)
        abort();
    for (age = 0; age < table->count; age++) {
        field = *hc_hpack_table_at(table, age);
        put_field(to, &field);
    }
    fclose(to);
    return text;
}

static uint8_t parse_flags(char *line)
{
    char *mark = strrchr(line, '!');
    uint8_t flags = 0;

    if (!mark || mark == line || mark[-1] != ' ')
        return 0;
    if (strchr(mark, 'N'))
        flags |= H2CORE_FIELD_NEVER_INDEX;
    if (strchr(mark, 'X'))
        flags |= H2CORE_FIELD_NO_INDEX;
    if (strchr(mark, 'H'))
        flags |= H2CORE_FIELD_HUFFMAN;
    if (strchr(mark, 'P'))
        flags |= H2CORE_FIELD_NO_HUFFMAN;
    mark[-1] = '\0';
    return flags;
}

size_t fields_parse(char *text, struct h2core_field *fields, size_t cap)
{
    char *line, *colon, *rest = text;
    size_t count = 0;

    while (count < cap && (line = strsep(&rest, "\n")) && *line) {
        memset(&fields[count], 0, sizeof(fields[count]));
        fields[count].flags = parse_flags(line);
        colon = strstr(line + 1, ": ");
        if (!colon)
            abort();
        *colon = '\0';
        fields[count].name = line;
        fields[count].name_len = (uint32_t)strlen(line);
        fields[count].value = colon + 2;
        fields[count].value_len = (uint32_t)strlen(colon + 2);
        count++;
    }
    return count;
}

int decode_hex(struct hc_hpack_dec *dec, const char *hex, char **out_text)
{
    const struct h2core_field *fields;
    size_t len, count;
    uint8_t *block = hex_block(hex, &len);
    int err = hc_hpack_decode(dec, block, len, &fields, &count);

    guard_free(block, len);
    *out_text = fields_text(fields, count);
    return err;
}
