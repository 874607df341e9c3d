#!/bin/sh
# Print the path of a Python from 3.$1 to 3.$2 that really runs and can make virtual environments; fail if there is none.
#
# "On the PATH" is not enough: a version manager's shims stand there for versions that are not switched on, and
# Debian's python3 comes without ensurepip. So each candidate is asked to do what we need of it.
set -u
lowest=$1 highest=$2
check="import sys, venv, ensurepip; sys.exit(not (3, $lowest) <= sys.version_info[:2] <= (3, $highest))"

IFS=:
for name in python3.12 python3.11 python3.13 python3; do
    for folder in $PATH; do
        candidate=$folder/$name
        if [ -x "$candidate" ] && "$candidate" -c "$check" >/dev/null 2>&1; then
            echo "$candidate"
            exit 0
        fi
    done
done
exit 1
