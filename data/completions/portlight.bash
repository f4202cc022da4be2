# Completion of portlight for bash. Needs nothing but bash itself.
_portlight() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local options='-i --interface= -c --capture -o --open -n --new-window -v --version -h --help --help-all --help-gtk'

  # "--interface=lo" arrives as the three words "--interface", "=", "lo".
  if [ "$previous" = = ]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  elif [ "$current" = = ]; then
    current=
  fi
  COMPREPLY=()
  case $previous in
    -i|--interface)
      mapfile -t COMPREPLY < <(compgen -W "any $(ls /sys/class/net 2>/dev/null)" -- "$current")
      return
      ;;
  esac
  case $current in
    -?*)
      mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
      case ${COMPREPLY[0]-} in *=) compopt -o nospace 2>/dev/null ;; esac
      ;;
    *)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      ;;
  esac
}

complete -F _portlight portlight
