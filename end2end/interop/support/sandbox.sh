# Sourced by the scripts beside this folder: a sandbox, and the environment that points clients at it.
# Usage of each: SCRIPT DRYDOCK, with the path of the binary to try.
set -euo pipefail

readonly SKIPPED=77
cache="${XDG_CACHE_HOME:-$HOME/.cache}/drydock"

# Ends this script without a verdict: the client is not here and cannot be installed.
skip() {
  echo "skipped: $*" >&2
  exit "$SKIPPED"
}

fail() {
  echo "failed: $*" >&2
  exit 1
}

# expect WHAT ACTUAL EXPECTED
expect() {
  [ "$2" = "$3" ] || fail "$1: expected '$3', and it is '$2'"
}

# refused WORDS COMMAND...: the command has to fail, and to say these words.
refused() {
  local words=$1 output
  shift
  if output=$("$@" 2>&1); then fail "$* was not refused"; fi
  case "$output" in
    *"$words"*) ;;
    *) fail "$* was refused without the words '$words': $output" ;;
  esac
}

# What a script started beside Drydock, by process id.
background=()

stop_drydock() {
  kill "$drydock_pid" 2>/dev/null || true
  wait "$drydock_pid" 2>/dev/null || true
  exec 9<&-
  drydock_pid=
}

stop_everything() {
  local status=$?
  [ ${#background[@]} -eq 0 ] || kill "${background[@]}" 2>/dev/null || true
  if [ -n "${drydock_pid:-}" ]; then
    stop_drydock
    if [ "$status" -ne 0 ] && [ "$status" -ne "$SKIPPED" ]; then
      echo "--- the last lines of Drydock's log" >&2
      tail -n 20 "$scratch/log" >&2
    fi
  fi
  rm -rf "$scratch"
}

# Starts DRYDOCK on free ports, on the data directory INTEROP_DATA, with more options if given some.
start_drydock() {
  rm -f "$scratch/out" "$scratch/session"
  mkfifo "$scratch/out"
  "$drydock" serve --listen 127.0.0.1:0 --sandbox-listen 127.0.0.1:0 --data "$INTEROP_DATA" \
    "${serve_options[@]}" >"$scratch/out" 2>>"$scratch/log" &
  drydock_pid=$!
  # It says where it is once it answers; the descriptor stays open for what it says later.
  exec 9<"$scratch/out"
  read -r _ <&9 || fail "Drydock did not start: $(cat "$scratch/log")"
}

# Points the clients of this shell at the sandbox, as a person would.
evaluate_environment() {
  eval "$("$drydock" sandbox env --data "$INTEROP_DATA")"
}

# use_sandbox DRYDOCK [OPTION...]: starts it with a data directory of its own, unless INTEROP_DATA
# names that of one that runs, and points the clients at it. HOME is scratch from here on.
use_sandbox() {
  drydock=$(realpath "${1:?usage: $0 DRYDOCK, the binary to try}")
  serve_options=("${@:2}")
  [ ${#serve_options[@]} -gt 0 ] || serve_options=(--no-samples)
  scratch=$(mktemp -d)
  trap stop_everything EXIT
  if [ -z "${INTEROP_DATA:-}" ]; then
    INTEROP_DATA="$scratch/data"
    start_drydock
  fi
  evaluate_environment
  # Each script signs in by itself.
  export AZURE_CONFIG_DIR="$scratch/azure" DOCKER_CONFIG="$scratch/docker" HOME="$scratch/home"
  mkdir -p "$AZURE_CONFIG_DIR" "$DOCKER_CONFIG" "$HOME"
  cd "$scratch"
}

# ask_console PATH [CURL OPTION...]: as a browser that a sign-in link signed in.
ask_console() {
  local url
  url=$(cat "$INTEROP_DATA/console.url")
  if [ ! -e "$scratch/session" ]; then
    curl --silent --show-error --fail --output /dev/null --cookie-jar "$scratch/session" \
      "$("$drydock" link --data "$INTEROP_DATA")"
  fi
  curl --silent --show-error --fail-with-body --cookie "$scratch/session" --header "Origin: $url" \
    "${@:2}" "$url$1"
}

# console FUNCTION NAME=VALUE...: calls a server function as the console's pages do; prints the answer.
console() {
  local fields=() field
  for field in "${@:2}"; do fields+=(--data-urlencode "$field"); done
  ask_console "/api/$1" --request POST --header "Accept: application/json" "${fields[@]}"
}

# layout FOLDER TAG TEXT: an OCI image of one layer, whose content follows from TEXT.
layout() {
  python3 "$interop/support/layout.py" "$@"
}

# python_client NAME VERSION: a virtual environment in the cache, installed once. Prints its bin.
python_client() {
  local name=$1 version=$2 folder="$cache/$1-$2"
  if [ ! -e "$folder/installed" ]; then
    command -v python3.11 >/dev/null || skip "$name needs python3.11"
    echo "installing $name $version into $folder; this is done once" >&2
    rm -rf "$folder"
    { python3.11 -m venv "$folder" && "$folder/bin/pip" install --quiet "$name==$version"; } >&2 \
      || skip "pip cannot install $name $version"
    touch "$folder/installed"
  fi
  echo "$folder/bin"
}

interop=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
