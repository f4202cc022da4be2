# Completion of portlight for bash. Needs nothing but bash itself.
_portlight() {
  local current=${COMP_WORDS[COMP_CWORD]}

  case $current in
    -?*) mapfile -t COMPREPLY < <(compgen -W '-v --version -h --help --help-all --help-gtk' -- "$current") ;;
    *)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      ;;
  esac
}

complete -F _portlight portlight
