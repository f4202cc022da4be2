/* Made-up /proc trees. */
#pragma once
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  gint32 pid, parent, tty;
  const char *comm, *exe;
  const char *cmdline; /* with '|' for the NUL after each argument */
  const char *cgroup;
} Made;

/* Writes @content (@length bytes, -1 for a string) to the path of the arguments, with its directories. */
void write_file (const char *content, gssize length, const char *first, ...) G_GNUC_NULL_TERMINATED;
void make_process (const char *proc, const Made *made);
/* Gives process @pid descriptor @fd, a link to @target. */
void make_fd (const char *proc, gint32 pid, int fd, const char *target);
void remove_tree (const char *path);
