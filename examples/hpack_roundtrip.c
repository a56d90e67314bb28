/* SPDX-License-Identifier: Apache-2.0
 *
 * hpack_roundtrip.c - the HPACK codec on its own: three responses, whose
 * constant fields are prepared once, become field blocks, and these fields
 * again, which are compared with those that went in.
 */
#include <h2core/hpack.h>
#include <stdio.h>
#include <string.h>

#define FIELD(n, v)                                                            \
    {                                                                          \
        .name = n, .value = v, .name_len = sizeof(n) - 1,                      \
        .value_len = sizeof(v) - 1                                             \
    }

static const struct h2core_field constant[] = {
    FIELD(":status", "200"), FIELD("server", "example"),
    FIELD("content-type", "text/html; charset=utf-8")};

static bool is_same(const struct h2core_field *a, const struct h2core_field *b)
{
    return a->name_len == b->name_len && a->value_len == b->value_len &&
           memcmp(a->name, b->name, a->name_len) == 0 &&
           memcmp(a->value, b->value, a->value_len) == 0;
}

static int send_and_receive(h2core_hpack_encoder *encoder,
                            h2core_prepared *prepared,
                            h2core_hpack_decoder *decoder, int number)
{
    const struct h2core_field *fields;
    unsigned char block[512];
    struct h2core_field own = FIELD("content-length", "");
    char text[16];
    int64_t len;
    size_t count, i;

    own.value = text;
    own.value_len = (uint32_t)snprintf(text, sizeof(text), "%d", number * 100);
    len = h2core_hpack_encode_prepared(encoder, prepared, &own, 1, block,
                                       sizeof(block));
    if (len < 0 ||
        h2core_hpack_decode(decoder, block, (size_t)len, &fields, &count) != 0)
        return 1;
    printf("response %d: %d octets\n", number, (int)len);
    for (i = 0; i < count; i++) { /* strings end with NUL */
        printf("  %s: %s\n", fields[i].name, fields[i].value);
        if (!is_same(&fields[i], i < 3 ? &constant[i] : &own))
            return 1;
    }
    return count != 4;
}

int main(void)
{
    h2core_hpack_encoder *encoder = NULL;
    h2core_hpack_decoder *decoder = NULL;
    h2core_prepared *prepared = NULL;
    int failed, i;

    failed = h2core_hpack_encoder_create(&encoder, 4096, NULL) != 0 ||
             h2core_hpack_decoder_create(&decoder, NULL, NULL) != 0 ||
             h2core_prepared_create(&prepared, constant, 3, NULL) != 0;
    for (i = 1; !failed && i <= 3; i++)
        failed = send_and_receive(encoder, prepared, decoder, i);
    h2core_prepared_release(prepared);
    h2core_hpack_encoder_destroy(encoder);
    h2core_hpack_decoder_destroy(decoder);
    return failed;
}
