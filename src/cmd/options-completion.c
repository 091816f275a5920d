// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The bash completion: a fixed script, and in it the commands, options and values of the
 * tables as they are in this program.
 */
#include <string.h>

#include "cmd/options.h"

/* The words of a case arm, ready for compgen -W. */
static void put_words(FILE *out, const char *(*values)(int at))
{
	const char *word;

	for (int i = 0; (word = values(i)); i++)
		fprintf(out, "%s%s", i ? " " : "", word);
}

/* "run:-o|run:--output) kind='file' ;;" for what takes a value. */
static void put_value(FILE *out, const struct command *command, const struct cmd_option *option)
{
	fputs("\t", out);
	if (option->letter)
		fprintf(out, "%s:-%c|", command->name, option->letter);
	fprintf(out, "%s:--%s) ", command->name, option->name);
	if (!strcmp(option->value, "FILE")) {
		fputs("kind='file'", out);
	} else if (!strcmp(option->value, "DIR")) {
		fputs("kind='directory'", out);
	} else {
		fprintf(out, "kind='%s'; words='", option->many ? "list" : "word");
		if (option->values)
			put_words(out, option->values);
		fputc('\'', out);
	}
	fputs(" ;;\n", out);
}

static void put_options(FILE *out, const struct command *command)
{
	const struct cmd_option *option;
	const char *space = "";

	fprintf(out, "\t%s) words='", command->name);
	for (int i = 0; (option = option_at(command, i)); i++) {
		if (option->hidden)
			continue;
		if (option->letter)
			fprintf(out, "%s-%c", space, option->letter);
		fprintf(out, "%s--%s", option->letter ? " " : space, option->name);
		space = " ";
	}
	fputs("' ;;\n", out);
}

static void put_operands(FILE *out, const struct command *command)
{
	if (!command->operand)
		return;
	fprintf(out, "\t%s) ", command->name);
	if (command->operand_values) {
		fputs("kind='word'; words='", out);
		put_words(out, command->operand_values);
		fputc('\'', out);
	} else {
		fprintf(out, "kind='%s'", strcmp(command->operand, "DIR") ? "file" : "directory");
	}
	fputs(" ;;\n", out);
}

static void put_tables(FILE *out, const struct command *const *all)
{
	const struct cmd_option *option;

	fputs("# The options of command $1, in words.\n_tlbsync_options()\n{\n\tcase $1 in\n", out);
	for (int i = 0; all[i]; i++)
		put_options(out, all[i]);
	fputs("\tesac\n}\n\n"
	      "# What option $2 of command $1 takes, in kind and words. Fails if it takes nothing.\n"
	      "_tlbsync_value()\n{\n\tcase $1:$2 in\n", out);
	for (int i = 0; all[i]; i++)
		for (int j = 0; (option = option_at(all[i], j)); j++)
			if (option->value && !option->hidden)
				put_value(out, all[i], option);
	fputs("\t*) return 1 ;;\n\tesac\n}\n\n"
	      "# What the command $1 takes that is no option, in the same way.\n"
	      "_tlbsync_operand()\n{\n\tcase $1 in\n", out);
	for (int i = 0; all[i]; i++)
		put_operands(out, all[i]);
	fputs("\t*) return 1 ;;\n\tesac\n}\n\n", out);
}

/* The options whose value may be left out: the next word is not theirs. */
static void put_optional(FILE *out, const struct command *const *all)
{
	const struct cmd_option *option;

	fputs("# Is the value of option $2 of command $1 always a word of its own?\n"
	      "_tlbsync_value_follows()\n{\n\tcase $1:$2 in\n", out);
	for (int i = 0; all[i]; i++)
		for (int j = 0; (option = option_at(all[i], j)); j++)
			if (option->optional)
				fprintf(out, "\t%s:--%s) return 1 ;;\n", all[i]->name, option->name);
	fputs("\tesac\n}\n\n", out);
}

static const char script[] =
	"# Offers what begins with $1: files, directories, a word, or a list's next word.\n"
	"# $2 stands before it in bash's own word, which the answers replace.\n"
	"_tlbsync_offer()\n"
	"{\n"
	"\tlocal value=$1 before=$2 last=$1 answer\n"
	"\n"
	"\tif [[ $kind == file || $kind == directory ]]; then\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -A \"$kind\" -- \"$value\")\n"
	"\telse\n"
	"\t\t[[ $kind != list ]] || last=${value##*,}\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -P \"${value%\"$last\"}\" -W \"$words\" -- \"$last\")\n"
	"\tfi\n"
	"\tfor answer in \"${!COMPREPLY[@]}\"; do\n"
	"\t\tCOMPREPLY[answer]=${COMPREPLY[answer]#\"$before\"}\n"
	"\tdone\n"
	"}\n"
	"\n"
	"# bash parts words at = and : as well; here they are put together again.\n"
	"_tlbsync()\n"
	"{\n"
	"\tlocal at=$COMP_CWORD word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}\n"
	"\tlocal kind=word words='' before last=${COMP_WORDS[COMP_CWORD]##[=:]}\n"
	"\n"
	"\tCOMPREPLY=()\n"
	"\tif ((COMP_CWORD == 1)); then\n"
	"\t\twords=$_tlbsync_commands\n"
	"\t\t_tlbsync_offer \"$word\" ''\n"
	"\t\treturn\n"
	"\tfi\n"
	"\twhile ((at > 2)) && [[ ${COMP_WORDS[at]} == [=:]* || ${COMP_WORDS[at - 1]} == [=:]* ]]; do\n"
	"\t\t((at--))\n"
	"\t\tword=${COMP_WORDS[at]}$word\n"
	"\tdone\n"
	"\tbefore=${word%\"$last\"}\n"
	"\tif [[ $word == --*=* ]]; then\n"
	"\t\t_tlbsync_value \"$command\" \"${word%%=*}\" &&\n"
	"\t\t\t_tlbsync_offer \"${word#*=}\" \"${before#*=}\"\n"
	"\telif _tlbsync_value_follows \"$command\" \"${COMP_WORDS[at - 1]}\" &&\n"
	"\t\t_tlbsync_value \"$command\" \"${COMP_WORDS[at - 1]}\"; then\n"
	"\t\t_tlbsync_offer \"$word\" \"$before\"\n"
	"\telif [[ $word == -* ]]; then\n"
	"\t\t_tlbsync_options \"$command\"\n"
	"\t\t_tlbsync_offer \"$word\" ''\n"
	"\telif _tlbsync_operand \"$command\"; then\n"
	"\t\t_tlbsync_offer \"$word\" \"$before\"\n"
	"\tfi\n"
	"}\n"
	"\n"
	"complete -F _tlbsync tlbsync\n";

/* A script for bash that completes what @all commands take. */
void options_print_completion(FILE *out, const struct command *const *all)
{
	fputs("# shellcheck shell=bash disable=SC2034\n"
	      "# tlbsync's completion for bash, printed by: tlbsync help --completion\n\n"
	      "_tlbsync_commands='", out);
	for (int i = 0; all[i]; i++)
		fprintf(out, "%s ", all[i]->name);
	fputs("--help --version'\n\n", out);
	put_tables(out, all);
	put_optional(out, all);
	fputs(script, out);
}
