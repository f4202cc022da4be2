/* What a person calls a process, and which processes are one app. Owner thread only. */
#pragma once
#include "desktop-index.h"
#include "process.h"
#include "procfs.h"

typedef struct _PlNames PlNames;

/* @procfs: to look at parents; must outlive the names. @root: put before the container engines' paths, "" but in tests.
 * @index is taken over. */
PlNames *pl_names_new (PlProcfs *procfs, PlDesktopIndex *index, const char *root);
void pl_names_free (PlNames *names);
/* Looks whether desktop files or users changed, now and then. */
void pl_names_refresh (PlNames *names);
/* The process with its name, app key, unit, icon and user (transfer full); never NULL. */
PlProcess *pl_names_process (PlNames *names, const PlProcFacts *facts);
/* Whether @told, without cwd, flatpak_info and appimage, is all that the name of that process needs. */
gboolean pl_names_is_enough (PlNames *names, const PlProcFacts *told);
/* The app of a process that is gone or not ours to see, from its socket's cgroup and user (transfer full): pid 0. NULL when
 * the cgroup names no app. */
PlProcess *pl_names_cgroup (PlNames *names, const char *path, guint32 uid);
/* In place of an app of user @uid, whose processes may not be looked into (transfer full): all of a user's are one, and all
 * are whose user is not known either, PL_UNKNOWN_U32. */
PlProcess *pl_names_another_user (PlNames *names, guint32 uid);
/* The kernel itself, as the owner of a socket (transfer full). */
PlProcess *pl_names_kernel (PlNames *names);
