#!/bin/bash
# sources.sh DOWNLOADS: puts the release tarballs that the manifest names into flatpak-builder's download folder, from
# Debian's source packages (the same files: the checksum decides), so that the manifest builds unchanged with no other network.
set -euo pipefail
downloads=$1
mirror=$(awk '/^URIs:.*debian/ {print $2; exit} /^deb / {for (i = 2; i <= NF; i++) if ($i ~ /^http.*debian/) {print $i; exit}}' \
  /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null || true)
[ -n "$mirror" ] || { echo "No Debian mirror in /etc/apt." >&2; exit 1; }
manifest=$(dirname "$0")/../../flatpak/io.github.portlight.portlight.yml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,cache/archives/partial,get}
echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$work/sources.list"
apt=(apt-get -qq -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=/dev/null
  -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root)
wanted() { # lines of: URL SHA256
  awk '/^ *url:/ {url = $2} /^ *sha256:/ {print url, $2}' "$manifest" | sort -u
}
have_all=1
while read -r url sum; do [ -f "$downloads/$sum/${url##*/}" ] || have_all=0; done < <(wanted)
[ $have_all = 1 ] && exit 0
"${apt[@]}" update
while read -r url sum; do
  file=${url##*/}
  package=${file%%-[0-9]*}
  (cd "$work/get" && "${apt[@]}" source --download-only "$package") >/dev/null
  found=$(sha256sum "$work"/get/* | awk -v s="$sum" '$1 == s {print $2; exit}')
  [ -n "$found" ] || { echo "Debian's $package is not the release the manifest names ($file, $sum)." >&2; exit 1; }
  mkdir -p "$downloads/$sum"
  cp "$found" "$downloads/$sum/$file"
done < <(wanted)
