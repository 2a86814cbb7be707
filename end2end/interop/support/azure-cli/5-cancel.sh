# shellcheck shell=bash
# A run that is at work: the trigger of continuous patching, which pauses for half a minute after the
# tenth of its images.
layout cancelled v1 cancelled >/dev/null
for number in $(seq 12); do
  skopeo copy --quiet --dest-creds "$DRYDOCK_REGISTRY_USER:$DRYDOCK_REGISTRY_PASSWORD" \
    oci:cancelled:v1 "docker://$DRYDOCK_LOGIN_SERVER/interop/cancelled:1.$number"
done
policy='{"version":"v1","tag-convention":"incremental","repositories":[{"repository":"interop/cancelled","tags":["*"],"enabled":true}]}'
console create_workflow registry="$registry" policy="$policy" days=7 at=03:00 >/dev/null

# The client names the run in a warning, and prints nothing.
queued=$(AZURE_CORE_ONLY_SHOW_ERRORS=false az acr task run --registry "$registry" \
  --name cssc-trigger-workflow --no-wait 2>&1)
run=${queued##*Queued a run with ID: }
status() { az acr task show-run --registry "$registry" --run-id "$run" --query status; }
# Each question takes the client a second: no other pause is needed.
until_run_is() {
  local seen
  for _ in $(seq 20); do
    seen=$(status)
    [ "$seen" = "$1" ] && return
  done
  fail "the run $run was to become $1, and is $seen"
}
until_run_is Running
expect "the runs at work" \
  "$(az acr task list-runs --registry "$registry" --run-status Running --name cssc-trigger-workflow --query '[].runId')" "$run"
az acr task cancel-run --registry "$registry" --run-id "$run" --output none
until_run_is Canceled
# The log of a cancelled run ends as well: the client would follow it for an hour otherwise.
ended=0
timeout 120 az acr task logs --registry "$registry" --run-id "$run" >log 2>&1 || ended=$?
[ "$ended" -ne 124 ] || fail "the log of the cancelled run $run does not end: $(cat log)"
grep -q "$run was canceled" log || fail "the log does not say that the run $run was cancelled: $(cat log)"

console delete_workflow registry="$registry" confirmation="$registry" >/dev/null
expect "the tasks that are left" "$(az acr task list --registry "$registry" --query '[].name')" ""
az acr repository delete --name "$registry" --repository interop/cancelled --yes --output none
