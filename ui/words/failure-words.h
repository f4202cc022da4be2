/* The page that says why capture could not start: what was tried, what mends it as a line to copy, what else there is. Pure:
 * it is told what the case is and answers with words. */
#pragma once
#include "helper-launch.h"

typedef struct
{
  char *why;     /* what failed, without what to do */
  char *tried;   /* what was done, in its order */
  char *mend;    /* what to do about it */
  char *command; /* the line that does it; NULL where there is none */
  char *paste;   /* the line whose output Portlight reads; NULL where it can read none */
  const char *paste_where; /* where to type that line, and what comes of it */
  gboolean must_quit; /* another try fails until Portlight is started anew */
} PlFailureWords;

/* What the words depend on besides. */
typedef struct
{
  const char *os_release; /* (nullable): the text of os-release(5) of where it has to run */
  const char *origin;     /* (nullable): of a Flatpak, as the host tells (flatpak-origin.h) */
  const char *pipe;       /* (nullable): path of a named pipe that is waited on */
  int pid;                /* of this program, where a polkit agent sees it */
  gboolean is_busy_elsewhere; /* another window of this program captures or reads */
} PlFailureHost;

/* (transfer full): why it failed, without what to do about it: a line to type belongs where it can be copied.
 * @launch: (nullable): how it was started, for the file's place */
char *pl_failure_why (const GError *error, const PlHelperLaunch *launch);
/* (transfer full): the line that lets polkit ask in a terminal for what the process @pid starts; for 0, one that finds
 * the process by which this user's Flatpaks start something on the host. */
char *pl_failure_agent_line (int pid);
/* (nullable): the line that takes a Flatpak of one user out of that user's reach, in the folder with what it is installed from.
 * @origin: (nullable): as PlFailureHost's */
const char *pl_failure_install_for_all (const PlHelperLaunch *launch, const char *origin);
/* Whether @error, of the helper's start, has to be mended before another try makes sense. */
gboolean pl_failure_needs_mending (const GError *error);
/* @launch: (nullable): how it was started */
void pl_failure_words (const GError *error,
                       const PlHelperLaunch *launch,
                       const PlFailureHost *host,
                       PlFailureWords *words);
void pl_failure_words_clear (PlFailureWords *words);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlFailureWords, pl_failure_words_clear)
