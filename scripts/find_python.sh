#!/bin/sh
# Print the path of a Python from 3.$1 to 3.$2 that really runs and can make virtual environments; fail if there is none.
#
# "On the PATH" is not enough: a version manager's shims stand there for versions that are not switched on, and
# Debian's python3 comes without ensurepip. So each candidate is asked to do what we need of it. What pyenv has installed
# and not switched on comes last.
set -u
lowest=$1 highest=$2
check="import sys, venv, ensurepip; sys.exit(not (3, $lowest) <= sys.version_info[:2] <= (3, $highest))"

take_if_good() {
    if [ -x "$1" ] && "$1" -c "$check" >/dev/null 2>&1; then
        echo "$1"
        exit 0
    fi
}

IFS=:
for name in python3.12 python3.11 python3.13 python3; do
    for folder in $PATH; do
        take_if_good "$folder/$name"
    done
done
for name in python3.12 python3.11 python3.13; do
    for candidate in "${PYENV_ROOT:-${HOME:-/}/.pyenv}"/versions/*/bin/"$name"; do
        take_if_good "$candidate"
    done
done
exit 1
