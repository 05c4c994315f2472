/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rsa_key.h - an RSA key of 3072 bits under any label, for tests that need the same one each time, or none that takes long to make.
 *
 * Source: Wycheproof (C2SP/wycheproof, testvectors_v1), the key of rsa_oaep_3072_sha256_mgf1sha256_test.json.
 */
#ifndef TESTS_RSA_KEY_H
#define TESTS_RSA_KEY_H

/* clang-format off */
#define RSA_SECRET(label_)                                                                                             \
	"-----BEGIN " label_ " PRIVATE KEY-----\n"                                                                     \
	"MIIG+wIBADANBgkqhkiG9w0BAQEFAASCBuUwggbhAgEAAoIBgQDG/iN5JWYCPCZS\n"                                           \
	"h8Wsb3FUHAmU0R0FnuZAOYbvohwktRvZHYhi+d95pOMo4+J8g98mCyWptDQgr/xE\n"                                           \
	"tR6NdSW28pw3KkBRBHMgB1J6Yu2C+sc/SJKoDgloKkGljNNHAX8759gBM0+S2TIa\n"                                           \
	"r9U7Ub/6v8dSz8yuCx7gO9r/nkKMwcEX8ayWtP4j+MI+Y4EYamb9WSiTOa5VxLza\n"                                           \
	"2/+Eq9qlMiQNTh0ostBIHa3TskZVfKj+GAkoF3MLOebuN4/8yFsZ/9yRapuZGmtm\n"                                           \
	"1KnHurX156NyIQEULnpBCMFdVzsVKJ4H5G6uoHtCwqvLozDplVS0ZWFlu0wNsrY5\n"                                           \
	"OgfspXXFGpPE4VvbD3R5CUR+Pv40xnyolUtTDlaiChtthNRe0bzTqljsBvGE7lhX\n"                                           \
	"qqgZ4cypom9OKNa5d9M5FtuYltJS0a+nYuKHyw04TMdb/lP06SLQLdCkgcBC4tMG\n"                                           \
	"tLPBiTceV1sl4ABaFkz2ndCXbk1b5HaAbqa+YITnGrT1rFwbEgMCAwEAAQKCAYAP\n"                                           \
	"LVn6RvJxUDIiEE3w2W0c26iVa5+ZiqWIF3slsskPuap+lESPO/yh9AQJXdwr4Aj4\n"                                           \
	"h1gfiemB5rpIaUIDywAN5JIqmPPf2gWH11cgk4QG/eaNepUI8U0hXzuzizqgC0qv\n"                                           \
	"gH7WlJnImv050NhkFlecodzrgYLccWew9Y+9+E2eG7cFAv9FXVeW2cXC6WbyvEbP\n"                                           \
	"oum31Onpi8BVtvrVnR/ngpwCUcdij8TYAz97SnkX0xK2kpG8N5GkNQ3adG1se8Fo\n"                                           \
	"e1/aGeSB6F6Ur1GHrPNKgFUHz0TFGEOta2gNSS2SH2kl8tuGCwbklSg0ef3/i/X+\n"                                           \
	"B/Lkcof+DqwN3fokqm4fbkmGOnv/HkwqTfBVF6N4qak+jw8wkK8+moUSv0VsA94W\n"                                           \
	"8V3N6kiZHEepLLsvPdIw878lH3G25uWJZu/0WgVovMk+JG+13u47jCAUOP1nZD8x\n"                                           \
	"L0Y2Gib+U4oSRW1l6JQcz3EPx4uEwDCrRBG+wGuwjCqhKhxMGqIpoJoEOwLLZRUC\n"                                           \
	"gcEA9eyhbg6DaWsO2ayKgSVF2rpV8gqWTE5jQ2BKfyvihg/On6FqHMkhIJOd64jf\n"                                           \
	"9oVQOD6thR+sB60bLoqbK7aVJdls6rt+6DzlDwjWSRB/RJoUUhpok/PzxcWnA7L8\n"                                           \
	"KL/P4mGk9/RQVYCA3q6qtlHHqa5YbB5/XFLNqT5AqskI5OM1eYT8EWr5y+lTm8eo\n"                                           \
	"07NRpz6lwkE9HaLgtEi0VGcKyon/5zsUAem4VU/D8j1skEYjJRodKZYsqbJtlzNF\n"                                           \
	"vExfAoHBAM8lRG9Zz1EpGd2/z6LZZwSVrZK28pXWEDIFf52m2+/EUQpiPCtHpSIA\n"                                           \
	"gqO8Qq8aFE+Yye5P2uQb4OxQHMyUsrBkAZEJmzVWERYN6zJ+is4Bi4mAJe9HDkNz\n"                                           \
	"7B2X9mnimOHYRcZVPApUbMsWjVtRDb5gGP1O2aNUX5vbgZaPSm18eQ5cNHKajvtJ\n"                                           \
	"YIb6EwAkmriyjziVHXvuHBJ6w8TQvVlu3uHp0XeB27gifXtdds6Li84DxdM5uXV5\n"                                           \
	"gWEISMVc3QKBwGNXpZZ50mgBUUxpQMIOtns3DoTp9fD5MWwEN9PLfIQ/Wm5tnBno\n"                                           \
	"vbMVLpP5BM/m5pLx7tJ6CtpG+VYBs9Eivnk9rZvdBdT21GkQXs/BFEg4HcFU3a32\n"                                           \
	"vCDGSUNbSDWF1opSe3uWe+UuNeC+mkNwIcHPpfR3FWfMIzwc466Z6zfa+L0QFWtL\n"                                           \
	"1YCjzpx9ORvbsj5nNjqUdAXGyBLL09zMizVqLa/Q07I6IbaEtFjkqzhUvNm+BM3J\n"                                           \
	"1lzusQqFMcRw7QKBvwTa2r/BWxqL3A9Wb4dhkQiKeYb2wrjAS6DggB0xy/XSpBOa\n"                                           \
	"Oc7J3xTs7iLoRqfT9KXo7tKnDHpMLPlc50/kLEv2DBNaJkkZu0zJBrooPRiW8K5I\n"                                           \
	"UptJDwyFqwMGjL/uj6a7auc7GC0lzWb1IFsDi07q8ar+Lhul3pfIjUD6GsR2JmAv\n"                                           \
	"yQrmlHNPRPPk6I0YTogFp1WsKQS+j+ne9remLMnrz018LWyfnoaySD6b8izlGGG7\n"                                           \
	"tOc+cxpNvrqHdy0pAoHAIUofcxMOSLM2/gG5UIhezbNEPZPn6Mpi+w2pa9QjdZ2L\n"                                           \
	"5VLIvkTxOfvubsJLdfvwdE+sTaq/VIj+bDYA2bjpqSJIH8dKej1iJmLbjIUxjeSO\n"                                           \
	"6LcW8ZQp+1lJkNpwXr3372YT3Wv4hcFq1l6f5sKAOGvul2wl26/4+/abrtlRC+Xt\n"                                           \
	"7T+Q4LpKl+XIGiGJ8RRnB0Wrle3aIVvQX9x4kp+gz+iwHIPyrsk+OtGjNP2FqoeU\n"                                           \
	"6s+VWuXazUWyaHQfyhlc\n"                                                                                       \
	"-----END " label_ " PRIVATE KEY-----\n"
