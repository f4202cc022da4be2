#!/bin/bash
# What is installed beside the program is sound: desktop entry, metainfo, icons, settings, the list for translators. TAP.
# PL_SOURCE_DIR, PL_BUILD_DIR: where to look.
cd "$PL_SOURCE_DIR" || exit 1
id=io.github.portlight.portlight
n=0
has() { command -v "$1" >/dev/null 2>&1; }
report() { # NAME COMPLAINTS
  n=$((n + 1))
  if [ -z "$2" ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; printf '%s\n' "$2" | sed 's/^/# /'; fi
}
skip() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2 is not installed"; }

if has desktop-file-validate; then
  report 'desktop entry' "$(desktop-file-validate "$PL_BUILD_DIR/data/$id.desktop" 2>&1)"
else
  skip 'desktop entry' desktop-file-validate
fi
if has appstreamcli; then
  report 'metainfo' "$(appstreamcli validate --pedantic --no-net --no-color "$PL_BUILD_DIR/data/$id.metainfo.xml" 2>&1 |
    grep -E '^[EWIP]:')"
else
  skip 'metainfo' appstreamcli
fi
report 'screenshots of the metainfo are here' "$(grep -o 'data/screenshots/[^<]*' "data/$id.metainfo.xml.in" |
  while read -r file; do [ -s "$file" ] || echo "$file is missing"; done
  ls data/screenshots/*.png | while read -r file; do grep -q "main/$file<" "data/$id.metainfo.xml.in" || echo "nothing names $file"; done)"
permissions_in() { grep -oE -- '--(socket|share|device|filesystem|talk-name|own-name|system-talk-name)=[^` ]+' "$@" | sort -u; }
report 'README explains each permission of the Flatpak, and no other' "$(diff <(permissions_in "flatpak/$id.yml") \
  <(sed -n '/^| permission /,/^$/p' README.md | permissions_in))"
if has glib-compile-schemas; then
  report 'settings' "$(glib-compile-schemas --strict --dry-run data 2>&1)"
else
  skip 'settings' glib-compile-schemas
fi
if has rsvg-convert && has identify; then
  for icon in "scalable/apps/$id.svg" "symbolic/apps/$id-symbolic.svg"; do
    shades=$(rsvg-convert -w 16 -h 16 "data/icons/hicolor/$icon" | identify -format %k - 2>&1)
    report "icon $icon shows something at 16 px" "$([ "${shades:-0}" -gt 8 ] 2>/dev/null || echo "$shades shades")"
  done
else
  skip 'icons' 'rsvg-convert or identify'
fi
# GTK recolours a symbolic icon's fills; what is only stroked would turn into a blot.
report 'the symbolic icon has no strokes' "$(grep -n 'stroke=' "data/icons/hicolor/symbolic/apps/$id-symbolic.svg")"
report 'every file with words is listed for translators' "$(diff \
  <({ grep -rlE '\b(_|N_|ngettext) ?\("' app ui --include='*.c'; grep -rl translatable= ui --include='*.ui'; } | sort) \
  <(grep -vE '^(#|data/)' data/po/POTFILES.in | sort) | grep '^[<>]')"
# A folder may be called anything. What is written for the message bus is read by a real one.
odd='/opt/Zoë & co'"'"'s "x" $y `z`' other=$(mktemp -d)
started_by_bus() { # SERVICE PROGRAM: where the program is found in a stand-in's place
  mkdir -p "$other/share/dbus-1/services" "$other/bin"
  sed "s|/opt/|$other/opt/|" "$1" >"$other/share/dbus-1/services/$id.service"
  mkdir -p "$other$odd/bin"
  printf '#!/bin/sh\necho "$0 $*" >>"%s/started"\nexit 1\n' "$other" >"$other$odd/bin/portlight"
  chmod +x "$other$odd/bin/portlight"
  XDG_DATA_DIRS="$other/share" XDG_DATA_HOME="$other/home" timeout 60 dbus-run-session -- dbus-send --session --print-reply \
    --dest="$id" / org.freedesktop.DBus.Peer.Ping >"$other/bus" 2>&1
  cat "$other/started" 2>/dev/null || cat "$other/bus"
}
if has meson && has xmllint && has dbus-run-session; then
  report 'a prefix with blanks and signs in it is named as it is' "$(meson setup "$other" --prefix="$odd" -Dui=enabled >"$other/log" 2>&1 || cat "$other/log"
    started_by_bus "$other/data/$id.service" | diff - <(echo "$other$odd/bin/portlight --gapplication-service")
    xmllint --nonet --noout "$other/data/polkit/$id.policy" 2>&1
    grep -qF "/opt/Zoë &amp; co's " "$other/data/polkit/$id.policy" || echo 'the policy does not name the helper')"
else
  skip 'a prefix with blanks and signs in it is named as it is' 'meson, xmllint or dbus-run-session'
fi
rm -rf "$other"
echo "1..$n"
