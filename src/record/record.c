// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records as files: written whole or not at all; only regular files of a sane size are
 * read.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/record.h"
#include "record/whole-file.h"

__attribute__((format(printf, 4, 5)))
static int because(int err, char *why, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, size, format, args);
	va_end(args);
	return err;
}

/*
 * Can a record be written at @path? Leaves nothing behind; for asking before a long
 * run, not after it. Returns 0 or -errno with @why filled.
 */
int record_check_path(const char *path, char *why, size_t size)
{
	return whole_file_check(path, why, size);
}

static int print_record(const void *rec, FILE *out)
{
	return record_print(rec, out);
}

/* Writes the record to @path as whole_file_write() does. */
int record_write(const struct record *rec, const char *path, char *why, size_t size)
{
	return whole_file_write(path, print_record, rec, why, size);
}

/* An open regular file of @bytes, not empty and not too large; or -errno. */
static int open_record(const char *path, size_t *bytes, char *why, size_t size)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	const char *fault = NULL;
	struct stat st;

	if (fd < 0)
		return because(-errno, why, size, "cannot read '%s': %s", path,
			       errno == ENOENT ? "there is no such file" : strerror(errno));
	if (fstat(fd, &st))
		fault = strerror(errno);
	else if (S_ISDIR(st.st_mode))
		fault = "it is a directory; give a record file";
	else if (!S_ISREG(st.st_mode))
		fault = "it is not a regular file";
	else if (!st.st_size)
		fault = "it is empty";
	else if (st.st_size > RECORD_MAX_BYTES)
		fault = "it is too large for a record";
	if (fault) {
		close(fd);
		return because(-EINVAL, why, size, "cannot read '%s': %s", path, fault);
	}
	*bytes = (size_t)st.st_size;
	return fd;
}

static int read_all(int fd, char *buf, size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		ssize_t n = read(fd, buf + done, bytes - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -EIO;	/* it shrank meanwhile */
		done += (size_t)n;
	}
	return 0;
}

/*
 * Reads the record in the file @path into @rec, whose old content is overwritten.
 * Returns 0, and the caller record_free()s it; or -errno with @why filled and
 * nothing to free; -ENOMSG: it is another file that the suite writes.
 */
int record_read(const char *path, struct record *rec, char *why, size_t size)
{
	char *buf, fault[400];
	size_t bytes = 0;
	int err, fd = open_record(path, &bytes, why, size);

	memset(rec, 0, sizeof(*rec));
	if (fd < 0)
		return fd;
	buf = malloc(bytes);
	err = buf ? read_all(fd, buf, bytes) : -ENOMEM;
	close(fd);
	if (err)
		snprintf(fault, sizeof(fault), "%s", strerror(-err));
	else
		err = record_from_json(buf, bytes, rec, fault, sizeof(fault));
	free(buf);
	return err ? because(err, why, size, "cannot read '%s': %s", path, fault) : 0;
}

/* Which machine the record is from; its strings stay @rec's. */
struct machine_id record_machine(const struct record *rec)
{
	return (struct machine_id){
		.host = or_empty(rec->host), .cpu = or_empty(rec->machine.cpu),
		.hypervisor = or_empty(rec->machine.hypervisor),
		.cpus_online = rec->machine.cpus_online, .nodes = rec->machine.nodes,
	};
}

/* Is it from software emulation, where counts are exact and times mean nothing? */
bool record_emulated(const struct record *rec)
{
	const struct machine_id id = record_machine(rec);

	return machine_id_emulated(&id);
}

/* Did others take so much of the measured CPUs that times may be off? */
bool record_busy(const struct record *rec)
{
	return rec->has_load && busy_is(&rec->load.during);
}

/* Frees the cases of a record and leaves the rest of it. */
void record_free_cases(struct record *rec)
{
	for (int i = 0; i < rec->nr_cases; i++)
		case_result_free(&rec->cases[i]);
	free(rec->cases);
	rec->cases = NULL;
	rec->nr_cases = 0;
}

/* Where the strings are that a record owns, those of its cases aside. */
void record_strings(struct record *rec, char **strings[RECORD_STRINGS])
{
	char **const all[RECORD_STRINGS] = {
		&rec->id, &rec->started, &rec->tool, &rec->command, &rec->profile, &rec->host,
		&rec->kernel.release, &rec->kernel.cmdline, &rec->kernel.boot_id,
		&rec->kernel.version, &rec->kernel.config_hash, &rec->kernel.patches_hash,
		&rec->kernel.static_key_why, &rec->kernel.flush_why,
		&rec->machine.cpu, &rec->machine.hypervisor, &rec->machine.microcode,
		&rec->machine.governor, &rec->machine.smt, &rec->machine.isolated,
		&rec->machine.nohz_full, &rec->counter, &rec->counter_why,
	};

	memcpy(strings, all, sizeof(all));
}

/* Frees all that a record holds, not the struct; twice is harmless. */
void record_free(struct record *rec)
{
	char **strings[RECORD_STRINGS];

	record_strings(rec, strings);
	for (int i = 0; i < RECORD_STRINGS; i++)
		free(*strings[i]);
	free(rec->machine.topology);
	record_free_cases(rec);
	memset(rec, 0, sizeof(*rec));
}
