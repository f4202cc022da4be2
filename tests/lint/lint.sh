#!/bin/bash
# House rules that a machine can check, as TAP. Run by meson (suite unit) from anywhere; reads the source tree only.
cd "$(dirname "$0")/../.." || exit 1
n=0
report() { # NAME LINES-THAT-SHOULD-NOT-BE
  n=$((n + 1))
  if [ -z "$2" ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; printf '%s\n' "$2" | head -n 20 | sed 's/^/# /'; fi
}
skip() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2"; }
sources() { find app ui tests -name '*.[ch]' | sort; }

report 'no GTK in app/' "$(grep -nE '#include *<(gtk|gdk|gsk|adwaita)' -r app --include=*.[ch])"
report 'libc only in app/wire' "$(grep -nE '#include *<(glib|gio|pcap)' -r app/wire --include=*.[ch])"
report 'libc and libpcap only in app/helper' "$(grep -nE '#include *<(glib|gio)' -r app/helper --include=*.[ch])"
report 'no pcap in ui/' "$(grep -nE '#include *<pcap' -r ui --include=*.[ch])"
report 'rooms are reached by bare name' "$(grep -nE '#include *"[^"]*/' -r app ui --include=*.[ch])"
# gcc's own <limits.h> looks for the C library's among the folders of quoted headers first.
report 'no header has the name of one of the C library' "$(find app ui tests -name '*.h' | while read -r header; do [ ! -e "/usr/include/${header##*/}" ] || echo "$header"; done)"
report 'no file past 800 lines' "$(sources | xargs wc -l | awk '$2 != "total" && $1 > 800')"
report 'the helper is at most 1200 lines of C' "$(find app/helper -name '*.c' -print0 | xargs -0 cat | wc -l | awk '$1 > 1200')"
report 'g_error() is not used' "$(grep -nE '\bg_error *\(' -r app ui --include=*.[ch])"
report 'what is translated has no G_G…_FORMAT in it, which xgettext does not know: PRIu64' "$(grep -nE '(_|gettext) \(.*" G_G[A-Z0-9]+_FORMAT' -r app ui --include=*.[ch])"
report 'what is translated begins with no comma: a list is put together from whole items' "$(grep -nE '\b(_|gettext) \((NULL, )?", ' -r app ui --include=*.[ch])"
report 'no marks of unfinished work' "$(grep -nEi '\b(TODO|FIXME|XXX|HACK)\b' -r app ui tests data --include=*.[ch] --include=meson.build --include=*.py --include=*.sh --exclude=lint.sh)"
report 'no status is read behind $(…) in one line, whose own it would be' "$({ find tests app -name '*.sh'; echo tests/run; echo app/run; } | xargs grep -nE '\$\(.*\)[^;&|]* "?\$\?')"
report 'README sets options by “meson configure”: of a folder that is there “meson setup” takes none' "$(grep -nE 'meson setup build [^&]*-' README.md)"
report 'no trailing white space' "$(grep -nE '[ 	]+$' -r app ui tests --include=*.[ch] --include=*.py --include=*.sh --include=meson.build | cut -c1-100)"
if version=$(clang-format-14 --version 2>/dev/null); then
  report "formatted (${version##*version })" "$(sources | grep '\.c$' | xargs clang-format-14 --dry-run 2>&1 | grep -oE '^[^:]+:[0-9]+' | head -n 20)"
else
  skip 'formatted' 'clang-format 14 is not installed; other versions format differently'
fi
echo "1..$n"
