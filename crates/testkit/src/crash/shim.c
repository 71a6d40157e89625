/* Preloaded into a process: counts its points and kills the process (SIGKILL) at one, or says from there on for a while
   that the disk is full. Points are before and after a call by which something is done for good: a file's bytes are on the
   disk, a file is renamed or deleted, a line is appended, a server is told to COMMIT; and, where they are asked for, before
   every other call that changes a file. Talks through a file mapped into memory, whose path stands in CRASH_BOARD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
/* [0]: points so far, [1]: the chosen one, 0 for none, [2]: whether to count, [3]: how many find the disk full; 0: die,
   [4]: a hash of what the process is at, [5]: how many things it was at, [6]: 1 where it dies at every point that was not
   tripped before, once for each thing it is at; 2 where it notes them. Then two sets: the points that were tripped, or
   noted, by what the process was at and the number of the point in it; and what it was at when it died.
   [7]: whether every call that changes a file is a point. */
enum { COUNT, CHOSEN, COUNTING, FULL, AT, TURN, EACH, WRITES, TRIPPED = 64, TRIPPED_SIZE = 16384, DIED = 16448, DIED_SIZE = 4096 };
static volatile long *board;
static dev_t board_device;
static ino_t board_inode;
__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("CRASH_BOARD");
    int file = path ? open(path, O_RDWR) : -1;
    struct stat what;
    if (file < 0 || fstat(file, &what)) return;
    board_device = what.st_dev;
    board_inode = what.st_ino;
    board = mmap(0, (DIED + DIED_SIZE) * sizeof(long), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
}
/* Whether it was put into a set, where it was not before. */
static int insert(int set, int size, long what) {
    if (!what) what = 1;
    for (unsigned long i = 0; i < (unsigned long)size; i++) {
        volatile long *slot = &board[set + ((unsigned long)what + i) % size];
        if (*slot == what) return 0;
        if (!*slot && __sync_bool_compare_and_swap(slot, 0, what)) return 1;
        if (*slot == what) return 0;
    }
    return 0;
}
static int contains(int set, int size, long what) {
    if (!what) what = 1;
    for (unsigned long i = 0; i < (unsigned long)size; i++) {
        long slot = board[set + ((unsigned long)what + i) % size];
        if (slot == what || !slot) return slot == what;
    }
    return 1;
}
static void once_for_each(void) {
    static long turn, number;
    if (turn != board[TURN]) number = 0;
    turn = board[TURN];
    long n = __sync_add_and_fetch(&number, 1), at = board[AT];
    if (board[EACH] == 1 && contains(DIED, DIED_SIZE, at)) return;
    if (!insert(TRIPPED, TRIPPED_SIZE, at ^ (n * 0x5851f42d4c957f2dL)) || board[EACH] != 1) return;
    insert(DIED, DIED_SIZE, at);
    kill(getpid(), SIGKILL);
}
/* Whether the disk is full. */
static int point(void) {
    if (!board || !board[COUNTING]) return 0;
    long call = __sync_add_and_fetch(&board[COUNT], 1);
    if (board[EACH]) once_for_each();
    if (!board[CHOSEN] || call < board[CHOSEN]) return 0;
    if (board[FULL]) return call < board[CHOSEN] + board[FULL];
    if (call == board[CHOSEN]) kill(getpid(), SIGKILL);
    return 0;
}
/* Whether the disk is full for a call that leaves nothing done for good. */
static int minor(void) { return board && board[WRITES] && point(); }
/* A file that must survive: no socket or pipe, not the log, and not the board. */
static int kept(int f) {
    struct stat what;
    return f > 2 && !fstat(f, &what) && S_ISREG(what.st_mode)
        && !(what.st_dev == board_device && what.st_ino == board_inode);
}
#define REAL(type, name, params) static type (*real) params; if (!real) real = dlsym(RTLD_NEXT, #name)
#define AND_AFTER(type, call) type done = call; int error = errno; point(); errno = error; return done
#define FILLS(type, name, params, args) \
    type name params { REAL(type, name, params); if (kept(f) && minor()) { errno = ENOSPC; return -1; } return real args; }
#define ENDS(name, params, args) int name params { REAL(int, name, params); point(); AND_AFTER(int, real args); }
#define GROWS(name, params, args) \
    int name params { REAL(int, name, params); if (point()) { errno = ENOSPC; return -1; } AND_AFTER(int, real args); }
FILLS(ssize_t, pwrite64, (int f, const void *b, size_t n, off64_t o), (f, b, n, o))
FILLS(ssize_t, pwrite, (int f, const void *b, size_t n, off_t o), (f, b, n, o))
ENDS(fsync, (int f), (f))
ENDS(fdatasync, (int f), (f))
GROWS(rename, (const char *a, const char *b), (a, b))
GROWS(renameat2, (int d, const char *a, int e, const char *b, unsigned g), (d, a, e, b, g))
ENDS(unlink, (const char *a), (a))
FILLS(int, ftruncate64, (int f, off64_t n), (f, n))
FILLS(int, ftruncate, (int f, off_t n), (f, n))
/* A message to a database server that ends a transaction. */
static int commits(const void *b, size_t n) { return memmem(b, n, "COMMIT", 6) != 0; }
#define TELLS(name, params, args, ends) \
    ssize_t name params { \
        REAL(ssize_t, name, params); \
        if (!(ends)) return real args; \
        point(); \
        AND_AFTER(ssize_t, real args); \
    }
static int any_commits(const struct iovec *v, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (commits(v[i].iov_base, v[i].iov_len)) return 1;
    return 0;
}
TELLS(send, (int f, const void *b, size_t n, int g), (f, b, n, g), commits(b, n))
TELLS(sendto, (int f, const void *b, size_t n, int g, const struct sockaddr *a, socklen_t l), (f, b, n, g, a, l), commits(b, n))
TELLS(sendmsg, (int f, const struct msghdr *m, int g), (f, m, g), any_commits(m->msg_iov, m->msg_iovlen))
TELLS(writev, (int f, const struct iovec *v, int n), (f, v, n), any_commits(v, (size_t)n))
ssize_t write(int f, const void *b, size_t n) {
    REAL(ssize_t, write, (int, const void *, size_t));
    struct stat what;
    int told = f > 2 && !fstat(f, &what) && S_ISSOCK(what.st_mode) && commits(b, n);
    int line = !told && kept(f) && fcntl(f, F_GETFL) & O_APPEND;
    if (!told && !line) {
        if (kept(f) && minor()) { errno = ENOSPC; return -1; }
        return real(f, b, n);
    }
    if (point() && line) { errno = ENOSPC; return -1; }
    AND_AFTER(ssize_t, real(f, b, n));
}
