#!/bin/sh
# window.sh PORTLIGHT LOAD EMPTY-WINDOW: runs window.py in a network namespace of its own, with an X server and a session bus, or says what
# is missing for it.
here=$(dirname "$0")
export GDK_BACKEND=x11 GSK_RENDERER=cairo GSETTINGS_BACKEND=memory ADW_DISABLE_PORTAL=1 GTK_USE_PORTAL=0 GTK_A11Y=none LC_ALL=C.UTF-8
unset WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS
exec "$here/network.sh" "$here/../ui/run-xvfb.sh" dbus-run-session -- /usr/bin/python3 -B "$here/window.py" "$@"
