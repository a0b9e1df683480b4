/* A team of threads; see team.h. */
#include "engine/cpu/team.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

/*
 * What threads wait for. To spin pays where those that are waited for run meanwhile; on a busy
 * machine they may want this very core. So a thread spins for as long as it has lately paid, then
 * sleeps. Where it has not paid, it still does now and then, to see whether it would.
 */
struct gate {
    _Alignas(64) atomic_uint passed;  /* a change opens the gate */
    _Alignas(64) atomic_uint in_vain; /* spins that did not see it open */
    atomic_int patience;              /* looks before sleeping */
};
enum { PATIENCE_MOST = 4000, PATIENCE_LEAST = 50, TRIED_AGAIN = 64 };

struct member {
    struct team *team;
    int thread;
    pthread_t id;
};

struct team {
    struct arena *arena;
    int threads;
    struct member *members;
    void (*work)(void *, int, int);
    void *context;
    bool stop;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    atomic_int sleepers;
    struct gate start, barrier;       /* opened for each job; for each meeting */
    _Alignas(64) atomic_uint waiting; /* at the barrier */
};

static void relax(void) {
#if defined __x86_64__
    __builtin_ia32_pause();
#endif
}

/* ---- waiting ---- */

static bool is_open(struct gate *gate, unsigned old) {
    return atomic_load_explicit(&gate->passed, memory_order_acquire) != old;
}

/* Doubled where it paid, halved where it did not; the threads' updates may overtake one another. */
static void set_patience(struct gate *gate, int patience) {
    if (patience > PATIENCE_MOST) patience = PATIENCE_MOST;
    if (patience < PATIENCE_LEAST) patience = PATIENCE_LEAST;
    if (patience != atomic_load_explicit(&gate->patience, memory_order_relaxed))
        atomic_store_explicit(&gate->patience, patience, memory_order_relaxed);
}

/* Whether the gate opens while this thread looks. */
static bool spin(struct gate *gate, unsigned old) {
    int patience = atomic_load_explicit(&gate->patience, memory_order_relaxed);
    unsigned in_vain = atomic_load_explicit(&gate->in_vain, memory_order_relaxed);
    int looks = (in_vain + 1) % TRIED_AGAIN ? patience : PATIENCE_MOST;
    for (int i = 0; i < looks; i++) {
        if (is_open(gate, old)) {
            set_patience(gate, 2 * looks);
            return true;
        }
        relax();
    }
    atomic_store_explicit(&gate->in_vain, in_vain + 1, memory_order_relaxed);
    set_patience(gate, patience / 2);
    return false;
}

/* Waits until the gate that had opened `old` times opens again. */
static void wait_at(struct team *team, struct gate *gate, unsigned old) {
    if (spin(gate, old)) return;
    pthread_mutex_lock(&team->lock);
    atomic_fetch_add(&team->sleepers, 1);
    while (atomic_load(&gate->passed) == old)
        pthread_cond_wait(&team->woken, &team->lock);
    atomic_fetch_sub(&team->sleepers, 1);
    pthread_mutex_unlock(&team->lock);
}

/* Opens the gate and wakes who sleeps. The sleeper counts itself before it looks at the gate, so
 * none is missed. */
static void open_gate(struct team *team, struct gate *gate) {
    atomic_fetch_add(&gate->passed, 1);
    if (atomic_load(&team->sleepers) == 0) return;
    pthread_mutex_lock(&team->lock);
    pthread_cond_broadcast(&team->woken);
    pthread_mutex_unlock(&team->lock);
}

void team_barrier(struct team *team) {
    if (team->threads == 1) return;
    unsigned passed = atomic_load_explicit(&team->barrier.passed, memory_order_acquire);
    if (atomic_fetch_add(&team->waiting, 1) + 1 == (unsigned)team->threads) {
        atomic_store(&team->waiting, 0);
        open_gate(team, &team->barrier);
    } else
        wait_at(team, &team->barrier, passed);
}

/* ---- members ---- */

static void *member_main(void *argument) {
    struct member *member = argument;
    struct team *team = member->team;
    unsigned seen = 0;
    for (;;) {
        wait_at(team, &team->start, seen);
        seen++;
        if (team->stop) return NULL;
        team->work(team->context, member->thread, team->threads);
        team_barrier(team);
    }
}

void team_run(struct team *team, void (*work)(void *, int, int), void *context) {
    team->work = work;
    team->context = context;
    if (team->threads > 1) open_gate(team, &team->start);
    work(context, 0, team->threads);
    team_barrier(team);
}

static bool start_members(struct team *team, struct error *error) {
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old); /* signals go to the main thread */
    int failed = 0;
    for (int i = 1; i < team->threads && !failed; i++) {
        team->members[i] = (struct member){.team = team, .thread = i};
        failed = pthread_create(&team->members[i].id, NULL, member_main, &team->members[i]);
        if (failed) team->threads = i;
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = failed;
    return failed ? error_system(error, STATUS_SYSTEM, "threads could not be started") : true;
}

struct team *team_new(int threads, struct error *error) {
    struct arena *arena = arena_new();
    struct team *team = ARENA_NEW(arena, struct team);
    team->arena = arena;
    team->threads = threads;
    team->start.patience = team->barrier.patience = PATIENCE_MOST;
    team->members = ARENA_ARRAY(arena, struct member, threads);
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->woken, NULL);
    if (start_members(team, error)) return team;
    team_free(team);
    return NULL;
}

void team_free(struct team *team) {
    if (!team) return;
    team->stop = true;
    if (team->threads > 1) open_gate(team, &team->start);
    for (int i = 1; i < team->threads; i++)
        pthread_join(team->members[i].id, NULL);
    pthread_mutex_destroy(&team->lock);
    pthread_cond_destroy(&team->woken);
    arena_free(team->arena);
}
