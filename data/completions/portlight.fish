# Completion of portlight for fish.
complete -c portlight -s v -l version -d 'Show the version'
complete -c portlight -s h -l help -d 'Show the options'
complete -c portlight -l help-all -d 'Show all options'
