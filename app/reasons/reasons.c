#include "reasons.h"
