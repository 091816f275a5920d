// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Threads that take the next index until none is left. Whoever has a result waits until
 * those before it are done: no more results are in memory than there are threads, and
 * what is done depends on the order of the indexes only.
 */
#include "cmd/parallel.h"

#include <pthread.h>
#include <sched.h>

#define MAX_THREADS	16

struct team {
	const struct parallel_job *job;
	pthread_mutex_t lock;
	pthread_cond_t turn;
	int next;	/* index to be taken */
	int done;	/* indexes below are done */
};

static int take(struct team *team)
{
	int index;

	pthread_mutex_lock(&team->lock);
	index = team->next < team->job->nr ? team->next++ : -1;
	pthread_mutex_unlock(&team->lock);
	return index;
}

static void *take_part(void *arg)
{
	struct team *team = arg;
	const struct parallel_job *job = team->job;
	int index;

	while ((index = take(team)) >= 0) {
		void *result = job->work(job->ctx, index);

		if (!job->done)
			continue;
		pthread_mutex_lock(&team->lock);
		while (team->done != index)
			pthread_cond_wait(&team->turn, &team->lock);
		job->done(job->ctx, index, result);
		team->done++;
		pthread_cond_broadcast(&team->turn);
		pthread_mutex_unlock(&team->lock);
	}
	return NULL;
}

/* Does the job; this thread takes part, so it gets done if no other can be made. */
void parallel_run(const struct parallel_job *job)
{
	struct team team = {
		.job = job, .lock = PTHREAD_MUTEX_INITIALIZER, .turn = PTHREAD_COND_INITIALIZER,
	};
	pthread_t thread[MAX_THREADS];
	cpu_set_t cpus;
	int wanted = sched_getaffinity(0, sizeof(cpus), &cpus) ? 1 : CPU_COUNT(&cpus), nr = 0;

	while (nr < wanted - 1 && nr < MAX_THREADS && nr < job->nr - 1 &&
	       !pthread_create(&thread[nr], NULL, take_part, &team))
		nr++;
	take_part(&team);
	while (nr)
		pthread_join(thread[--nr], NULL);
}
