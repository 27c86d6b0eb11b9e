#!/bin/bash
# Runs the fenced shell blocks of a document, in order, as one script: those that say nothing else
# after "sh", and those that name the kind given.
#   run-document.sh DOCUMENT KIND
set -eu
blocks=$(awk -v kind="$2" '
    /^```/ && inside { inside = 0; next }
    /^```sh$/ || $0 == "```sh " kind { inside = 1; print "# line " NR; next }
    /^```/ { inside = -1; next }
    inside == 1 { print }' "$1")
exec bash -c "$blocks"
