#!/bin/sh
# run-window-test.sh [--needs PROGRAM] [--own-network | --unprivileged] [--fingers | --wayland] TEST.py: runs a window test with an X
# server, a session bus and a home folder of its own, or says as TAP why it can't. With --own-network also a network namespace, so that
# other tests' traffic is not in the picture; with --unprivileged not as root. With --fingers the X server has a touch screen and a touchpad
# that the test moves (hands.py); with --wayland a compositor is between it and the window, too.
# PORTLIGHT: the program.
here=$(dirname "$0")
skip() { echo "1..0 # SKIP $1"; exit 0; }
if [ "$1" = --needs ]; then
  command -v "$2" >/dev/null 2>&1 || skip "$2 is not installed"
  shift 2
fi
if [ "$1" = --own-network ]; then
  shift
  [ "$(id -u)" = 0 ] || skip 'the helper needs root to capture without a password prompt'
  unshare --net true 2>/dev/null || skip 'no network namespace may be made here'
  exec unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$0" "$@"
fi
if [ "$1" = --unprivileged ]; then
  shift
  if [ "$(id -u)" = 0 ]; then
    nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
    $nobody test -x "$PORTLIGHT" -a -r "$here/$(basename "$1")" 2>/dev/null || skip 'nobody but root can read this build'
    exec $nobody "$0" "$@"
  fi
fi
server=$here/run-xvfb.sh between= backend=x11
if [ "$1" = --fingers ] || [ "$1" = --wayland ]; then
  [ "$(id -u)" = 0 ] || skip 'only from root does Xorg take a touch screen that is none'
  for driver in dummy inputtest; do
    find /usr/lib*/xorg /usr/lib/*/xorg -name ${driver}_drv.so 2>/dev/null | grep -q . ||
      skip "Xorg’s drivers for a screen and fingers that are none are not installed (xserver-xorg-core, xserver-xorg-video-dummy)"
  done
  server=$here/run-xorg.sh
  if [ "$1" = --wayland ]; then
    command -v sway >/dev/null 2>&1 || skip 'sway, a Wayland compositor, is not installed'
    between=$here/run-sway.sh backend=wayland
  fi
  shift
fi
for program in Xvfb dbus-run-session xdotool import; do
  command -v $program >/dev/null 2>&1 || skip "$program is not installed"
done
/usr/bin/python3 -c 'import gi; gi.require_version("Atspi", "2.0"); from gi.repository import Atspi' 2>/dev/null ||
  skip 'the system’s Python has no AT-SPI binding (gir1.2-atspi-2.0)'

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
mkdir -m 700 "$home/run"
export HOME="$home" XDG_RUNTIME_DIR="$home/run" XDG_DATA_HOME="$home/data" XDG_CONFIG_HOME="$home/config" XDG_CACHE_HOME="$home/cache"
# The settings are a file of this home, so that what is remembered can be tested. Without a portal GTK reads none.
export GSETTINGS_BACKEND=keyfile ADW_DISABLE_PORTAL=1 GTK_USE_PORTAL=0 NO_AT_BRIDGE=0 GTK_A11Y=atspi
export GDK_BACKEND=$backend GSK_RENDERER=cairo LC_ALL=C.UTF-8 LANGUAGE=C
unset WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS G_DEBUG
# Standard output is the test's alone: what the session bus starts would write into the TAP.
{ "$server" $between dbus-run-session -- sh -c 'exec /usr/bin/python3 -B -W ignore::DeprecationWarning "$@" >&3' sh "$@" 3>&1 >/dev/null 2>"$home/stderr"; }
result=$?
[ $result != 77 ] || skip "$(grep -m 1 'does not start here' "$home/stderr")"
# The buses are talkative; what a test itself says on stderr matters.
grep -vE 'dbus-daemon|SpiRegistry|GetItems|X connection to|^$' "$home/stderr" | sed 's/^/# /'
exit $result
