# Names and installs the distribution packages that ./app/run and ./tests/run need. Sourced, never run.
#   need_packages build|tests|flatpak YES   YES=1: do not ask
# apt is tested; the dnf, pacman and zypper lists are kept by hand.

packages_for() { # MANAGER build|tests|flatpak
  case $1-$2 in
    apt-build) echo gcc libc6-dev meson ninja-build pkg-config libgtk-4-dev libadwaita-1-dev librsvg2-dev libpcap-dev zlib1g-dev nettle-dev gettext \
      libglib2.0-bin adwaita-icon-theme fonts-cantarell librsvg2-common pkexec polkitd ;;
    apt-tests) echo tshark tcpdump xvfb xserver-xorg-core xserver-xorg-video-dummy dbus-daemon dbus-bin at-spi2-core gir1.2-atspi-2.0 gir1.2-gtk-4.0 python3 python3-gi xdotool xclip imagemagick \
      x11-utils iproute2 ethtool iputils-ping util-linux procps libcap2-bin clang libclang-rt-dev appstream \
      desktop-file-utils librsvg2-bin mandoc curl nftables
      # The layout is checked by this version alone, and newer releases have it no longer.
      ! grep -q '^VERSION_CODENAME=bookworm' /etc/os-release || echo clang-format-14 ;;
    apt-flatpak) packages_for apt tests; echo sudo flatpak flatpak-builder mmdebstrap ostree elfutils binutils gnupg fuse3 \
      xdg-desktop-portal xdg-desktop-portal-gtk ;;
    dnf-build) echo gcc meson ninja-build pkgconf-pkg-config gtk4-devel libadwaita-devel librsvg2-devel libpcap-devel zlib-devel nettle-devel gettext \
      glib2 adwaita-icon-theme librsvg2 polkit ;;
    dnf-tests) echo wireshark-cli tcpdump xorg-x11-server-Xvfb xorg-x11-server-Xorg xorg-x11-drv-dummy dbus-daemon at-spi2-core python3 python3-gobject xdotool xclip ImageMagick \
      xprop iproute ethtool iputils util-linux procps-ng libcap clang compiler-rt clang-tools-extra libasan libubsan libtsan appstream \
      desktop-file-utils librsvg2-tools mandoc curl nftables ;;
    dnf-flatpak) packages_for dnf tests; echo sudo flatpak flatpak-builder mmdebstrap ostree elfutils binutils gnupg2 fuse3 \
      xdg-desktop-portal xdg-desktop-portal-gtk ;;
    pacman-build) echo gcc meson ninja pkgconf gtk4 libadwaita libpcap zlib nettle gettext adwaita-icon-theme librsvg polkit ;;
    pacman-tests) echo wireshark-cli tcpdump xorg-server-xvfb xorg-server xf86-video-dummy dbus at-spi2-core python python-gobject xdotool xclip imagemagick \
      xorg-xprop iproute2 ethtool iputils util-linux procps-ng libcap clang compiler-rt appstream desktop-file-utils mandoc curl nftables ;;
    pacman-flatpak) packages_for pacman tests; echo sudo flatpak flatpak-builder ostree elfutils binutils gnupg fuse3 \
      xdg-desktop-portal xdg-desktop-portal-gtk ;;
    zypper-build) echo gcc meson ninja pkgconf gtk4-devel libadwaita-devel librsvg-devel libpcap-devel zlib-devel libnettle-devel gettext-tools \
      glib2-tools adwaita-icon-theme polkit ;;
    zypper-tests) echo wireshark tcpdump xorg-x11-server-Xvfb xorg-x11-server xf86-video-dummy dbus-1-daemon at-spi2-core python3 python3-gobject xdotool xclip ImageMagick \
      xprop iproute2 ethtool iputils util-linux procps libcap-progs clang AppStream desktop-file-utils rsvg-convert mandoc curl nftables ;;
    zypper-flatpak) packages_for zypper tests; echo sudo flatpak flatpak-builder ostree elfutils binutils gpg2 fuse3 \
      xdg-desktop-portal xdg-desktop-portal-gtk ;;
  esac
}

package_manager() {
  for m in apt-get dnf pacman zypper; do command -v $m >/dev/null 2>&1 && { echo "${m%-get}"; return; }; done
}

is_installed() { # MANAGER PACKAGE
  case $1 in
    apt) [ "$(dpkg-query -W -f '${db:Status-Status}' "$2" 2>/dev/null)" = installed ] ;;
    dnf|zypper) rpm -q --whatprovides "$2" >/dev/null 2>&1 ;;
    pacman) pacman -T "$2" >/dev/null 2>&1 ;;
  esac
}

install_command() { # MANAGER PACKAGES…
  m=$1; shift
  case $m in
    apt) echo "apt-get install -y --no-install-recommends $*" ;;
    dnf) echo "dnf install -y $*" ;;
    pacman) echo "pacman -S --needed --noconfirm $*" ;;
    zypper) echo "zypper --non-interactive install $*" ;;
  esac
}

need_packages() { # build|tests|flatpak YES
  manager=$(package_manager)
  if [ -z "$manager" ]; then
    echo "No known package manager (apt, dnf, pacman, zypper) here: what README.md lists must be there already." >&2
    return 0
  fi
  wanted=$(packages_for "$manager" build)
  [ "$1" = build ] || wanted="$wanted $(packages_for "$manager" "$1")"
  missing=
  for p in $wanted; do is_installed "$manager" "$p" || missing="$missing $p"; done
  [ -n "$missing" ] || return 0
  sudo=
  [ "$(id -u)" = 0 ] || sudo='sudo '
  command=$(install_command "$manager" ${missing# })
  echo "Missing packages:$missing"
  if [ "$2" != 1 ]; then
    if [ ! -t 0 ]; then
      echo "Install them with: $sudo$command   (or run this again with --yes)" >&2
      return 1
    fi
    printf 'Run “%s%s”? [y/N] ' "$sudo" "$command"
    read -r answer
    case $answer in y|Y|yes) ;; *) echo "Nothing was installed." >&2; return 1 ;; esac
  fi
  if [ "$manager" = apt ]; then
    ${sudo:+sudo} apt-get update -qq || echo "apt-get update failed; trying with the lists there are." >&2
    ${sudo:+sudo} env DEBIAN_FRONTEND=noninteractive $command >/dev/null || {
      echo "Installing failed. See what it says: $sudo$command" >&2; return 1; }
  else
    ${sudo:+sudo} $command || return 1
  fi
}
