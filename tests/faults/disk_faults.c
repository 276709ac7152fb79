// SPDX-License-Identifier: Apache-2.0
// A bad disk for one process (LD_PRELOAD). What it does is told by the environment:
//
// HAMLET_FAULT_DATA    the folder whose files are meant
// HAMLET_FAULT_FLAGS   a folder; while it holds a file of this name …
//   fsync_fails        … fsync and fdatasync fail with EIO, and as on Linux the pages are gone: a
//                      later fsync that succeeds does not bring them back
//   disk_full          … writes fail with ENOSPC
//                      The text of the flag, if any, is a part of the paths that are meant.
// HAMLET_FAULT_SHADOW  a folder that holds what a power cut would leave: the octets of a file as
//                      of its last fsync, the names in a folder as of the fsync of that folder
// HAMLET_FAULT_EARLY   so many percent of the writes reach the disk before their fsync, in no order
// HAMLET_FAULT_SLOW    so many milliseconds more for each fsync
//
// In the shadow "i/KEY" are octets, "d/KEY" the lines "f KEY NAME" and "d KEY NAME", "root" the
// key of the data folder. A key is the number of an inode with its birth, for numbers come again.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *data, *flags, *shadow;
static int early, slow;
static ssize_t (*real_write)(int, const void*, size_t);
static ssize_t (*real_pwrite)(int, const void*, size_t, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);

typedef struct {
  char text[48];
} key;

typedef struct {
  key of;
  off_t at;
  size_t size;
} range; // written, and not synced yet

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; // of all below
static range* dirty;
static size_t dirty_count, dirty_room;
static unsigned dice = 1;

static void stop(const char* why) {
  perror(why);
  abort(); // a shadow that is wrong proves nothing
}

// -- which file ---------------------------------------------------------------

static int identify(int folder, const char* name, key* k, mode_t* mode) {
  struct statx x;
  if (statx(folder, name, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &x))
    return 0;
  snprintf(k->text, sizeof k->text, "%llu-%lld-%u", (unsigned long long)x.stx_ino,
           (long long)x.stx_btime.tv_sec, x.stx_btime.tv_nsec);
  *mode = x.stx_mode;
  return 1;
}

