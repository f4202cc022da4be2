#!/bin/bash
# make-runtime.sh REPO BRANCH: a stand-in for org.gnome.Platform and org.gnome.Sdk made of Debian packages, as a local
# ostree repository, so that the shipping manifest can be built, installed and run where no Flatpak remote can be reached.
# A build on it is not a build on the real runtime. Root; needs flatpak, mmdebstrap, ostree. SUITE: trixie unless set.
set -euo pipefail
repo=$1 branch=${2:-50} suite=${SUITE:-trixie}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The machine's own Debian mirror serves the other suite as well.
mirror=${MIRROR:-$(awk '/^URIs:.*debian/ {print $2; exit}
                        /^deb / {for (i = 2; i <= NF; i++) if ($i ~ /^http.*debian/) {print $i; exit}}' \
  /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null || true)}
[ -n "$mirror" ] || { echo "No Debian mirror in /etc/apt: set MIRROR." >&2; exit 1; }

packages=(libgtk-4-1 libgtk-4-bin libadwaita-1-0 adwaita-icon-theme fonts-dejavu-core gsettings-desktop-schemas
  flatpak-xdg-utils librsvg2-common at-spi2-core gcc libc6-dev linux-libc-dev meson ninja-build pkgconf libgtk-4-dev libadwaita-1-dev librsvg2-dev
  zlib1g-dev nettle-dev make flex bison desktop-file-utils gettext xz-utils)
lib=/usr/lib/$(gcc -dumpmachine | sed 's/-pc-/-/')
unwanted=('/usr/share/doc/*' '/usr/share/man/*' '/usr/share/locale/*' '/usr/share/info/*' '/usr/share/gir-1.0/*'
  '/usr/share/lintian/*' '/usr/share/bug/*' "$lib/libLLVM*" "$lib/libgallium*" "$lib/libz3*" "$lib/dri/*" "$lib/libvulkan_*"
  '/usr/libexec/gcc/*/*/lto1')
mmdebstrap --quiet --variant=essential --mode=root --format=directory --skip=check/empty,cleanup/apt/lists \
  --aptopt='Apt::Install-Recommends "false"' --dpkgopt=force-unsafe-io "${unwanted[@]/#/--dpkgopt=path-exclude=}" \
  --include="$(IFS=,; echo "${packages[*]}")" "$suite" "$work/root" "deb $mirror $suite main"

usr=$work/root/usr
rm -rf "$usr"/{etc,games,local,src}
mv "$work/root/etc" "$usr/etc"
# Flatpak brings these from the host or makes them itself.
rm -rf "$usr"/etc/{passwd,group,shadow,gshadow,passwd-,group-,shadow-,gshadow-,subuid,subgid,resolv.conf,hostname,hosts,mtab,machine-id,localtime,timezone,ld.so.cache,apt,.pwd.lock}
printf '%s\n' 'include /run/flatpak/ld.so.conf.d/app-*.conf' /app/lib 'include /etc/ld.so.conf.d/*.conf' \
  'include /run/flatpak/ld.so.conf.d/runtime-*.conf' >"$usr/etc/ld.so.conf"
ln -sfn ../libexec/flatpak-xdg-utils/flatpak-spawn "$usr/bin/flatpak-spawn"
ln -sfn ../libexec/flatpak-xdg-utils/xdg-open "$usr/bin/xdg-open"
ln -sfn ../sbin/ldconfig "$usr/bin/ldconfig"
printf '#!/bin/sh\nexit 0\n' >"$usr/bin/appstream-compose" # flatpak-builder 1.2 calls it inside the Sdk
chmod 755 "$usr/bin/appstream-compose"
find "$usr" \( -type c -o -type b -o -type p -o -type s \) -delete
find "$usr" -perm /6000 -exec chmod u-s,g-s {} +
find "$usr" -type f ! -perm -0444 -exec chmod a+r {} +

[ -d "$repo" ] || ostree init --repo="$repo" --mode=bare-user-only
ostree --repo="$repo" config set core.fsync false
arch=$(flatpak --default-arch)
mkdir -p "$work/runtime/files" "$work/runtime/var"
mv "$usr" "$work/runtime/usr"
for name in Platform Sdk; do
  cat >"$work/runtime/metadata" <<END
[Runtime]
name=org.gnome.$name
runtime=org.gnome.Platform/$arch/$branch
sdk=org.gnome.Sdk/$arch/$branch

[Environment]
GI_TYPELIB_PATH=/app/lib/girepository-1.0
XDG_DATA_DIRS=/app/share:/usr/share:/usr/share/runtime/share:/run/host/user-share:/run/host/share
END
  flatpak build-export --runtime --disable-sandbox "$repo" "$work/runtime" "$branch" >/dev/null
done
flatpak build-update-repo "$repo" >/dev/null
chmod -R a+rX "$repo"
