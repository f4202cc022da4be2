#!/bin/bash
# soak.sh BUILD [SECONDS]: the window captures a loopback of its own (a network namespace) while 200 new connections a second
# come and go. Prints memory and CPU, the window's and the display server's, and ends with "N passed, N failed, N skipped".
# Root, Xvfb and dbus-run-session; says what is missing.
set -u
build=$(cd "$1" && pwd)
seconds=${2:-300}
cd "$(dirname "$0")" || exit 1
[ "$(id -u)" = 0 ] || { echo "skipped: capturing in a network namespace needs root"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
for tool in Xvfb dbus-run-session unshare ip; do
  command -v $tool >/dev/null || { echo "skipped: $tool is missing"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
done
exec unshare -n sh -c 'ip link set lo up; exec ui/run-xvfb.sh dbus-run-session -- /usr/bin/python3 -B soak/soak.py "$1" "$2"' soak "$build" "$seconds"
