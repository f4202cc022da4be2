/* What a person calls a process, and which processes are one app. Owner thread only. */
#pragma once
#include "process.h"
#include "procfs.h"

typedef struct _PlNames PlNames;

/* @procfs: to look at parents; must outlive the names. */
PlNames *pl_names_new (PlProcfs *procfs);
void pl_names_free (PlNames *names);
/* The process with its name, app key, unit, icon and user (transfer full); never NULL. */
PlProcess *pl_names_process (PlNames *names, const PlProcFacts *facts);
