/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loader.c - an application of the installed library: STACK FILE… loads each module, a FILE "+" begins a new library, and the
 * configuration text of STACK is written at the end.  What fails is written, with place and remedy, and ends it with 1.
 */
#include <seccomm.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const struct seccomm_error *error)
{
	printf("%s: %s; %s\n", error->place, error->text, error->remedy);
	exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
	static const char *const peers[] = { "peer" };
	struct seccomm_error error;
	struct seccomm *library = seccomm_new(&error);
	struct seccomm_plan *plan;

	for (int i = 2; library != NULL && i < argc; i++) {
		if (strcmp(argv[i], "+") == 0) {
			seccomm_free(library);
			library = seccomm_new(&error);
		} else if (seccomm_module_load(library, argv[i], &error) != SECCOMM_OK) {
			seccomm_free(library);
			fail(&error);
		}
	}
	if (library == NULL || argc < 2)
		return EXIT_FAILURE;
	if (seccomm_plan_stack(library, SECCOMM_CLIENT, SECCOMM_STREAM, argv[1], NULL, "self", peers, 1, true, &plan, &error) !=
	    SECCOMM_OK)
		fail(&error);
	fputs(seccomm_plan_text(plan), stdout);
	seccomm_plan_free(plan);
	seccomm_free(library);
	return EXIT_SUCCESS;
}
