/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Change points of a nightly history: the nights at which the level of a figure
 * moved and stayed. changepoint.c explains how they are found. doc/METHOD.md, "Change
 * points", says how many are found and how many are false.
 */
#ifndef TLBSYNC_STATS_CHANGEPOINT_H
#define TLBSYNC_STATS_CHANGEPOINT_H

/* A level lasts at least so many measured nights; a shorter one is an outlier. */
#define CHANGE_MIN_NIGHTS	5

/* The level before reaches back to the last change point, the one after to the next. */
struct change_point {
	int last;	/* the last measured night of the old level: the change came after it */
	int night;	/* the first measured night of the new level */
	double before, after;	/* medians of the two levels */
	double size;	/* after - before, in the unit of the values; never 0 */
	double relative;	/* size / |before|: 0.1 is 10 % more; infinite if that is 0 */
	double effect;	/* |size| in sigmas of the two levels; infinite if they have no scatter */
	double p;	/* probability that nights of one level show such a break anywhere */
};

int change_points_find(const double *nights, int nr, struct change_point **found);

#endif
