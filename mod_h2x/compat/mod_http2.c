/* SPDX-License-Identifier: Apache-2.0
 *
 * mod_http2.c - the record of mod_h2x_compat.so: mod_h2x by the names of the
 * module that it replaces, http2_module and (httpd takes it from the name of
 * this file) mod_http2.c.  <IfModule>, LogLevel http2: and whoever looks the
 * module up by name find what they look for.  Compiled with H2X_COMPAT.
 */
#include "h2x.h"

#include "h2x_config.h"
#include "h2x_hooks.h"

module AP_MODULE_DECLARE_DATA http2_module = {
    STANDARD20_MODULE_STUFF,
    h2x_config_create_dir,
    h2x_config_merge_dir,
    h2x_config_create_server,
    h2x_config_merge_server,
    h2x_commands,
    h2x_register_hooks,
    0
};
