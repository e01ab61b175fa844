#!/bin/sh
# Installs what tests need besides Python packages, where it may: as root on Debian.
set -u
missing=""
[ -x /usr/sbin/bearerbox ] || missing="$missing kannel"
[ -x /usr/lib/kannel/test/fakesmsc ] || missing="$missing kannel-extras"
command -v strace >/dev/null || missing="$missing strace"
command -v wrk >/dev/null || missing="$missing wrk"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing for the tests:$missing ..."
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null && exit 0
fi
echo "Not installed:$missing (the tests that need them are skipped)"
