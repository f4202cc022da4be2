#!/bin/sh
# remove.sh PREFIX DATADIR: what “ninja -C build remove” runs. Takes away what “meson install” put there last, and the folders it
# made; then the desktop's caches are made anew or, where nothing is left to be found through them, go too. (“ninja uninstall”
# knows nothing of caches.)
set -eu
log=$MESON_BUILD_ROOT/meson-logs/install-log.txt
to=${DESTDIR-}
case $to in '' | /*) ;; *) to=$MESON_BUILD_ROOT/$to ;; esac # as meson takes it
to=${to%/}
prefix=$to$1 data=$to$2
[ -f "$log" ] || { echo 'Nothing was installed from this build folder.' >&2; exit 1; }
# What --only-changed found in its place already is in a comment.
installed() { sed -n 's/^# Preserving old file //; /^#/!p' "$log"; }
# Of what --tags left out nothing may be in DATADIR.
ours=$(installed | while read -r path; do
  case $path in "$prefix"/* | "$data"/*) echo "$path" ;; esac
done)
[ -n "$ours" ] || { echo "What was installed last from this build folder is not in $data: install it there" \
  'again, then remove it.' >&2; exit 1; }
installed | while read -r path; do
  if [ -L "$path" ] || [ -f "$path" ]; then rm -f "$path"; fi
done
refresh() { # FOLDER CACHE COMMAND…
  folder=$data/$1 cache=$2; shift 2
  [ -e "$folder/$cache" ] || return 0
  if find "$folder" -type f ! -name "$cache" | grep -q .; then "$@" "$folder" || true; else rm -f "$folder/$cache"; fi
}
refresh glib-2.0/schemas gschemas.compiled glib-compile-schemas
refresh applications mimeinfo.cache update-desktop-database -q
refresh icons/hicolor icon-theme.cache $(command -v gtk4-update-icon-cache || echo gtk-update-icon-cache) -q -t -f
# In mime/ all but packages/ is made by update-mime-database.
if find "$data/mime/packages" -type f 2>/dev/null | grep -q .; then
  update-mime-database "$data/mime" || true
elif [ -d "$data/mime" ]; then
  find "$data/mime" -mindepth 1 -maxdepth 1 ! -name packages -exec rm -rf {} +
fi
installed | sort -r | while read -r path; do
  if [ -d "$path" ]; then rmdir "$path" 2>/dev/null || true; fi
done
# The log of a second installation has no folders, for the first one made them. Those that every system has stay.
is_ours() {
  case $1 in "$prefix" | "$prefix/bin" | "$prefix/share" | "$prefix/share/man") ;; "${to:-$prefix}"/*) return ;; *) return 1 ;; esac
  case $to:$prefix in :/usr | :/usr/local | :*/.local) return 1 ;; esac
}
installed | while read -r path; do
  folder=${path%/*}
  while is_ours "$folder"; do
    [ ! -d "$folder" ] || rmdir "$folder" 2>/dev/null || break
    folder=${folder%/*}
  done
done
