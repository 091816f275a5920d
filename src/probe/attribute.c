// SPDX-License-Identifier: GPL-2.0-or-later
/* A walk through the notes of all initiators, side by side with the events. */
#include "probe/attribute.h"

/* The op of @log that was under way at @time_ns, which never falls; NULL: none. */
static struct op_note *op_at(struct op_log *log, uint64_t time_ns)
{
	while (log->at < log->nr_ops && log->op[log->at].ended_ns < time_ns)
		log->at++;
	return log->at < log->nr_ops && log->op[log->at].began_ns <= time_ns ?
	       &log->op[log->at] : NULL;
}

static bool acts_in(const struct op_log *log, const struct op_note *op, pid_t tid)
{
	if (!op->nr_actors)
		return tid == log->actor;
	for (int i = 0; i < op->nr_actors; i++)
		if (log->actors[op->first_actor + i] == tid)
			return true;
	return false;
}

/* From here on events are asked about from the first one again. */
void op_logs_rewind(struct op_log *logs, int nr)
{
	for (int i = 0; i < nr; i++)
		logs[i].at = 0;
}

/*
 * The op in which task @event->tid asked for @event, and in *@whose, unless that is NULL,
 * the index of its initiator. NULL: the task did so in none.
 */
struct op_note *op_logs_own(struct op_log *logs, int nr, const struct ring_event *event, int *whose)
{
	for (int i = 0; i < nr; i++) {
		struct op_note *op = op_at(&logs[i], event->time_ns);

		if (!op || !acts_in(&logs[i], op, event->tid))
			continue;
		if (whose)
			*whose = i;
		return op;
	}
	return NULL;
}

/* Was an op under way that is tallied? */
bool op_logs_any(struct op_log *logs, int nr, uint64_t time_ns)
{
	for (int i = 0; i < nr; i++) {
		const struct op_note *op = op_at(&logs[i], time_ns);

		if (op && !op->dropped)
			return true;
	}
	return false;
}

/* Is @pid the process of an initiator? */
bool op_logs_process(const struct op_log *logs, int nr, pid_t pid)
{
	for (int i = 0; i < nr; i++)
		if (logs[i].pid == pid)
			return true;
	return false;
}

/* Is the task of @event an initiator, which is between its ops if it is in none? */
bool op_logs_initiator(const struct op_log *logs, int nr, const struct ring_event *event)
{
	for (int i = 0; i < nr; i++)
		if (logs[i].actor == event->tid && logs[i].pid == event->pid)
			return true;
	return false;
}
