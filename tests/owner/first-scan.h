/* Waits for the scan of all processes that @owners begins with, which learns who listens here. It is of low priority: some 30 ms on a
 * quiet machine, seconds where others work. */
#pragma once
#include "owners.h"

void wait_first_scan (PlOwners *owners);

/* Then has the thread that scans wait for a byte written to what this returns, as others have it wait on a busy machine. */
int hold_scans (void);
