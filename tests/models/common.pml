/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common.pml - what the models share: named properties, and rules that can be switched off.
 *
 * OFF is a sum of rules, given on the command line (-DOFF=NAME); without it every rule of the protocol is in force.
 */
#ifndef OFF
#define OFF 0
#endif

#define off(rule) (((OFF) & (rule)) != 0)

/* What happens only when the rule is switched off. */
#define without(rule, effect) if :: off(rule) -> effect :: else fi

/* A property, by the name that run.py expects in the trail of the rule's twin. */
#define must(property, condition) \
	if :: (condition) :: else -> printf("violated: "); printf(#property); printf("\n"); assert(false) fi
