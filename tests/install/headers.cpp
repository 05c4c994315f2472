// SPDX-License-Identifier: Apache-2.0
// headers.cpp - the three headers in one C++ program, and a call into each part of the library: it links only if the names are C's.
#include <seccomm_module.h>

#include <cstdio>

int main()
{
	seccomm_error error;
	seccomm *library = seccomm_new(&error);
	uint8_t one[2] = { 1, 2 }, other[2] = { 1, 2 };
	cactus_msg message{};

	if (!library)
		return 1;
	cactus_msg_keep(&message);
	std::printf("%s\n", seccomm_status_text(SECCOMM_OK));
	seccomm_free(library);
	return message.references == 1 && seccomm_equal(one, other, sizeof one) ? 0 : 1;
}
