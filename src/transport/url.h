/* SPDX-License-Identifier: Apache-2.0 */
/* url.h - the names that relay.c still has for the addresses of config/url.h. */
#ifndef TRANSPORT_URL_H
#define TRANSPORT_URL_H

#include "config/url.h"

#define transport_url        config_url
#define transport_url_format config_url_format

#endif