static int is_hit(const char* flag, int fd) {
  if (!flags || !data)
    return 0;
  char name[PATH_MAX], link[64], path[PATH_MAX], part[PATH_MAX] = "";
  snprintf(name, sizeof name, "%s/%s", flags, flag);
  int file = open(name, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return 0;
  ssize_t n = read(file, part, sizeof part - 1);
  close(file);
  part[n > 0 ? n : 0] = 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  n = readlink(link, path, sizeof path - 1);
  path[n > 0 ? n : 0] = 0;
  return strncmp(path, data, strlen(data)) == 0 && strstr(path, part) != NULL;
}

// -- the shadow ---------------------------------------------------------------

static int open_shadow(const char* kind, const key* k, int how) {
  char name[PATH_MAX];
  snprintf(name, sizeof name, "%s/%s/%s", shadow, kind, k->text);
  int file = open(name, how | O_CLOEXEC, 0600);
  if (file < 0)
    stop(name);
  return file;
}

static void put(int to, const char* bytes, size_t size, off_t at) {
  while (size > 0) {
    ssize_t n = real_pwrite(to, bytes, size, at);
    if (n < 0)
      stop("shadow");
    bytes += n, size -= (size_t)n, at += n;
  }
}

static void copy(int from, int to, off_t at, size_t size) {
  char piece[65536];
  while (size > 0) {
    ssize_t n = pread(from, piece, size < sizeof piece ? size : sizeof piece, at);
    if (n < 0)
      stop("pread");
    if (n == 0) // it has become shorter since
      return;
    put(to, piece, (size_t)n, at);
    at += n, size -= (size_t)n;
  }
}

static void keep_names(const char* folder, const key* k,
                       void (*visit)(const char*, const key*, mode_t)) {
  char half[PATH_MAX], whole[PATH_MAX], path[PATH_MAX];
  snprintf(half, sizeof half, "%s/half-%s", shadow, k->text);
  snprintf(whole, sizeof whole, "%s/d/%s", shadow, k->text);
  FILE* list = fopen(half, "we");
  DIR* dir = opendir(folder);
  if (!list || !dir)
    stop(folder);
  for (struct dirent* x; (x = readdir(dir)) != NULL;) {
    key child;
    mode_t mode;
    if (!strcmp(x->d_name, ".") || !strcmp(x->d_name, "..")
        || !identify(dirfd(dir), x->d_name, &child, &mode)
        || S_ISSOCK(mode)) // is made anew at each start, and has nothing to lose
      continue;
    fprintf(list, "%c %s %s\n", S_ISDIR(mode) ? 'd' : 'f', child.text, x->d_name);
    snprintf(path, sizeof path, "%s/%s", folder, x->d_name);
    if (visit)
      visit(path, &child, mode);
  }
  closedir(dir);
  if (fclose(list) || rename(half, whole))
    stop(whole);
}

/// What is there at the start has been there for long.
static void keep_all(const char* path, const key* k, mode_t mode) {
  if (S_ISDIR(mode))
    return keep_names(path, k, keep_all);
  int from = open(path, O_RDONLY | O_CLOEXEC), to = open_shadow("i", k, O_WRONLY | O_CREAT);
  if (from < 0)
    stop(path);
  copy(from, to, 0, (size_t)-1 / 2);
  close(from);
  close(to);
}

static void keep_octets(int fd, const key* k) {
  // A second descriptor of a store, once closed, would drop the locks of the first: only for those
  // that cannot be read.
  char name[64];
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  int own = (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY ? open(name, O_RDONLY | O_CLOEXEC) : -1;
  int to = open_shadow("i", k, O_WRONLY | O_CREAT);
  size_t left = 0;
  for (size_t i = 0; i < dirty_count; ++i)
    if (!strcmp(dirty[i].of.text, k->text))
      copy(own < 0 ? fd : own, to, dirty[i].at, dirty[i].size);
    else
      dirty[left++] = dirty[i];
  dirty_count = left;
  struct stat seen;
  if (fstat(fd, &seen) || real_ftruncate(to, seen.st_size))
    stop("size");
  close(to);
  if (own >= 0)
    close(own);
}

static void lose_octets(const key* k) {
  size_t left = 0;
  for (size_t i = 0; i < dirty_count; ++i)
    if (strcmp(dirty[i].of.text, k->text))
      dirty[left++] = dirty[i];
  dirty_count = left;
}

static void note(int fd, const void* bytes, size_t size, off_t at) {
  key k;
  mode_t mode;
  if (!shadow || !identify(fd, "", &k, &mode) || !S_ISREG(mode))
    return;
  pthread_mutex_lock(&mutex);
  if (early && rand_r(&dice) % 100 < early) {
    int to = open_shadow("i", &k, O_WRONLY | O_CREAT);
    put(to, bytes, size, at);
    close(to);
  }
  if (dirty_count == dirty_room) {
    dirty_room = dirty_room ? 2 * dirty_room : 1024;
    dirty = realloc(dirty, dirty_room * sizeof *dirty);
    if (!dirty)
      stop("realloc");
  }
  dirty[dirty_count++] = (range){k, at, size};
  pthread_mutex_unlock(&mutex);
}

// A copy: PostgreSQL writes its title over the environment that it was given.
static const char* from_environment(const char* name) {
  const char* text = getenv(name);
  return text ? strdup(text) : NULL;
}

__attribute__((constructor)) static void begin(void) {
  real_write = (ssize_t(*)(int, const void*, size_t))dlsym(RTLD_NEXT, "write");
  real_pwrite = (ssize_t(*)(int, const void*, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
  real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  real_ftruncate = (int (*)(int, off_t))dlsym(RTLD_NEXT, "ftruncate");
  const char* text = getenv("HAMLET_FAULT_SLOW");
  slow = text ? atoi(text) : 0;
  text = getenv("HAMLET_FAULT_EARLY");
  early = text ? atoi(text) : 0;
  dice = (unsigned)getpid();
  flags = from_environment("HAMLET_FAULT_FLAGS");
  data = from_environment("HAMLET_FAULT_DATA");
  const char* folder = from_environment("HAMLET_FAULT_SHADOW");
  if (!folder || !data)
    return;
  char name[PATH_MAX];
  shadow = folder;
  const char* kinds[] = {"", "/i", "/d"};
  for (int i = 0; i < 3; ++i) {
    snprintf(name, sizeof name, "%s%s", folder, kinds[i]);
    if (mkdir(name, 0700) && errno != EEXIST)
      stop(name);
  }
  key k;
  mode_t mode;
  if (!identify(AT_FDCWD, data, &k, &mode))
    stop(data);
  keep_all(data, &k, mode);
  snprintf(name, sizeof name, "%s/root", folder);
  FILE* root = fopen(name, "we");
  if (!root || fputs(k.text, root) < 0 || fclose(root))
    stop(name);
}

// -- in place of the C library's ----------------------------------------------

static int sync_file(int fd, int (*real)(int)) {
  key k;
  mode_t mode = 0;
  int is_known = shadow && identify(fd, "", &k, &mode);
  if (slow)
    usleep((useconds_t)slow * 1000);
  if (is_hit("fsync_fails", fd)) {
    pthread_mutex_lock(&mutex);
    if (is_known)
      lose_octets(&k);
    pthread_mutex_unlock(&mutex);
    errno = EIO;
    return -1;
  }
  int code = real(fd);
  if (code || !is_known)
    return code;
  char name[64];
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  pthread_mutex_lock(&mutex);
  if (S_ISDIR(mode))
    keep_names(name, &k, NULL);
  else if (S_ISREG(mode))
    keep_octets(fd, &k);
  pthread_mutex_unlock(&mutex);
  return 0;
}

int fsync(int fd) {
  return sync_file(fd, real_fsync);
}

int fdatasync(int fd) {
  return sync_file(fd, real_fdatasync);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  if (is_hit("disk_full", fd)) {
    errno = ENOSPC;
    return -1;
  }
  ssize_t n = real_pwrite(fd, bytes, size, at);
  if (n > 0)
    note(fd, bytes, (size_t)n, at);
  return n;
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  return pwrite(fd, bytes, size, at);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  if (is_hit("disk_full", fd)) {
    errno = ENOSPC;
    return -1;
  }
  ssize_t n = real_write(fd, bytes, size);
  off_t after = n > 0 && shadow ? lseek(fd, 0, SEEK_CUR) : -1;
  if (after >= n)
    note(fd, bytes, (size_t)n, after - n);
  return n;
}
