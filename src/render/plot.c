// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One gnuplot for all plots of a page: starting it takes longer than a plot does. Script,
 * output and messages are files in memory, so nobody waits for anybody.
 *
 * Of each SVG that it writes the head is replaced, and markers, which no plot here uses,
 * identifiers, which would occur once a plot, and tool tips are taken out. That leaves
 * half of it, and what may stand many times in one page.
 */
#include "render/plot.h"

#include <errno.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "render/html.h"

struct plot {
	int width, height;
	const char *svg, *end;	/* in the output, from behind its head */
};

struct plots {
	FILE *script, *output, *messages;
	struct plot *plot;
	int nr, room;
	char *text;	/* the output */
};

extern char **environ;

static FILE *memory_file(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");

	if (fd >= 0 && !file)
		close(fd);
	return file;
}

/* No plots yet. NULL without memory. */
struct plots *plots_new(void)
{
	struct plots *plots = calloc(1, sizeof(*plots));

	if (!plots)
		return NULL;
	plots->script = memory_file("script");
	plots->output = memory_file("output");
	plots->messages = memory_file("messages");
	if (plots->script && plots->output && plots->messages)
		return plots;
	plots_free(plots);
	return NULL;
}

/*
 * The next plot, of so many CSS pixels: the caller writes its data and commands to the
 * script returned, one plot command last. NULL without memory.
 */
FILE *plots_add(struct plots *plots, int width, int height)
{
	if (plots->nr == plots->room) {
		int room = plots->room ? 2 * plots->room : 64;
		struct plot *larger = realloc(plots->plot, (size_t)room * sizeof(*larger));

		if (!larger)
			return NULL;
		plots->plot = larger;
		plots->room = room;
	}
	plots->plot[plots->nr++] = (struct plot){ .width = width, .height = height };
	fprintf(plots->script, "reset\nset terminal svg size %d,%d dynamic rounded noenhanced "
		"font 'sans-serif,11'\nunset key\n", width, height);
	return plots->script;
}

/*
 * A quoted string for a script: what is not a letter, digit or one of "._+-/ " becomes
 * '?', and what is longer than @longest is cut.
 */
void plot_text(FILE *script, const char *text, int longest)
{
	fputc('\'', script);
	for (int i = 0; text[i]; i++) {
		bool plain = strchr("._+-/ ", text[i]) || (text[i] >= '0' && text[i] <= '9') ||
			     (text[i] >= 'a' && text[i] <= 'z') ||
			     (text[i] >= 'A' && text[i] <= 'Z');

		if (i == longest - 2 && strlen(text) > (size_t)longest) {
			fputs("..", script);
			break;
		}
		fputc(plain ? text[i] : '?', script);
	}
	fputc('\'', script);
}

/* The whole file, as a string on the heap; NULL without memory. */
static char *read_file(FILE *file)
{
	long size;
	char *text;

	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	text = size < 0 ? NULL : malloc((size_t)size + 1);
	if (text)
		text[fread(text, 1, (size_t)size, file)] = '\0';
	return text;
}

/* Runs gnuplot to its end. Its wait status, or -errno. */
static int run_gnuplot(struct plots *plots)
{
	char *argv[] = { "gnuplot", "--default-settings", "/dev/stdin", NULL };
	posix_spawn_file_actions_t files;
	int err, status;
	pid_t pid;

	if (fflush(plots->script) || lseek(fileno(plots->script), 0, SEEK_SET))
		return -errno;
	err = posix_spawn_file_actions_init(&files);
	if (err)
		return -err;
	posix_spawn_file_actions_adddup2(&files, fileno(plots->script), STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, fileno(plots->output), STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, fileno(plots->messages), STDERR_FILENO);
	err = posix_spawnp(&pid, argv[0], &files, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	if (err)
		return -err;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status;
}

/* Where each SVG begins and ends. Returns how many there are. */
static int split(struct plots *plots)
{
	const char *at = plots->text;
	int nr = 0;

	while (nr < plots->nr && (at = strstr(at, "<svg"))) {
		const char *body = strstr(at, "</defs>"), *end = strstr(at, "</svg>");

		if (!body || !end || body > end)
			break;
		plots->plot[nr].svg = body + strlen("</defs>");
		plots->plot[nr++].end = end;
		at = end;
	}
	return nr;
}

/* gnuplot's own words, the first line that has any. */
static void complaint(struct plots *plots, char *why, size_t size)
{
	char *text = read_file(plots->messages);
	char *from = text ? text + strspn(text, " \n") : "";

	snprintf(why, size, "gnuplot failed: %.*s", (int)strcspn(from, "\n"),
		 *from ? from : "it drew nothing");
	free(text);
}

/* Draws all plots. 0, or -errno with @why filled; -ENOENT if there is no gnuplot. */
int plots_draw(struct plots *plots, char *why, size_t size)
{
	int status = plots->nr ? run_gnuplot(plots) : 0;

	if (status == -ENOENT) {
		snprintf(why, size, "graphs need gnuplot, which is not installed here; "
			 "install the package gnuplot-nox");
		return status;
	}
	if (status < 0) {
		snprintf(why, size, "cannot run gnuplot: %s", strerror(-status));
		return status;
	}
	plots->text = read_file(plots->output);
	if (!plots->text) {
		snprintf(why, size, "out of memory");
		return -ENOMEM;
	}
	if (status || split(plots) != plots->nr) {
		complaint(plots, why, size);
		return -EIO;
	}
	return 0;
}

/*
 * @from without title elements and id attributes, behind the group that was opened in the
 * head and that it closes.
 */
static void print_body(const char *from, const char *end, FILE *out)
{
	static const struct { const char *begin, *end; } left_out[] = {
		{ "<title>", "</title>" }, { " id=\"", "\" " },
	};

	fputs("<g>", out);
	while (from < end) {
		const char *next = NULL, *behind = NULL;

		for (int i = 0; i < 2; i++) {
			const char *begin = memmem(from, (size_t)(end - from), left_out[i].begin,
						   strlen(left_out[i].begin));
			const char *last = begin ? strstr(begin + strlen(left_out[i].begin),
							  left_out[i].end) : NULL;

			if (last && (!next || begin < next)) {
				next = begin;
				behind = last + strlen(left_out[i].end);
			}
		}
		if (!next)
			next = behind = end;
		fwrite(from, 1, (size_t)(next - from), out);
		from = behind;
	}
}

/* The plot @index, in the order of plots_add(), after plots_draw(). */
void plots_print(const struct plots *plots, int index, const char *class, const char *label,
		 FILE *out)
{
	const struct plot *plot = &plots->plot[index];

	fprintf(out, "<svg class=\"%s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", class,
		plot->width, plot->height);
	html_text(out, label);
	fputs("\">", out);
	print_body(plot->svg, plot->end, out);
	fputs("</svg>", out);
}

/* The same as an SVG file of its own. */
void plots_print_file(const struct plots *plots, int index, const char *title, FILE *out)
{
	const struct plot *plot = &plots->plot[index];

	svg_begin(out, plot->width, plot->height, title);
	print_body(plot->svg, plot->end, out);
	fputs("</svg>\n", out);
}

/* Frees plots; NULL is fine. */
void plots_free(struct plots *plots)
{
	FILE *files[3];

	if (!plots)
		return;
	files[0] = plots->script;
	files[1] = plots->output;
	files[2] = plots->messages;
	for (int i = 0; i < 3; i++)
		if (files[i])
			fclose(files[i]);
	free(plots->plot);
	free(plots->text);
	free(plots);
}