#define RSA_PUBLIC(label_)                                                                                             \
	"-----BEGIN " label_ " PUBLIC KEY-----\n"                                                                      \
	"MIIBojANBgkqhkiG9w0BAQEFAAOCAY8AMIIBigKCAYEAxv4jeSVmAjwmUofFrG9x\n"                                           \
	"VBwJlNEdBZ7mQDmG76IcJLUb2R2IYvnfeaTjKOPifIPfJgslqbQ0IK/8RLUejXUl\n"                                           \
	"tvKcNypAUQRzIAdSemLtgvrHP0iSqA4JaCpBpYzTRwF/O+fYATNPktkyGq/VO1G/\n"                                           \
	"+r/HUs/Mrgse4Dva/55CjMHBF/GslrT+I/jCPmOBGGpm/VkokzmuVcS82tv/hKva\n"                                           \
	"pTIkDU4dKLLQSB2t07JGVXyo/hgJKBdzCznm7jeP/MhbGf/ckWqbmRprZtSpx7q1\n"                                           \
	"9eejciEBFC56QQjBXVc7FSieB+RurqB7QsKry6Mw6ZVUtGVhZbtMDbK2OToH7KV1\n"                                           \
	"xRqTxOFb2w90eQlEfj7+NMZ8qJVLUw5WogobbYTUXtG806pY7AbxhO5YV6qoGeHM\n"                                           \
	"qaJvTijWuXfTORbbmJbSUtGvp2Lih8sNOEzHW/5T9Oki0C3QpIHAQuLTBrSzwYk3\n"                                           \
	"HldbJeAAWhZM9p3Ql25NW+R2gG6mvmCE5xq09axcGxIDAgMBAAE=\n"                                                       \
	"-----END " label_ " PUBLIC KEY-----\n"
/* clang-format on */

#endif
