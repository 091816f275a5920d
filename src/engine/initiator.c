// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a workload keeps lies in memory of the initiator's own; only what the measuring
 * process is to see is copied to where both see it.
 */
#include "engine/initiator.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/daemon-cpu.h"
#include "engine/pass.h"
#include "engine/verdict.h"
#include "workloads/memory.h"

#define STACK	(1u << 20)	/* of a thread */

/* What the initiators of one process share. */
struct household {
	struct crew *crew;
	int first, nr;
	struct cast *cast;	/* responders and lazy CPUs; NULL before ORDER_ASSEMBLE */
};

struct life {
	struct household *household;
	struct hand hand;
};

static bool is_head(const struct life *life)
{
	return life->hand.me->index == life->household->first;
}

/* ---- orders ------------------------------------------------------------------------------- */

/* Responders and lazies are threads of this process; bystanders are not its business. */
static int start_cast(struct life *life)
{
	struct household *household = life->household;
	struct initiator *me = life->hand.me;
	int error;

	if (!me->roles.nr[ROLE_RESPONDER] && !me->roles.nr[ROLE_LAZY])
		return 0;
	error = cast_start(&me->roles, NULL, &household->cast, me->reason, sizeof(me->reason));
	if (error)
		return error;
	me->nr_responders = cast_responders(household->cast, me->responder,
					    household->crew->bench->machine->topo.nr_possible);
	return 0;
}

static int assemble(struct life *life)
{
	struct initiator *me = life->hand.me;
	int error = pin_to_cpu(me->cpu);

	if (error) {
		snprintf(me->reason, sizeof(me->reason), "pinning to CPU %d: %s", me->cpu,
			 strerror(-error));
		return error;
	}
	error = binding_apply(&me->memory, me->reason, sizeof(me->reason));
	return !error && is_head(life) ? start_cast(life) : error;
}

/* Of the task that acts: a daemon's, if it does the work. */
static int open_counters(struct life *life)
{
	struct hand *hand = &life->hand;
	const struct counter_list *list = hand->crew->events;

	return list ? op_counters_open(list, hand->me->actor, &hand->me->counts, &hand->counters) : 0;
}

static int prepare(struct life *life)
{
	struct hand *hand = &life->hand;
	int error = 0;

	if (hand->crew->who != hand->me->index)
		return 0;
	hand->cast = life->household->cast;
	if (hand->workload->prepare)
		error = hand->workload->prepare(&hand->ctx);
	hand->me->actor = hand->ctx.actor;
	return error ? error : open_counters(life);
}

static int settle(struct life *life)
{
	struct hand *hand = &life->hand;

	if (is_head(life))
		memory_unshare();
	verdict_predict(hand->crew->bench->machine, hand->workload, &hand->ctx, &hand->me->roles,
			hand->crew->as == AS_THREAD, &hand->me->result->expect);
	return 0;
}

static int finish(struct life *life)
{
	struct hand *hand = &life->hand;

	if (hand->workload->cleanup)
		hand->workload->cleanup(&hand->ctx);
	op_counters_close(hand->counters);
	hand->counters = NULL;
	return 0;
}

static int obey(struct life *life, enum order order)
{
	switch (order) {
	case ORDER_ASSEMBLE:
		return assemble(life);
	case ORDER_PREPARE:
		return prepare(life);
	case ORDER_SETTLE:
		return settle(life);
	case ORDER_WARM_UP:
		return pass_warm_up(&life->hand);
	case ORDER_TRACE:
		return pass_trace(&life->hand);
	case ORDER_TIME:
		return pass_time(&life->hand);
	case ORDER_FINISH:
		return finish(life);
	}
	return -EINVAL;
}

/* ---- 2 MiB pages: the first initiator that needs some has the pool grow for all ------------- */

static uint64_t pages_of(const struct initiator *one)
{
	const struct case_member *member = one->member;

	return member->workload->hugepages ? member->workload->hugepages(member->param) : 0;
}

static bool pool_is_settled(const struct crew *crew, int index)
{
	for (int i = 0; i < index; i++)
		if (pages_of(&crew->initiator[i]))
			return true;
	return false;
}

