/* Waits for the scan of all processes that @owners begins with, which learns who listens here. It is of low priority: some 30 ms on a
 * quiet machine, seconds where others work. */
#pragma once
#include "owners.h"

void wait_first_scan (PlOwners *owners);
