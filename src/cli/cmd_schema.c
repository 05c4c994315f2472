/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_schema.c - `schema`: the JSON Schema of a configuration, for editors. */
#include "check/check.h"
#include "cli/cli.h"

int cmd_schema(const struct cli *cli)
{
	struct seccomm *library;
	int status = cli_library_with_modules(cli, &library);

	if (status != CLI_OK)
		return status;
	status = cli_answer_json_text(check_schema(library));
	seccomm_free(library);
	return status;
}