static uint64_t pool_others(const struct crew *crew, int index)
{
	uint64_t pages = 0;

	for (int i = 0; i < crew->nr; i++)
		pages += i == index ? 0 : pages_of(&crew->initiator[i]);
	return pages;
}

/* ---- lives ------------------------------------------------------------------------------------ */

static void begin(struct life *life, struct household *household, int index)
{
	struct crew *crew = household->crew;
	const struct bench *bench = crew->bench;
	struct initiator *me = &crew->initiator[index];
	struct hand *hand = &life->hand;

	*life = (struct life){ .household = household };
	hand->crew = crew;
	hand->me = me;
	hand->workload = me->member->workload;
	hand->clock = bench->clock;
	hand->ctx = (struct workload_ctx){
		.machine = bench->machine,
		.settings = bench->settings,
		.lazy_cpu = me->roles.cpu[ROLE_LAZY],
		.nr_lazy = me->roles.nr[ROLE_LAZY],
		.memory_node = me->memory.node,
		.nr_memory_nodes = me->memory.nr,
		.initiator_cpu = me->cpu,
		.pool_settled = pool_is_settled(crew, index),
		.pool_others = pool_others(crew, index),
		.actor = gettid(),
		.actor_cpu = me->cpu,
		.daemon_cpu = daemon_cpu(&bench->machine->topo, crew->roles),
	};
	memcpy(hand->ctx.param, me->member->param, sizeof(hand->ctx.param));
}

/* Obey, order after order. After an error all that is left to do is to finish. */
static void live(struct life *life)
{
	struct crew *crew = life->hand.crew;
	struct initiator *me = life->hand.me;
	unsigned int seen = 0;
	enum order order;

	do {
		order = crew_await_order(crew, &seen);
		if (!me->error || order == ORDER_FINISH) {
			int error = obey(life, order);

			if (error && !me->error) {
				me->error = error;
				if (!me->reason[0])
					memcpy(me->reason, life->hand.ctx.reason, sizeof(me->reason));
			}
		}
		crew_arrive(crew, me);
	} while (order != ORDER_FINISH);
	crew_await_order(crew, &seen);
}

struct thread {
	struct household *household;
	int index;
};

static void *thread_main(void *arg)
{
	const struct thread *thread = arg;
	struct life life;

	begin(&life, thread->household, thread->index);
	live(&life);
	return NULL;
}

static int start_thread(struct thread *thread, pthread_t *id)
{
	cpu_set_t cpus;
	pthread_attr_t attr;
	int error = pthread_attr_init(&attr);

	if (error)
		return error;
	CPU_ZERO(&cpus);
	CPU_SET(thread->household->crew->initiator[thread->index].cpu, &cpus);
	pthread_attr_setstacksize(&attr, STACK);
	error = pthread_attr_setaffinity_np(&attr, sizeof(cpus), &cpus);
	if (!error)
		error = pthread_create(id, &attr, thread_main, thread);
	pthread_attr_destroy(&attr);
	return error;
}

/* The thread of @one could not be started, unless @error is 0: the process ends and says so. */
static void fail_start(struct initiator *one, int error)
{
	if (!error)
		return;
	one->error = -error;
	snprintf(one->reason, sizeof(one->reason), "cannot start an initiator on CPU %d: %s; raise "
		 "ulimit -u or the cgroup's pids.max", one->cpu, strerror(error));
	_exit(1);
}

/*
 * The life of a process with the @nr initiators of @crew from @first on. It is pinned to
 * the CPU of the first one already, which is its main thread.
 */
void initiator_process(struct crew *crew, int first, int nr)
{
	struct household household = { .crew = crew, .first = first, .nr = nr };
	struct thread thread[nr];
	pthread_t id[nr];
	struct life life;

	for (int i = 1; i < nr; i++) {
		thread[i] = (struct thread){ .household = &household, .index = first + i };
		fail_start(&crew->initiator[first + i], start_thread(&thread[i], &id[i]));
	}
	begin(&life, &household, first);
	live(&life);
	for (int i = 1; i < nr; i++)
		pthread_join(id[i], NULL);
	cast_stop(household.cast);
	_exit(0);
}
