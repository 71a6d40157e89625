/* Preloaded into a process: counts every call that changes a file, and twice every call that tells a server to COMMIT,
   before it and after; kills the process (SIGKILL) at the chosen one; or says from there on for a while that the disk
   is full. Talks through a file mapped into memory, whose path stands in CRASH_BOARD. */
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
/* [0]: calls so far, [1]: the chosen one, 0 for none, [2]: whether to count, [3]: how many find the disk full; 0: die */
static volatile long *board;
__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("CRASH_BOARD");
    int file = path ? open(path, O_RDWR) : -1;
    if (file >= 0) board = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
}
/* Whether the disk is full. */
static int point(void) {
    if (!board || !board[2]) return 0;
    long call = __sync_add_and_fetch(&board[0], 1);
    if (!board[1] || call < board[1]) return 0;
    if (board[3]) return call < board[1] + board[3];
    if (call == board[1]) kill(getpid(), SIGKILL);
    return 0;
}
#define REAL(type, name, params) static type (*real) params; if (!real) real = dlsym(RTLD_NEXT, #name)
#define GROWS(type, name, params, args) \
    type name params { REAL(type, name, params); if (point()) { errno = ENOSPC; return -1; } return real args; }
#define OTHER(type, name, params, args) type name params { REAL(type, name, params); point(); return real args; }
GROWS(ssize_t, pwrite64, (int f, const void *b, size_t n, off64_t o), (f, b, n, o))
GROWS(ssize_t, pwrite, (int f, const void *b, size_t n, off_t o), (f, b, n, o))
OTHER(int, fsync, (int f), (f))
OTHER(int, fdatasync, (int f), (f))
GROWS(int, rename, (const char *a, const char *b), (a, b))
GROWS(int, renameat2, (int d, const char *a, int e, const char *b, unsigned g), (d, a, e, b, g))
OTHER(int, unlink, (const char *a), (a))
GROWS(int, ftruncate64, (int f, off64_t n), (f, n))
GROWS(int, ftruncate, (int f, off_t n), (f, n))
/* A message to a database server that ends a transaction. */
static int commits(const void *b, size_t n) { return memmem(b, n, "COMMIT", 6) != 0; }
#define TELLS(name, params, args, ends) \
    ssize_t name params { \
        REAL(ssize_t, name, params); \
        int last = ends; \
        if (last) point(); \
        ssize_t sent = real args; \
        if (last) point(); \
        return sent; \
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
    /* Sockets, pipes, the runtime's own wakers and the log are no files that must survive. */
    struct stat what;
    if (f <= 2 || fstat(f, &what)) return real(f, b, n);
    if (S_ISREG(what.st_mode) && point()) { errno = ENOSPC; return -1; }
    int last = S_ISSOCK(what.st_mode) && commits(b, n);
    if (last) point();
    ssize_t sent = real(f, b, n);
    if (last) point();
    return sent;
}
