/* Notes every change below one folder, in order, with its bytes: what a disk would have to be told, and when it was told
   to keep it. Syncs are noted and not done. Preloaded; CUT_ROOT names the folder, CUT_LOG the file of notes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 4096
#define REAL(name, ...) ((int (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))

static pthread_mutex_t turn = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static uint64_t inode_of[FILES]; /* 0: not ours */
static int log_fd = -1;
static const char *root;

static ssize_t plain_write(int fd, const void *data, size_t size) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    return real(fd, data, size);
}

__attribute__((constructor)) static void begin(void) {
    root = getenv("CUT_ROOT");
    const char *notes = getenv("CUT_LOG");
    if (root && notes) log_fd = REAL(open, const char *, int, mode_t)(notes, O_WRONLY | O_CREAT | O_APPEND, 0600);
}

/* kind, inode, a number, and bytes: a path or what was written. */
static void note(char kind, uint64_t inode, int64_t number, const void *data, uint32_t size) {
    char head[21];
    head[0] = kind;
    memcpy(head + 1, &inode, 8);
    memcpy(head + 9, &number, 8);
    memcpy(head + 17, &size, 4);
    if (plain_write(log_fd, head, sizeof head) != (ssize_t)sizeof head) abort();
    for (uint32_t done = 0; done < size;) {
        ssize_t part = plain_write(log_fd, (const char *)data + done, size - done);
        if (part <= 0) abort();
        done += (uint32_t)part;
    }
}

/* The path below the folder, or NULL for what lies elsewhere. */
static const char *below(int folder, const char *name, char *space) {
    char link[64];
    if (log_fd < 0 || !name) return NULL;
    if (name[0] == '/') snprintf(space, PATH_MAX, "%s", name);
    else {
        char start[PATH_MAX];
        ssize_t size = -1;
        if (folder == AT_FDCWD) size = getcwd(start, sizeof start) ? (ssize_t)strlen(start) : -1;
        else {
            snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
            size = readlink(link, start, sizeof start - 1);
        }
        if (size < 0) return NULL;
        start[size] = 0;
        if (snprintf(space, PATH_MAX, "%s/%s", start, name) >= PATH_MAX) return NULL;
    }
    size_t length = strlen(root);
    if (strncmp(space, root, length)) return NULL;
    return space[length] == '/' ? space + length + 1 : space[length] ? NULL : space + length;
}

static int opened(int folder, const char *name, int flags, mode_t mode) {
    char space[PATH_MAX];
    const char *path = below(folder, name, space);
    int (*real)(int, const char *, int, ...) = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, "openat");
    if (!path) return real(folder, name, flags, mode);
    pthread_mutex_lock(&turn);
    struct stat found;
    int was = fstatat(folder, name, &found, 0) == 0;
    int fd = real(folder, name, flags, mode);
    if (fd >= 0 && fd < FILES && fstat(fd, &found) == 0) {
        inode_of[fd] = found.st_ino;
        if (S_ISDIR(found.st_mode)) note('d', found.st_ino, 0, path, (uint32_t)strlen(path));
        else if (!was) note('C', found.st_ino, 0, path, (uint32_t)strlen(path));
        else if (flags & O_TRUNC) note('T', found.st_ino, 0, "", 0);
        else note('o', found.st_ino, 0, path, (uint32_t)strlen(path));
    }
    pthread_mutex_unlock(&turn);
    return fd;
}

#define OPENING(name) \
    int name(const char *path, int flags, ...) { \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        return opened(AT_FDCWD, path, flags, mode); \
    }
OPENING(open)
OPENING(open64)

#define OPENING_AT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        return opened(folder, path, flags, mode); \
    }
OPENING_AT(openat)
OPENING_AT(openat64)

static int ours(int fd) { return log_fd >= 0 && fd >= 0 && fd < FILES && inode_of[fd]; }

int close(int fd) {
    if (fd == log_fd) return 0;
    if (ours(fd)) inode_of[fd] = 0;
    return REAL(close, int)(fd);
}

