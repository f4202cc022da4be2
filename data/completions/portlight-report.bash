# Completion of portlight-report for bash. Needs nothing but bash itself.
_portlight_report_values() { # WORDS
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_portlight_report() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local options='-i --interface= -s --sockets -d --duration= --capture-filter= --local= --format= --sort= --top= --graph= --graph-style= --redact --accept-risk -h --help --version'
  local keys='bytes packets payload out in rate duration last first id app proto local remote local-port port state'

  # "--format=c" arrives as the three words "--format", "=", "c".
  if [ "$previous" = = ]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  elif [ "$current" = = ]; then
    current=
  fi
  COMPREPLY=()
  case $previous in
    -i|--interface) _portlight_report_values "any $(ls /sys/class/net 2>/dev/null)" "$current" ;;
    --format) _portlight_report_values 'text jsonl csv' "$current" ;;
    --sort) _portlight_report_values "$keys" "$current" ;;
    --graph-style) _portlight_report_values 'light dark' "$current" ;;
    -d|--duration|--capture-filter|--local|--top) ;;
    *)
      case $current in
        -?*)
          _portlight_report_values "$options" "$current"
          case ${COMPREPLY[0]-} in *=) compopt -o nospace 2>/dev/null ;; esac
          ;;
        *)
          compopt -o filenames 2>/dev/null
          mapfile -t COMPREPLY < <(compgen -f -- "$current")
          ;;
      esac
      ;;
  esac
}

complete -F _portlight_report portlight-report
