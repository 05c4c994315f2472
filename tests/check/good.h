/* SPDX-License-Identifier: Apache-2.0 */
/* good.h - a text of two sessions, of which nothing is wrong. */
#ifndef CHECK_GOOD_H
#define CHECK_GOOD_H

static const char good[] =
    "seccomm: 1\nsessions:\n"
    "  one: {role: client, listen: 'tcp::0', connect: 'tcp:h:1', identity: a, peers: [b], profile: default@1}\n"
    "  two: {role: server, listen: 'tcp::1', connect: 'unix:/x', peers: [b], identity: a, stack: [anti-replay: "
    "sequence, "
    "encrypt: chacha20-poly1305], keys: {k: {establish: psk, secret: office, protect: [sign: ed25519]}}}\n";

#endif
