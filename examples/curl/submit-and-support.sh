#!/usr/bin/env bash
# Signs a resident in, submits an idea, supports the newest public idea and takes that back again.
#
#   usage: submit-and-support.sh TITLE TEXT
#
# FOLKMOOT_URL and COUNCIL say where; EMAIL and PASSWORD who. Unless set, it is a resident of the demo.
set -euo pipefail
. "$(dirname "$0")/common.sh"
[ $# -eq 2 ] || die "usage: ${0##*/} TITLE TEXT"

# A string of JSON. Control characters are refused by the API, but for tab and new line.
quoted() {
    local text=${1//\\/\\\\}
    text=${text//\"/\\\"}
    text=${text//$'\n'/\\n}
    printf '"%s"' "${text//$'\t'/\\t}"
}
json='content-type: application/json'

# The password goes in on the standard input: what is on a command line can be read by everybody on the machine.
session=$(printf '{"email":%s,"password":%s}' "$(quoted "${EMAIL:-resident45@aldermoor.example}")" \
    "$(quoted "${PASSWORD:-seven herons over aldermoor-by-sea}")" | api POST /sessions --header "$json" --data @-)
# So does the token, which is as good as the password for ten minutes: curl reads headers from a file that we alone can read.
headers=$(mktemp)
trap 'rm -f "$headers"' EXIT
printf 'authorization: Bearer %s\n' "$(member access_token <<<"$session")" >"$headers"

challenge=$(api GET /challenges | grep -o '{"id":[^}]*"state":"open"[^}]*}' | head -n 1 | member id)
[ -n "$challenge" ] || die "$council has no challenge that runs"

# One key for one idea. If the reply is lost, send the same again with the same key: it is still submitted once.
key=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || date +%s-$$-$RANDOM)
idea=$(printf '{"title":%s,"body":%s}' "$(quoted "$1")" "$(quoted "$2")" |
    api POST "/challenges/$challenge/ideas" --header "@$headers" --header "$json" --header "idempotency-key: $key" --data @-)
echo "submitted as $(member number <<<"$idea"): $(member state <<<"$idea"), an answer is due before $(member answer_due_at <<<"$idea")"

newest=$(api GET "/challenges/$challenge/ideas?state=published&limit=1")
number=$(member number <<<"$newest")
[ -n "$number" ] || die "there is no public idea yet"
was=$(api GET "/me/state?ideas=$(grep -o '{"id":"[^"]*"' <<<"$newest" | member id)" --header "@$headers" | member supported)
# PUT and DELETE say how it shall be. Done twice, they change nothing more.
now=$(api PUT "/ideas/$number/support" --header "@$headers" --header "$json" --data '{}')
echo "$number is supported by $(member supports <<<"$now"), you among them"
if [ "$was" = true ]; then
    echo "you did so before, so it is left"
else
    now=$(api DELETE "/ideas/$number/support" --header "@$headers")
    echo "taken back: $number is supported by $(member supports <<<"$now")"
fi
