// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Finding tracefs in a table of mounts, and a field in a tracepoint's format, both
 * from fixture files; the readers of tracefs on a folder made to look like it.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/tracefs.h"

static const char *fixture(const char *name)
{
	static char path[4096];
	const char *top = getenv("top_srcdir");

	snprintf(path, sizeof(path), "%s/tests/fixtures/%s", top ? top : ".", name);
	return path;
}

static void the_first_tracefs_mount_is_found_with_blanks_in_its_path(void **state)
{
	char buf[64];

	(void)state;
	assert_int_equal(tracefs_find_mount(fixture("mounts"), buf, sizeof(buf)), 0);
	assert_string_equal(buf, "/mnt/trace of mine");
}

static void without_a_tracefs_mount_it_is_enoent(void **state)
{
	char buf[64];

	(void)state;
	assert_int_equal(tracefs_find_mount(fixture("mounts-no-tracefs"), buf, 64), -ENOENT);
	assert_int_equal(tracefs_find_mount("/dev/null", buf, 64), -ENOENT);
	assert_int_equal(tracefs_find_mount("/nonexistent", buf, 64), -ENOENT);
}

static void a_path_that_does_not_fit_is_an_error(void **state)
{
	char buf[8];

	(void)state;
	assert_int_equal(tracefs_find_mount(fixture("mounts"), buf, 8), -ENAMETOOLONG);
}

static void a_field_has_its_offset_and_size(void **state)
{
	char format[4096];
	int fd = open(fixture("."), O_PATH | O_DIRECTORY);
	int offset, size;

	(void)state;
	assert_true(fd >= 0);
	assert_true(tracefs_read(fd, "csd_queue_cpu.format", format, sizeof(format)) > 0);
	close(fd);
	assert_int_equal(tracefs_field(format, "cpu", &offset, &size), 0);
	assert_int_equal(offset, 8);
	assert_int_equal(size, 4);
	assert_int_equal(tracefs_field(format, "func", &offset, &size), 0);
	assert_int_equal(offset, 24);
	assert_int_equal(size, 8);
	assert_int_equal(tracefs_field(format, "common_pid", &offset, &size), 0);
	assert_int_equal(offset, 4);
}

static void a_part_of_a_name_or_a_type_is_no_field(void **state)
{
	static const char format[] = "\tfield:void * my_func;\toffset:8;\tsize:8;\tsigned:0;\n"
		"\tfield:char comm[16];\toffset:16;\tsize:16;\tsigned:0;\n";
	int offset, size;

	(void)state;
	assert_int_equal(tracefs_field(format, "func", &offset, &size), -ENOENT);
	assert_int_equal(tracefs_field(format, "my", &offset, &size), -ENOENT);
	assert_int_equal(tracefs_field(format, "char", &offset, &size), -ENOENT);
	assert_int_equal(tracefs_field(format, "", &offset, &size), -ENOENT);
	assert_int_equal(tracefs_field(format, "comm", &offset, &size), 0);
	assert_int_equal(offset, 16);
	assert_int_equal(size, 16);
}

static void a_malformed_format_is_an_error(void **state)
{
	static const char *const broken[] = {
		"field:int cpu;", "field:int cpu; offset:;", "field:int cpu; offset:8; size:",
		"field:int cpu; offset:-8; size:4;", "field:int cpu; offset:8; size:0;",
	};
	int offset, size;

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		assert_int_equal(tracefs_field(broken[i], "cpu", &offset, &size), -EINVAL);
	assert_int_equal(tracefs_field("", "cpu", &offset, &size), -ENOENT);
	assert_int_equal(tracefs_field("field:", "cpu", &offset, &size), -ENOENT);
}

/* A folder with events/csd/test/id that holds @id; the folder's descriptor. */
static int fake_tracefs(char *dir, const char *id)
{
	int root, fd;

	assert_non_null(mkdtemp(dir));
	root = open(dir, O_PATH | O_DIRECTORY);
	assert_true(root >= 0);
	assert_int_equal(mkdirat(root, "events", 0700), 0);
	assert_int_equal(mkdirat(root, "events/csd", 0700), 0);
	assert_int_equal(mkdirat(root, "events/csd/test", 0700), 0);
	fd = openat(root, "events/csd/test/id", O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, id, strlen(id)), strlen(id));
	close(fd);
	return root;
}

static void remove_fake(const char *dir, int root)
{
	unlinkat(root, "events/csd/test/id", 0);
	unlinkat(root, "events/csd/test", AT_REMOVEDIR);
	unlinkat(root, "events/csd", AT_REMOVEDIR);
	unlinkat(root, "events", AT_REMOVEDIR);
	close(root);
	rmdir(dir);
}

static int id_of(const char *text)
{
	char dir[] = "/tmp/test-tracefs-XXXXXX";
	int root = fake_tracefs(dir, text);
	int id = tracefs_event_id(root, "csd/test");

	remove_fake(dir, root);
	return id;
}

static void an_event_has_the_number_that_its_file_holds(void **state)
{
	char dir[] = "/tmp/test-tracefs-XXXXXX";
	int root = fake_tracefs(dir, "529\n");

	(void)state;
	assert_int_equal(tracefs_event_id(root, "csd/test"), 529);
	assert_int_equal(tracefs_event_id(root, "csd/absent"), -ENOENT);
	assert_int_equal(tracefs_event_id(-1, "csd/test"), -EBADF);
	remove_fake(dir, root);
	assert_int_equal(id_of(""), -EINVAL);
	assert_int_equal(id_of("no number\n"), -EINVAL);
	assert_int_equal(id_of("0\n"), -EINVAL);
	assert_int_equal(id_of("529x\n"), -EINVAL);
	assert_int_equal(id_of("99999999999999999999\n"), -EINVAL);
}

static void a_file_that_does_not_fit_is_an_error(void **state)
{
	int fd = open(fixture("."), O_PATH | O_DIRECTORY);
	char buf[8];

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(tracefs_read(fd, "mounts", buf, sizeof(buf)), -EOVERFLOW);
	assert_int_equal(tracefs_read(fd, "absent", buf, sizeof(buf)), -ENOENT);
	assert_int_equal(tracefs_read(fd, ".", buf, sizeof(buf)), -EISDIR);
	close(fd);
}

static void root_opens_tracefs_even_where_nobody_mounted_it(void **state)
{
	int fd = tracefs_open();
	char buf[4096];

	(void)state;
	if (fd == -EPERM || fd == -EACCES || fd == -ENODEV || fd == -ENOSYS)
		skip();
	assert_true(fd >= 0);
	if (geteuid() == 0)
		assert_true(tracefs_read(fd, "trace_clock", buf, sizeof(buf)) > 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_tracefs_mount_is_found_with_blanks_in_its_path),
		cmocka_unit_test(without_a_tracefs_mount_it_is_enoent),
		cmocka_unit_test(a_path_that_does_not_fit_is_an_error),
		cmocka_unit_test(a_field_has_its_offset_and_size),
		cmocka_unit_test(a_part_of_a_name_or_a_type_is_no_field),
		cmocka_unit_test(a_malformed_format_is_an_error),
		cmocka_unit_test(an_event_has_the_number_that_its_file_holds),
		cmocka_unit_test(a_file_that_does_not_fit_is_an_error),
		cmocka_unit_test(root_opens_tracefs_even_where_nobody_mounted_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
