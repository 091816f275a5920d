/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The placements that a user asks for: what -p takes. */
#ifndef TLBSYNC_CMD_CHOOSE_H
#define TLBSYNC_CMD_CHOOSE_H

#include <stddef.h>

#include "engine/placement.h"

/* For help: what stands between the commas of -p. */
#define PLACEMENT_SYNTAX	"NAME or initiator=CPU,ROLE=CPUS..., each with @MEMORY"

struct choices {
	struct placement_choice *choice;
	int nr;
};

int choices_parse(const char *text, struct choices *choices, char *why, size_t size);
int choices_check(const struct choices *choices, const struct topology *topo,
		  char *why, size_t size);
const char *choices_rule_name(int at);
void choices_free(struct choices *choices);

#endif
