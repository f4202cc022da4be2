# Completion of portlight for fish.
complete -c portlight -s i -l interface -x -a 'any (command ls /sys/class/net 2>/dev/null)' -d 'Start to capture on this interface'
complete -c portlight -s c -l capture -d 'Start to capture on the interface used last'
complete -c portlight -s o -l open -d 'Choose a capture file to open'
complete -c portlight -s n -l new-window -d 'Open a new window'
complete -c portlight -s v -l version -d 'Show the version'
complete -c portlight -s h -l help -d 'Show the options'
complete -c portlight -l help-all -d 'Show all options'
