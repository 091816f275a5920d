// SPDX-License-Identifier: GPL-2.0-or-later
/* A report in the form that is wanted, to a file, whole or not at all, or to the terminal. */
#include "cmd/print.h"

#include <errno.h>
#include <string.h>

#include "record/whole-file.h"
#include "render/figures.h"
#include "report/run.h"

/* The at'th form's name, NULL behind the last. */
const char *print_form_name(int at)
{
	return at < NR_FORMS ? form_name((enum form)at) : NULL;
}

/* One of PRINT_OPTIONS and its value into @how. An exit status, after a message if not 0. */
int print_take(const char *command, int id, const char *value, struct printing *how)
{
	if (id == 'q' || id == 'v') {
		how->detail = id == 'q' ? DETAIL_HEADLINE : DETAIL_ALL;
		return EXIT_DONE;
	}
	if (!form_parse(value, &how->form))
		return EXIT_DONE;
	cmd_error(command, "--format takes text, mail, markdown, html, svg, csv or json, not %s "
		  "(see tlbsync %s --help)", value, command);
	return EXIT_USAGE;
}

/* What is printed, with what was drawn for it. */
struct job {
	const struct report *report;
	const struct printing *how;
	const struct plots *plots;
};

static int print_to(const void *what, FILE *out)
{
	const struct job *job = what;
	struct style style = style_for(out);

	switch (job->how->form) {
	case FORM_MAIL:
		return render_mail(out, job->report);
	case FORM_MARKDOWN:
		return render_markdown(out, job->report);
	case FORM_HTML:
		return render_html(out, job->report, job->plots);
	case FORM_SVG:
		return render_svg(out, job->report, job->plots);
	case FORM_CSV:
		return render_csv(out, job->report);
	case FORM_JSON:
		return render_json(out, job->report);
	default:
		return render_text(out, &style, job->report, job->how->detail);
	}
}

static int put_out(const char *command, const struct job *job)
{
	char why[1024];
	int err;

	if (job->how->output) {
		err = whole_file_write(job->how->output, print_to, job, why, sizeof(why));
	} else {
		err = print_to(job, stdout);
		if (!err && (fflush(stdout) || ferror(stdout)))
			err = -errno;
		snprintf(why, sizeof(why), "cannot print: %s", strerror(-err));
	}
	if (err)
		cmd_error(command, "%s", why);
	return err ? EXIT_UNDONE : EXIT_DONE;
}

/*
 * Prints @report for @command, drawing its graphs where the form has them. EXIT_DONE, or
 * the status to exit with, after a message.
 */
int cmd_print(const char *command, const struct report *report, const struct printing *how)
{
	struct job job = { .report = report, .how = how };
	struct plots *plots = NULL;
	char why[1024];
	int status, err = 0;

	if (how->form == FORM_SVG && !report_has_graph(report)) {
		cmd_error(command, "nothing to draw: no case here is predicted one broadcast an op; "
			  "compare one, such as collapse-madvise");
		return EXIT_UNDONE;
	}
	if (form_draws(how->form))
		err = figures_draw(report, &plots, why, sizeof(why));
	if (err) {
		cmd_error(command, "%s", why);
		return err == -ENOENT ? EXIT_CANNOT : EXIT_UNDONE;
	}
	job.plots = plots;
	status = put_out(command, &job);
	plots_free(plots);
	return status;
}

/* Builds and prints the report of the run @rec. As cmd_print(). */
int cmd_print_run(const char *command, const struct record *rec, const struct printing *how)
{
	struct report report;
	int status = EXIT_UNDONE;

	if (report_run(&report, rec, how->latency))
		cmd_error(command, "out of memory");
	else
		status = cmd_print(command, &report, how);
	report_free(&report);
	return status;
}
