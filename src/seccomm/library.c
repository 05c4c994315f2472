/* SPDX-License-Identifier: Apache-2.0 */
/*
 * library.c - struct seccomm: the algorithms and the list of micro-protocols; names and texts of statuses and alerts.
 */
#include "seccomm/library.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mp/list.h"
#include "seccomm/plan.h"

int error_set(struct seccomm_error *error, int status, const char *remedy, const char *format, ...)
{
	va_list arguments;

	if (error == NULL)
		return status;
	memset(error, 0, sizeof(*error));
	error->status = status;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	if (remedy != NULL)
		snprintf(error->remedy, sizeof(error->remedy), "%s", remedy);
	return status;
}

struct seccomm *seccomm_new(struct seccomm_error *error)
{
	char why[256] = "out of memory";
	struct seccomm *library = calloc(1, sizeof(*library));

	if (library == NULL || (library->crypto = crypto_new(why, sizeof(why))) == NULL) {
		error_set(error, SECCOMM_FAILED, NULL, "the crypto library cannot be used: %s", why);
		free(library);
		return NULL;
	}
	library->list = mp_list;
	while (mp_list[library->count] != NULL)
		library->count++;
	return library;
}

void seccomm_free(struct seccomm *library)
{
	if (library == NULL)
		return;
	for (size_t i = 0; i < library->module_count; i++)
		free(library->modules[i].file);
	free(library->modules);
	free(library->own);
	crypto_free(library->crypto);
	free(library);
}

const char *seccomm_version(void)
{
	return "0.1.0";
}

struct crypto *seccomm_crypto(const struct seccomm *library)
{
	return library->crypto;
}

const struct seccomm_mp *const *seccomm_micro_protocols(const struct seccomm *library, size_t *count)
{
	*count = library->count;
	return library->list;
}

const struct seccomm_mp *seccomm_micro_protocol(const struct seccomm *library, const char *layer, const char *word)
{
	for (size_t i = 0; i < library->count; i++) {
		const struct seccomm_mp *mp = library->list[i];

		if (word == NULL ? mp->paper != NULL && strcmp(mp->paper, layer) == 0
				 : strcmp(mp->layer, layer) == 0 && strcmp(mp->word, word) == 0)
			return mp;
	}
	return NULL;
}

const struct seccomm_module *seccomm_module_nth(const struct seccomm *library, size_t n, const char **file)
{
	if (n >= library->module_count)
		return NULL;
	if (file != NULL)
		*file = library->modules[n].file;
	return library->modules[n].module;
}

const struct seccomm_module *seccomm_mp_module(
    const struct seccomm *library, const struct seccomm_mp *mp, const char **file)
{
	for (size_t i = 0; i < library->module_count; i++)
		for (const struct seccomm_mp *const *t = library->modules[i].module->tables; *t != NULL; t++)
			if (*t == mp)
				return seccomm_module_nth(library, i, file);
	return NULL;
}

static const struct crypto_algorithm *algorithm_of(const struct seccomm_mp *mp, const char *name)
{
	for (enum crypto_kind kind = CRYPTO_AEAD; kind <= CRYPTO_KEM; kind++)
		if (strcmp(mp->kind, crypto_kind_name(kind)) == 0)
			return crypto_find(kind, name);
	return NULL;
}

const char *seccomm_mp_unavailable(const struct seccomm *library, const struct seccomm_mp *mp)
{
	const struct crypto_algorithm *algorithm;

	if (mp->kind == NULL)
		return NULL;
	algorithm = algorithm_of(mp, mp->algorithm);
	return algorithm == NULL ? "no library here has this algorithm"
				 : crypto_unavailable(library->crypto, algorithm);
}

const char *seccomm_choice_unavailable(const struct seccomm *library, const struct seccomm_mp *mp, const char *word)
{
	const struct crypto_algorithm *algorithm = algorithm_of(mp, word);

	return algorithm == NULL ? "no library here has this algorithm"
				 : crypto_unavailable(library->crypto, algorithm);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	if (a == 0 || b == 0)
		return a + b == 0 ? UINT64_MAX : a + b;
	return a < b ? a : b;
}

struct plan_limits seccomm_mp_limits(const struct seccomm_mp *mp)
{
	static const struct crypto_algorithm unlimited;
	const struct crypto_algorithm *algorithm = mp->kind != NULL ? algorithm_of(mp, mp->algorithm) : &unlimited;

	if (algorithm == NULL)
		algorithm = &unlimited;
	return (struct plan_limits){ .messages = least(mp->max_messages, algorithm->max_messages),
		.bytes = least(mp->max_bytes, algorithm->max_bytes),
		.failures = least(mp->max_failures, algorithm->max_failures) };
}

/* ---- Names ---- */

struct naming {
	int number;
	const char *name, *text;
};

static const struct naming *naming_of(const struct naming *list, size_t count, int number)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].number == number)
			return &list[i];
	return NULL;
}

#define NAMING(name, number, text) { number, #name, text },
static const struct naming statuses[] = { SECCOMM_STATUS_MAP(NAMING) };
static const struct naming alerts[] = { SECCOMM_ALERT_MAP(NAMING) };
#undef NAMING

const char *seccomm_status_name(int status)
{
	const struct naming *found = naming_of(statuses, sizeof(statuses) / sizeof(statuses[0]), status);

	return found != NULL ? found->name : "UNKNOWN";
}

const char *seccomm_status_text(int status)
{
	const struct naming *found = naming_of(statuses, sizeof(statuses) / sizeof(statuses[0]), status);

	return found != NULL ? found->text : "unknown status";
}

const char *seccomm_alert_text(enum seccomm_alert_id id)
{
	const struct naming *found = naming_of(alerts, sizeof(alerts) / sizeof(alerts[0]), (int)id);

	return found != NULL ? found->text : "unknown alert";
}

static const char *pick(const char *const *names, size_t count, size_t i)
{
	return i < count ? names[i] : "unknown";
}
#define PICK(names, i) pick(names, sizeof(names) / sizeof((names)[0]), (size_t)(i))

const char *seccomm_class_name(enum seccomm_class class)
{
	static const char *const names[] = { "privacy", "integrity", "authenticity", "replay prevention", "evidence",
		"key creation", "key distribution", "directory" };

	return PICK(names, class);
}

const char *seccomm_standing_name(enum seccomm_standing standing)
{
	static const char *const names[] = { "modern", "legacy", "broken", "toy" };

	return PICK(names, standing);
}

const char *seccomm_direction_name(enum seccomm_direction direction)
{
	static const char *const names[] = { "both", "c2s", "s2c" };

	return PICK(names, direction);
}

const char *seccomm_level_name(enum seccomm_level level)
{
	static const char *const names[] = { "none", "toy", "legacy", "modern", "modern+pq" };

	return PICK(names, level);
}

const char *seccomm_property_name(enum seccomm_property property)
{
	static const char *const names[] = { "confidentiality", "integrity", "authenticity", "freshness", "peer-authenticity",
		"non-repudiation", "forward-secrecy" };

	return PICK(names, property);
}

/* The last two cost what not everybody wants to pay: a signature for each message, or an exchange that a secret would spare. */
enum seccomm_level seccomm_require_default(enum seccomm_property p)
{
	return p == PLAN_NON_REPUDIATION || p == PLAN_FORWARD_SECRECY ? SECCOMM_LEVEL_NONE : SECCOMM_LEVEL_MODERN;
}
