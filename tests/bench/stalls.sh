#!/bin/sh
# stalls.sh PORTLIGHT LOAD TURNS [PART…]: runs stalls.py in a network namespace of its own, with all that a window test has, or says what is
# missing for it. TURNS: the module that turns.c is built to.
here=$(dirname "$0")
export PORTLIGHT="$1" PL_LOAD="$2" PL_TURNS_MODULE="$3"
shift 3
exec "$here/network.sh" "$here/../ui/run-window-test.sh" "$here/stalls.py" "$@"
