/* How one decide process takes the fold over from another: no item is lost, and none is decided twice.

   Promela, checked by spin: tests/model/test_takeover.py. What is modelled is streams/worker/committer.py and
   decide_agent.py, on what Kafka promises:
   - InitProducerId raises the epoch of the transactional id and ends the open transaction of the older epoch;
   - a transaction is seen whole or not at all, and one of an older epoch is refused;
   - a reader may see less of the changelog than is committed, as its view of the end may be old. What it has committed
     itself is in order behind all that was committed before.
   Two processes run at once and may be paused at any step, as spin tries every order of their steps. A process dies at
   any step and starts again, DEATHS times in all. prepare may append an item twice to the log.

   -DAT_LEAST_ONCE  outcomes are sent before the transaction, and may be repeated
   -DNO_FENCE       the predecessor is not fenced: the model must fail
   -DNO_BARRIER     the changelog is read as far as the reader happens to see: the model must fail */

#define ITEMS 2
#define LOG (ITEMS + 1)      /* one item stands in the log twice */
#define DEATHS 2
#define CHANGELOG 12
#define BARRIER 255

/* The log: item ids in the order of their append. */
byte log_item[LOG];
byte log_end = 0;

/* The changelog: the offset in the log and the items seen (a bit each) after each committed transaction. */
byte state_offset[CHANGELOG];
byte state_seen[CHANGELOG];
byte changelog_end = 0;

byte epoch = 0;              /* of the transactional id */
byte deaths = 0;
byte sent[ITEMS];            /* outcomes that readers see */
byte applied[ITEMS];         /* changes of the committed state */
byte finished = 0;

#ifdef NO_FENCE
#define OWNS true
#else
#define OWNS (my_epoch == epoch)
#endif

#ifdef NO_BARRIER
#define READ_END changelog_end
#else
#define READ_END barrier
#endif

/* Leaves the step as a process that dies, while deaths are left. */
#define MAY_DIE if :: deaths < DEATHS -> deaths++; goto start :: true fi

proctype Prepare() {
    /* Item 0 is appended, its commit is lost, so it is appended again at any later place. */
    bool again = false;
    byte next = 0;
    do
    :: next < ITEMS -> atomic { log_item[log_end] = next; log_end++; next++ }
    :: next > 0 && !again -> atomic { log_item[log_end] = 0; log_end++; again = true }
    :: next == ITEMS && again -> break
    od
}

proctype Decide() {
    byte my_epoch, read, offset, seen, item, barrier;
    bool is_new;

start:
    /* 1. InitProducerId. */
    atomic { epoch++; my_epoch = epoch; read = 0; offset = 0; seen = 0; barrier = 0 }
    MAY_DIE;

#ifndef NO_BARRIER
    /* 2. A barrier record is committed. It holds no state. */
    atomic {
        if
        :: OWNS -> state_offset[changelog_end] = BARRIER; changelog_end++; barrier = changelog_end
        :: else -> goto fenced
        fi
    }
    MAY_DIE;
#endif

    /* 3. The changelog is read, record by record. */
    do
    :: read < READ_END ->
        d_step {
            if
            :: state_offset[read] != BARRIER -> offset = state_offset[read]; seen = state_seen[read]
            :: else
            fi;
            read++
        }
#ifdef NO_BARRIER
    :: break
#else
    :: read == barrier -> break
#endif
    od;
    MAY_DIE;

    /* 4. The fold goes on at the offset that the state names. */
    do
    :: offset < log_end ->
        d_step { item = log_item[offset]; is_new = !(seen & (1 << item)) }
#ifdef AT_LEAST_ONCE
        if
        :: is_new -> sent[item]++
        :: else
        fi;
        MAY_DIE;
#endif
        /* One transaction: the outcome (exactly once), the rows of the state and the offset. */
        atomic {
            if
            :: OWNS ->
                if
                :: is_new ->
                    applied[item]++;
                    assert(applied[item] == 1);
#ifndef AT_LEAST_ONCE
                    sent[item]++;
                    assert(sent[item] == 1);
#endif
                    assert(sent[item] >= 1)
                :: else
                fi;
                seen = seen | (1 << item);
                offset++;
                state_offset[changelog_end] = offset;
                state_seen[changelog_end] = seen;
                changelog_end++;
            :: else -> goto fenced
            fi
        }
        MAY_DIE
    :: offset == LOG -> break
    od;
    goto done;

fenced:
    /* A fenced process ends. Its parent starts it again, which is a death like any other. */
    if
    :: deaths < DEATHS -> deaths++; goto start
    :: true
    fi;
done:
    finished++
}

init {
    atomic { run Prepare(); run Decide(); run Decide() }
    /* The process of the newest epoch is never fenced, so when all have ended, all of the log is applied. */
    finished == 2;
    byte i;
    for (i : 0 .. ITEMS - 1) {
        assert(applied[i] == 1);
        assert(sent[i] >= 1)
    }
}
