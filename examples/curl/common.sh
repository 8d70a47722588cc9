# What the scripts beside this one share; they read it with `.`, and it does nothing by itself.

url=${FOLKMOOT_URL:-http://127.0.0.1:8080}
council=${COUNCIL:-aldermoor}
base=$url/v1/councils/$council

die() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# The first value of a member of some JSON, with its quotes and escapes taken off. Good enough for ids, tokens and numbers;
# for anything else use a JSON parser.
member() { # NAME, JSON on the standard input
    grep -oE "\"$1\":(\"([^\"\\\\]|\\\\.)*\"|[^,}]*)" | head -n 1 | cut -d : -f 2- | sed 's/^"//; s/"$//; s/\\"/"/g' || true
}

# Calls the API and prints the body of the answer. A refusal ends the script with the problem's detail and each fault; nothing
# is tried again.
api() { # METHOD PATH [curl's own arguments]
    local method=$1 path=$2 answer status body
    shift 2
    answer=$(curl --silent --show-error --max-time 30 --request "$method" --write-out '\n%{http_code}' "$@" "$base$path") ||
        die "$url does not answer"
    status=${answer##*$'\n'}
    body=${answer%$'\n'*}
    case $status in
    2*) printf '%s\n' "$body" ;;
    *)
        echo "${0##*/}: $method $path was refused ($status): $(member detail <<<"$(sed 's/"errors":\[[^]]*\],\{0,1\}//' <<<"$body")")" >&2
        grep -o '"errors":\[[^]]*\]' <<<"$body" | grep -o '{[^}]*}' |
            while read -r fault; do echo "  $(member pointer <<<"$fault"): $(member detail <<<"$fault")" >&2; done
        return 1
        ;;
    esac
}
