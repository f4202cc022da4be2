#!/bin/sh
# run-sway.sh COMMAND…: runs COMMAND as a client of a Wayland compositor of its own, sway, that is a window of $DISPLAY and fills it:
# so all that reaches that X server, keys, pointer and fingers, comes to COMMAND by Wayland. SWAY_SCALE: of the output.
# Sway refuses to be root, so it is nobody then. Where it does not start, this ends with 77 and says why.
set -e
work=$(mktemp -d)
mkfifo "$work/ready"
mkdir -m 700 "$work/run"
cat >"$work/config" <<END
xwayland disable
default_border none
focus_follows_mouse no
output X11-1 mode ${XORG_WIDTH:-1280}x${XORG_HEIGHT:-800} scale ${SWAY_SCALE:-1}
for_window [title="^Drag source$"] floating enable, move position 1190 300
exec sh -c 'echo "\$WAYLAND_DISPLAY \$SWAYSOCK" >$work/ready'
END
as=
if [ "$(id -u)" = 0 ]; then
  as='setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all'
  chown -R 65534:65534 "$work"
fi
$as env HOME="$work" XDG_RUNTIME_DIR="$work/run" WLR_BACKENDS=x11 WLR_RENDERER=pixman sway --config "$work/config" >"$work/log" 2>&1 &
server=$!
trap 'set +e; kill $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
( sleep 30; echo >"$work/ready" ) & # or it never starts
watch=$!
read -r display socket <"$work/ready"
kill $watch
[ -n "$display" ] || { echo "sway does not start here: $(tail -n 1 "$work/log")" >&2; exit 77; }
set +e
WAYLAND_DISPLAY=$work/run/$display SWAYSOCK=$socket GDK_BACKEND=wayland "$@"
