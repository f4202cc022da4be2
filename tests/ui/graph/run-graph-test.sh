#!/bin/sh
# run-graph-test.sh PROGRAM: runs a GTK test program under an X server of its own, or says as TAP why it can't.
command -v Xvfb >/dev/null 2>&1 || { echo '1..0 # SKIP Xvfb is not installed'; exit 0; }
here=$(dirname "$0")
export GDK_BACKEND=x11 GSK_RENDERER=cairo GTK_A11Y=test GSETTINGS_BACKEND=memory ADW_DISABLE_PORTAL=1 GTK_USE_PORTAL=0
export DBUS_SESSION_BUS_ADDRESS=disabled: LC_ALL=C.UTF-8 LANGUAGE=C
export LSAN_OPTIONS="suppressions=$here/lsan.supp"
unset WAYLAND_DISPLAY
exec sh "$here/../run-xvfb.sh" "$@"
