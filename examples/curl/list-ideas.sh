#!/usr/bin/env bash
# Prints the public ideas of the running challenge, the most supported first: number, support, status and title.
#
#   usage: list-ideas.sh [WORDS]         only ideas that hold these words
#
# FOLKMOOT_URL and COUNCIL say where; unless set, the demo at http://127.0.0.1:8080 and aldermoor.
set -euo pipefail
. "$(dirname "$0")/common.sh"

challenge=$(api GET /challenges | grep -o '{"id":[^}]*"state":"open"[^}]*}' | head -n 1 | member id)
[ -n "$challenge" ] || die "$council has no challenge that runs"

cursor=
while :; do
    # --data-urlencode puts words and cursor into the query safely. A cursor fits only the question that it came from.
    page=$(api GET "/challenges/$challenge/ideas" --get --data limit=100 --data sort=most_supported \
        ${1:+--data-urlencode "q=$1"} ${cursor:+--data-urlencode "cursor=$cursor"})
    while read -r idea; do
        late=
        [ "$(member overdue <<<"$idea")" = true ] && late=' (overdue)'
        printf '%-9s %4s  %s%s  %s\n' "$(member number <<<"$idea")" "$(member supports <<<"$idea")" \
            "$(member status <<<"$idea")" "$late" "$(member title <<<"$idea")"
    done < <(sed 's/},{"id":/}\
{"id":/g' <<<"$page" | grep '"number"' || true)
    cursor=$(member next_cursor <<<"$(grep -o '"next_cursor":.*' <<<"$page")")
    [ -n "$cursor" ] && [ "$cursor" != null ] || break
done
