/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list.h - the micro-protocols of this library: one line for each.
 */
#ifndef MP_LIST_H
#define MP_LIST_H

#include "seccomm_module.h"

#define MP_LIST(X)                                                                                                     \
	X(mp_replay_sequence)                                                                                          \
	X(mp_replay_timestamp)                                                                                         \
	X(mp_sha_1)                                                                                                    \
	X(mp_sha_256)                                                                                                  \
	X(mp_hmac_sha_256)                                                                                             \
	X(mp_ed25519)                                                                                                  \
	X(mp_rsa_pss)                                                                                                  \
	X(mp_aes_256_gcm)                                                                                              \
	X(mp_chacha20_poly1305)                                                                                        \
	X(mp_des_cbc)                                                                                                  \
	X(mp_create_random)                                                                                            \
	X(mp_establish_dh)                                                                                             \
	X(mp_establish_psk)

/* All of them; ends with NULL. */
extern const struct seccomm_mp *const mp_list[];

#endif
