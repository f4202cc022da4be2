#!/bin/sh
# run-xvfb.sh COMMAND…: runs COMMAND with an X server of its own on a free display and takes the server down afterwards.
# It tells COMMAND the process id of the server in PL_XVFB_PID. Faster and safer than xvfb-run: -displayfd picks the display, and reading it returns as soon as the server is ready.
set -e
ready=$(mktemp -d)
mkfifo "$ready/display"
Xvfb -displayfd 3 -screen 0 "${XVFB_SCREEN:-1280x800x24}" -noreset -nolisten tcp 3>"$ready/display" >/dev/null 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$ready"' EXIT
trap 'exit 1' INT TERM
read -r number <"$ready/display"
set +e
PL_XVFB_PID=$server DISPLAY=:$number "$@"
