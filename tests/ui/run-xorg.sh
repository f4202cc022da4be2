#!/bin/sh
# run-xorg.sh COMMAND…: as run-xvfb.sh, but with Xorg and its "dummy" screen, whose input devices are sockets ("inputtest", see
# hands.py): what is written there comes to programs as real events of a touch screen, a touchpad and a keyboard. Needs no kernel device, but
# root: only from root does Xorg take a configuration from anywhere. It tells COMMAND the folder of the sockets in PL_INPUT.
# Where this machine lets no Xorg start, it ends with 77 and says why.
set -e
work=$(mktemp -d)
mkfifo "$work/display"
width=${XORG_WIDTH:-1280} height=${XORG_HEIGHT:-800}
device() { # NAME TYPE LAYOUT-OPTION…
  printf 'Section "InputDevice"\n Identifier "%s"\n Driver "inputtest"\n Option "SocketPath" "%s"\n Option "DeviceType" "%s"\nEndSection\n' \
    "$1" "$work/$1" "$2"
}
{
  printf 'Section "ServerFlags"\n Option "AutoAddDevices" "false"\n Option "AutoEnableDevices" "false"\n Option "BlankTime" "0"\nEndSection\n'
  device keyboard Keyboard
  device touchpad PointerGesture
  device touchscreen Touch
  cat <<END
Section "Monitor"
  Identifier "monitor"
  HorizSync 5.0-1000.0
  VertRefresh 5.0-200.0
  Modeline "ours" $((width * height * 60 / 1000000)) $width $width $((width + 8)) $((width + 16)) $height $height $((height + 2)) $((height + 4))
EndSection
Section "Device"
  Identifier "card"
  Driver "dummy"
  VideoRam 65536
EndSection
Section "Screen"
  Identifier "screen"
  Device "card"
  Monitor "monitor"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Modes "ours"
    Virtual $width $height
  EndSubSection
EndSection
Section "ServerLayout"
  Identifier "layout"
  Screen "screen"
  InputDevice "keyboard" "CoreKeyboard"
  InputDevice "touchpad" "CorePointer"
  InputDevice "touchscreen" "SendCoreEvents"
EndSection
END
} >"$work/xorg.conf"
Xorg -displayfd 3 -config "$work/xorg.conf" -logfile "$work/log" -noreset -nolisten tcp -novtswitch 3>"$work/display" >/dev/null 2>&1 &
server=$!
trap 'set +e; kill $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
if ! read -r number <"$work/display"; then
  why=$(sed -n 's/^.*(EE) *\([^ ].*\)/\1/p' "$work/log" 2>/dev/null | head -n 1)
  echo "Xorg does not start here: ${why:-it does not say why}" >&2
  exit 77
fi
set +e
PL_INPUT=$work DISPLAY=:$number "$@"
