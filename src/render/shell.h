/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command as a shell reads it back, whatever its words hold. */
#ifndef TLBSYNC_RENDER_SHELL_H
#define TLBSYNC_RENDER_SHELL_H

#include <stdio.h>

void shell_command(FILE *out, char *const *words, int nr, int width);

#endif
