/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How every command prints its report: the form, where to, how much of it. */
#ifndef TLBSYNC_CMD_PRINT_H
#define TLBSYNC_CMD_PRINT_H

#include "cmd/options.h"
#include "record/record.h"
#include "render/render.h"

struct printing {
	enum form form;
	enum detail detail;
	bool latency;		/* of the IPIs, of a run: also where not everything is wanted */
	const char *output;	/* a file; NULL: standard output */
};

enum { OPT_FORM = OPTION_FIRST + 100 };

/* Entries for the table of a command that prints a report; print_take() takes them. */
#define PRINT_OPTIONS \
	OPTION(0, "format", "FORMAT", OPT_FORM, \
	       "text, mail (75 columns), markdown, html (a page with graphs), svg (that graph of " \
	       "IPIs alone), csv or json. Graphs need gnuplot (default: text)", \
	       .values = print_form_name, .details = \
	       ".Cm text ;\n" \
	       ".Cm mail ,\n" \
	       "plain ASCII at most 75 columns wide, to be pasted into a message;\n" \
	       ".Cm markdown\n" \
	       "for GitHub;\n" \
	       ".Cm html ,\n" \
	       "one page, what changed in front and everything else folded;\n" \
	       ".Cm svg ,\n" \
	       "the graph of syncs alone (both need gnuplot);\n" \
	       ".Cm csv ,\n" \
	       "each table for a spreadsheet, below the headline in lines that begin with #;\n" \
	       ".Cm json ,\n" \
	       "for programs. All say the same headline. Mail, Markdown and page end with the command\n" \
	       "that makes them again."), \
	PRINT_DETAIL_OPTIONS

#define PRINT_DETAIL_OPTIONS \
	OPTION('q', "quiet", NULL, 'q', "print the headline only"), \
	OPTION('v', "verbose", NULL, 'v', "print every note, with all cases that it holds for")

const char *print_form_name(int at);
int print_take(const char *command, int id, const char *value, struct printing *how);
int cmd_print_run(const char *command, const struct record *rec, const struct printing *how);
int cmd_print(const char *command, const struct report *report, const struct printing *how);

#endif
