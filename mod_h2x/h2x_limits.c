/* SPDX-License-Identifier: Apache-2.0
 *
 * h2x_limits.c - directives to the library's limits.  H2Limit... are those of
 * its own table, see limits.inc.
 */
#include "h2x_limits.h"

#include <apr_general.h>

#include "h2x_config.h"

/* What a field counts besides its octets, RFC 9113 6.5.2. */
#define FIELD_EXTRA 32

/* Ranges of those limits that another directive sets too. */
enum {
#define H2CORE_LIMIT(member, initial, least, most, unit, reason, text)         \
    MOST_##member = most,
#include <h2core/tables/limits.def>
#undef H2CORE_LIMIT
};

/* A bucket of so many, refilled in a minute; 0 is as good as without end. */
static void limit_errors(struct h2core_limits *limits, apr_int64_t count)
{
    apr_int64_t most = MOST_errors_burst;

    limits->errors_per_minute = MOST_errors_per_minute;
    limits->errors_burst = MOST_errors_burst;
    if (count && count < most)
        limits->errors_per_minute = limits->errors_burst = (uint32_t)count;
}

void h2x_limits_configure(const server_rec *s, struct h2core_config *config)
{
    apr_int64_t value;

    limit_errors(&config->limits, h2x_config_max_stream_errors(s));
#define H2CORE_LIMIT(member, initial, least, most, unit, reason, text)         \
    value = h2x_config_limit_##member(s);                                      \
    if (value != -1)                                                           \
        config->limits.member = (uint32_t)value;
#include <h2core/tables/limits.def>
#undef H2CORE_LIMIT
    config->data_frame_octets = (uint32_t)h2x_config_max_data_frame_len(s);
    config->padding_bits = (uint32_t)h2x_config_padding(s);
    if (config->padding_bits &&
        apr_generate_random_bytes((unsigned char *)&config->padding_seed,
                                  sizeof(config->padding_seed)) != APR_SUCCESS)
        config->padding_seed = (uint64_t)apr_time_now();
}

bool h2x_limits_head_fits(const server_rec *s,
                          const struct h2core_field *fields, size_t count)
{
    apr_int64_t most = h2x_config_max_header_block_len(s);
    apr_int64_t sum = 0;
    size_t i;

    if (!most)
        return true;
    for (i = 0; i < count; i++)
        sum += (apr_int64_t)fields[i].name_len + fields[i].value_len +
               FIELD_EXTRA;
    return sum <= most;
}
