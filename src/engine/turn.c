// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The turn is an abstract socket name: it takes no file, works for every user, and lasts
 * until the last process of the run has ended. Nobody ever accepts a connection to it: who
 * connects learns from the kernel who listens, and is hung up on when the name is free.
 */
#include "engine/turn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/clock.h"

#define NAME		"tlbsync-is-measuring"
#define RETRY_NS	250000000	/* where nobody hangs up on us */

static const struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "\0" NAME };
static const socklen_t name_size = offsetof(struct sockaddr_un, sun_path) + sizeof(NAME);

/*
 * Its fd in *@fd, -1 on a kernel without UNIX sockets. 0, -EBUSY or -errno. Without a socket
 * for any other reason somebody might be measuring.
 */
static int take(int *fd)
{
	int error;

	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return errno == EAFNOSUPPORT ? 0 : -errno;
	if (!bind(*fd, (const struct sockaddr *)&name, name_size) && !listen(*fd, SOMAXCONN))
		return 0;
	error = errno == EADDRINUSE ? -EBUSY : -errno;
	close(*fd);
	return error;
}

/* The words of the command line of @pid, apart by spaces, its first without its folder. */
static void read_command(pid_t pid, char *command, size_t size)
{
	char path[64], *slash;
	ssize_t len;
	int fd;

	command[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	len = read(fd, command, size - 1);
	close(fd);
	command[len > 0 ? len : 0] = '\0';
	slash = strrchr(command, '/');
	if (slash) {
		len -= slash + 1 - command;
		memmove(command, slash + 1, (size_t)len + 1);
	}
	for (ssize_t i = 0; i + 1 < len; i++)
		if (!command[i])
			command[i] = ' ';
}

/*
 * Connect to whoever holds the turn and find out who that is. The connection, or -1 where
 * it ended just now or does not answer.
 */
static int ask(struct turn *turn)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct ucred other;
	socklen_t size = sizeof(other);

	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&name, name_size)) {
		close(fd);
		return -1;
	}
	if (!getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &other, &size) && other.pid > 0) {
		turn->pid = other.pid;
		read_command(other.pid, turn->command, sizeof(turn->command));
	}
	return fd;
}

/*
 * Until the holder at the other end of @connection, or -1, has ended, or it is time to look
 * again. 0; -EBUSY at the end of the wait; -EINTR on one of the signals that @signal_fd
 * reads.
 */
static int await(struct turn *turn, int connection, int signal_fd, uint64_t until_ns)
{
	struct pollfd fds[] = {
		{ .fd = signal_fd, .events = POLLIN },
		{ .fd = connection, .events = POLLIN },
	};
	uint64_t now = clock_monotonic_ns();
	uint64_t left = until_ns > now ? until_ns - now : 0;
	struct signalfd_siginfo signal;

	if (!left)
		return -EBUSY;
	if (connection < 0 && left > RETRY_NS)
		left = RETRY_NS;
	poll(fds, 2, left > 3600000000000ull ? 3600000 : (int)(left / 1000000 + 1));
	if (fds[0].revents & POLLIN && read(signal_fd, &signal, sizeof(signal)) > 0) {
		turn->signo = (int)signal.ssi_signo;
		return -EINTR;
	}
	return 0;
}

static int take_in_time(struct turn *turn, int signal_fd, int *fd)
{
	uint64_t now = clock_monotonic_ns();
	uint64_t until = turn->wait_ns > UINT64_MAX - now ? UINT64_MAX : now + turn->wait_ns;
	int error;

	for (bool told = false; (error = take(fd)) == -EBUSY;) {
		int connection = ask(turn);

		if (turn->wait_ns && turn->told && !told)
			turn->told(turn);
		told = true;
		error = await(turn, connection, signal_fd, until);
		if (connection >= 0)
			close(connection);
		if (error)
			break;
	}
	return error;
}

/*
 * Take the turn, after the wait that @turn allows; it lasts as long as any process has
 * *@fd, which is -1 on a kernel without UNIX sockets. @signals, which the caller has
 * blocked, end the wait. 0; -EBUSY if another run still has it, and -EINTR on a signal,
 * both with @turn saying whose it is; else -errno. @turn keeps the error.
 */
int turn_take(struct turn *turn, const sigset_t *signals, int *fd)
{
	int signal_fd = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);

	turn->pid = 0;
	turn->command[0] = '\0';
	turn->signo = 0;
	turn->error = signal_fd < 0 ? -errno : take_in_time(turn, signal_fd, fd);
	if (signal_fd >= 0)
		close(signal_fd);
	return turn->error;
}
