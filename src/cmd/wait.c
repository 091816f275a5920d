// SPDX-License-Identifier: GPL-2.0-or-later
/* Waiting for another run: how long, for whom, and what is said when it did not help. */
#include "cmd/wait.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "render/text.h"

#define LONGEST_NS	(48 * 3600 * 1000000000ull)

/* "10s", "2m", "1h": at least a second, at most two days, in *@ns. 0 or -EINVAL. */
int parse_duration(const char *text, uint64_t *ns)
{
	uint64_t unit, number;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &end, 10);
	unit = *end == 's' ? 1 : *end == 'm' ? 60 : *end == 'h' ? 3600 : 0;
	if (errno || !unit || end[1] || !number || number > LONGEST_NS / 1000000000 / unit)
		return -EINVAL;
	*ns = number * unit * 1000000000;
	return 0;
}

/* The value of --wait, or NULL for one without, as turn_take() wants it. 0 or -EINVAL. */
int parse_wait(const char *text, uint64_t *ns)
{
	*ns = TURN_FOR_EVER;
	return text ? parse_duration(text, ns) : 0;
}

/* "SIGINT"; returns @buf. */
const char *wait_signal_name(int signo, char *buf, size_t size)
{
	const char *name = sigabbrev_np(signo);

	if (name)
		snprintf(buf, size, "SIG%s", name);
	else
		snprintf(buf, size, "signal %d", signo);
	return buf;
}

/* "pid 1234 (tlbsync run --profile full)", whatever bytes that command holds. */
static void name_holder(const struct turn *turn, char *text, size_t size)
{
	if (!turn->pid)
		snprintf(text, size, "its process cannot be seen from here");
	else if (turn->command[0])
		snprintf(text, size, "pid %d (%s)", (int)turn->pid, turn->command);
	else
		snprintf(text, size, "pid %d", (int)turn->pid);
	text_clean(text);
}

/* Say, as @command, for whom it waits. */
void wait_tell(const char *command, const struct turn *turn)
{
	char holder[320];

	name_holder(turn, holder, sizeof(holder));
	cmd_error(command, "waiting until another run on this machine has ended: %s", holder);
}

/* What a run that a signal has ended says of the machine's settings. */
const char *wait_settings(bool restored)
{
	return restored ? "settings are restored" : "not all settings are restored";
}

/* Say why turn_take() failed. The exit status. */
int wait_failed(const char *command, const struct turn *turn)
{
	char holder[320], name[24];

	name_holder(turn, holder, sizeof(holder));
	if (turn->error == -EINTR) {
		cmd_error(command, "stopped by %s while waiting for another run; nothing was measured",
			  wait_signal_name(turn->signo, name, sizeof(name)));
		return EXIT_SIGNAL(turn->signo);
	}
	if (turn->error != -EBUSY) {
		cmd_error(command, "cannot make sure that no other run measures on this machine: "
			  "a UNIX socket cannot be had: %s", strerror(-turn->error));
		return EXIT_UNDONE;
	}
	if (turn->wait_ns)
		cmd_error(command, "another run measures on this machine, even after the wait: %s; "
			  "wait longer, or end it", holder);
	else
		cmd_error(command, "another run measures on this machine: %s; "
			  "wait for it with --wait, or end it", holder);
	return EXIT_BUSY;
}
