// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How values and changes of a history read, in the table and on the page.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/history.h"

/* "7", "0.017", "41.2 us", "0.31 ns", "24,300/s" */
const char *history_value(char buf[TEXT_SIZE], enum unit unit, double value)
{
	char number[TEXT_SIZE];

	if (unit == UNIT_NS && value >= 9.995)
		return text_ns(buf, (uint64_t)llround(value));
	if (unit == UNIT_NS)
		snprintf(buf, TEXT_SIZE, "%.2f ns", value);
	else if (unit == UNIT_RATE && value >= 100 && value < 1e15)
		snprintf(buf, TEXT_SIZE, "%.24s/s", text_count(number, (uint64_t)llround(value)));
	else
		snprintf(buf, TEXT_SIZE, unit == UNIT_RATE ? "%.3g/s" : "%.4g", value);
	return buf;
}

/* "+10.2%", "-99.9%", "x41 more", "new", "gone" */
const char *history_relative(char buf[TEXT_SIZE], const struct change_point *point)
{
	double ratio = point->after / point->before;

	if (point->before == 0)
		snprintf(buf, TEXT_SIZE, "new");
	else if (point->after == 0)
		snprintf(buf, TEXT_SIZE, "gone");
	else if (ratio >= 2)
		snprintf(buf, TEXT_SIZE, "x%.3g more", ratio);
	else if (ratio > 0 && ratio <= 0.5)
		snprintf(buf, TEXT_SIZE, "x%.3g fewer", 1 / ratio);
	else
		snprintf(buf, TEXT_SIZE, "%+.1f%%", 100 * point->relative);
	return buf;
}

const char *history_verdict(const struct history_change *change)
{
	static const char *const words[] = { "better", "moved", "worse" };

	return words[history_direction(change->series, change->point) + 1];
}

/* Why nothing can be told yet; NULL if there are nights enough. */
const char *history_nothing(const struct history *h)
{
	int most = 0;

	for (int i = 0; i < h->nr_machines; i++)
		if (h->machines[i].nr_nights > most)
			most = h->machines[i].nr_nights;
	if (!most)
		return "No night has been recorded yet: there is nothing to tell.";
	if (most == 1)
		return "Only one night has been recorded: there is nothing to tell yet.";
	if (most < 2 * CHANGE_MIN_NIGHTS)
		return "There are too few nights to tell a change yet.";
	return NULL;
}

/* "munmap size=64K, all"; NULL without memory. */
char *history_case_name(const struct history_case *c)
{
	char *text = text_case(c->id.workload, c->id.params, c->id.nr_params), *name;

	if (!text || asprintf(&name, "%s, %s", text, c->id.placement) < 0)
		name = NULL;
	free(text);
	return name;
}

/* The kernels between which the change lies, "7.2.1 -> 7.2.2", or the one; NULL without memory. */
char *history_kernels(const struct history_change *change, bool page)
{
	const struct history_night *nights = change->machine->nights;
	const char *before = nights[change->point->last].kernel;
	const char *after = nights[change->point->night].kernel;
	char *text;
	int len;

	if (!strcmp(before, after))
		len = asprintf(&text, "within %s", before);
	else
		len = asprintf(&text, "%s %s %s", before, page ? "→" : "->", after);
	return len < 0 ? NULL : text;
}

/* Host, CPUs, model and hypervisor; NULL without memory. */
char *history_machine_name(const struct history_machine *m)
{
	char *text;

	if (asprintf(&text, "%s: %d CPU%s, %s, %s%s", text_or_unknown(m->id.host), m->id.cpus_online,
		     m->id.cpus_online == 1 ? "" : "s", text_or_unknown(m->id.cpu),
		     *m->id.hypervisor ? "under " : "no hypervisor", m->id.hypervisor) < 0)
		return NULL;
	return text;
}
