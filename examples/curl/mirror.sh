#!/usr/bin/env bash
# Copies everything that happens in public in a council into a file, one entry of JSON a line in the order of its numbers, and
# then follows. Stop it and start it again: it goes on after the last entry of the file.
#
#   usage: mirror.sh [--once] FILE       --once: stop when everything so far is there
#
# Entries are facts and hold no text of an idea, so nothing in the file has to be deleted when one is taken down: that is an
# entry too, idea.taken_down. Whoever mirrors texts has to act on it, as ../python/mirror.py does.
#
# FOLKMOOT_URL and COUNCIL say where; unless set, the demo at http://127.0.0.1:8080 and aldermoor.
set -euo pipefail
. "$(dirname "$0")/common.sh"
once=
[ "${1:-}" = --once ] && once=yes && shift
[ $# -eq 1 ] || die "usage: ${0##*/} [--once] FILE"
file=$1

# A line that was cut off when the disk was full or the power went is fetched again.
touch "$file"
if [ -s "$file" ] && [ -n "$(tail -c 1 "$file")" ]; then
    sed '$d' "$file" >"$file.whole" && mv "$file.whole" "$file"
fi
after=$(tail -n 1 "$file" | member number)
after=${after:-0}

while :; do
    answer=$(api GET "/changes?after=$after&limit=500")
    # Every entry begins with its number, and a quotation mark inside a text is escaped: so this cuts nowhere else.
    sed 's/^{"items":\[//; s/\],"next_after":[0-9]*}$//; s/},{"number":/}\
{"number":/g' <<<"$answer" | sed '/^$/d' >>"$file"
    next=$(grep -o '"next_after":[0-9]*}$' <<<"$answer" | grep -o '[0-9]*')
    if [ "$next" = "$after" ]; then
        [ -z "$once" ] || break
        sleep 2 # an answer may come from a cache for a second, so asking more often brings nothing
    fi
    after=$next
done
echo "${0##*/}: $file is complete up to number $after" >&2