ssize_t write(int fd, const void *data, size_t size) {
    if (!ours(fd)) return plain_write(fd, data, size);
    pthread_mutex_lock(&turn);
    int append = fcntl(fd, F_GETFL) & O_APPEND;
    off_t at = lseek(fd, 0, append ? SEEK_END : SEEK_CUR);
    ssize_t done = plain_write(fd, data, size);
    if (done > 0) note('W', inode_of[fd], at, data, (uint32_t)done);
    pthread_mutex_unlock(&turn);
    return done;
}

static ssize_t written_at(int fd, const void *data, size_t size, off_t at) {
    ssize_t (*real)(int, const void *, size_t, off_t) =
        (ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite64");
    if (!ours(fd)) return real(fd, data, size, at);
    pthread_mutex_lock(&turn);
    ssize_t done = real(fd, data, size, at);
    if (done > 0) note('W', inode_of[fd], at, data, (uint32_t)done);
    pthread_mutex_unlock(&turn);
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return written_at(fd, data, size, at); }
ssize_t pwrite64(int fd, const void *data, size_t size, off_t at) { return written_at(fd, data, size, at); }

static int cut_to(int fd, off_t size) {
    pthread_mutex_lock(&turn);
    int done = REAL(ftruncate64, int, off_t)(fd, size);
    if (!done && ours(fd)) note('T', inode_of[fd], size, "", 0);
    pthread_mutex_unlock(&turn);
    return done;
}

int ftruncate(int fd, off_t size) { return cut_to(fd, size); }
int ftruncate64(int fd, off_t size) { return cut_to(fd, size); }

static int kept(int fd, char kind) {
    pthread_mutex_lock(&turn);
    if (ours(fd)) note(kind, inode_of[fd], 0, "", 0);
    pthread_mutex_unlock(&turn);
    return 0;
}

int fsync(int fd) { return kept(fd, 'S'); }
int fdatasync(int fd) { return kept(fd, 'S'); }
int syncfs(int fd) { return kept(fd, 'F'); }

static int noted(char kind, int folder, const char *path, int (*change)(int, const char *, int), int extra) {
    char space[PATH_MAX];
    const char *inside = below(folder, path, space);
    pthread_mutex_lock(&turn);
    int done = change(folder, path, extra);
    if (!done && inside) note(kind, 0, 0, inside, (uint32_t)strlen(inside));
    pthread_mutex_unlock(&turn);
    return done;
}

static int do_unlink(int folder, const char *path, int flags) { return REAL(unlinkat, int, const char *, int)(folder, path, flags); }
static int do_mkdir(int folder, const char *path, int mode) { return REAL(mkdirat, int, const char *, mode_t)(folder, path, (mode_t)mode); }

int unlink(const char *path) { return noted('U', AT_FDCWD, path, do_unlink, 0); }
int rmdir(const char *path) { return noted('U', AT_FDCWD, path, do_unlink, AT_REMOVEDIR); }
int unlinkat(int folder, const char *path, int flags) { return noted('U', folder, path, do_unlink, flags); }
int mkdir(const char *path, mode_t mode) { return noted('M', AT_FDCWD, path, do_mkdir, (int)mode); }
int mkdirat(int folder, const char *path, mode_t mode) { return noted('M', folder, path, do_mkdir, (int)mode); }

int rename(const char *from, const char *to) {
    char one[PATH_MAX], other[PATH_MAX], both[2 * PATH_MAX];
    const char *old = below(AT_FDCWD, from, one), *new = below(AT_FDCWD, to, other);
    pthread_mutex_lock(&turn);
    int done = REAL(rename, const char *, const char *)(from, to);
    if (!done && old && new) {
        int size = snprintf(both, sizeof both, "%s\n%s", old, new);
        note('R', 0, 0, both, (uint32_t)size);
    }
    pthread_mutex_unlock(&turn);
    return done;
}
