/* Names of hosts as bytes from outside carry them. Pure; libc only. */
#pragma once
#include "name.h"

/* Copies @n_bytes of a name into @name, in lower case and without a last dot. FALSE, with @name empty, where they are none that
 * may be shown: longer than 253 characters, with other characters than letters, digits, "-", "_" and ".", with an empty or too
 * long label, or an IP address. Names of other scripts come as "xn--" and stay so: decoded they could look like others. */
bool pl_host_name_read (const uint8_t *bytes, uint32_t n_bytes, char name[static PL_NAME_ROOM]);
