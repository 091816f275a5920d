// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads records of other machines and sizes. Only what makes their counts meaningless is
 * refused: machines may differ as they like.
 */
#include "cmd/compare-scale.h"

#include <errno.h>
#include <string.h>

#include "cmd/cmd.h"

static int load_file(struct scale *scale, const char *path)
{
	struct record rec;
	char why[1024];
	int err = record_read(path, &rec, why, sizeof(why));

	if (err) {
		cmd_error("compare", "--scale: %s", why);
		return err;
	}
	err = scale_add(scale, path, &rec);
	if (err == -ENODATA)
		cmd_error("compare", "--scale: '%s' does not tell its static key, so its side is "
			  "unknown: record it as root", path);
	else if (err)
		cmd_error("compare", "--scale: cannot add up '%s': %s", path, strerror(-err));
	return err;
}

/* Both sides must be there, have a case in common, and count each boot once. */
static int check_size(struct comparison *at)
{
	int err = 0;

	for (int side = 0; side < NR_SIDES; side++)
		if (!at->nr_boots[side]) {
			cmd_error("compare", "--scale: of %d CPUs there is no %s record",
				  scale_cpus(at), side_name((enum side)side));
			return -EINVAL;
		}
	if (compare_finish(at)) {
		cmd_error("compare", "--scale: out of memory");
		return -ENOMEM;
	}
	for (int i = 0; i < at->nr_findings; i++)
		if (at->findings[i].level == FINDING_FATAL) {
			cmd_error("compare", "--scale, %d CPUs: %s", scale_cpus(at),
				  at->findings[i].text);
			err = -EINVAL;
		}
	return err;
}

/*
 * Reads all records of the option into @scale, which scale_free() frees. Returns 0, or
 * -errno once everything that is wrong has been told.
 */
int compare_scale_load(struct scale *scale, const struct compare_options *opt)
{
	int err = 0;

	for (int i = 0; i < opt->nr_files[SET_SCALE]; i++)
		if (load_file(scale, opt->files[SET_SCALE][i]))
			err = -EINVAL;
	for (int i = 0; i < scale->nr && !err; i++)
		err = check_size(&scale->at[i]);
	return err;
}
