# shellcheck shell=bash
# Steps of one's own are never carried out here: the run says so and fails, which is what the
# commands on runs need.
az acr task create --registry "$registry" --name interop --cmd "alpine echo hello" --context /dev/null \
  --schedule "0 5 * * *" --output none
expect "task list" "$(az acr task list --registry "$registry" --query "[?name=='interop'].name")" interop
expect "task show" "$(az acr task show --registry "$registry" --name interop --query step.type)" EncodedTask
timer=$(az acr task show --registry "$registry" --name interop --query 'trigger.timerTriggers[0].name')
az acr task timer update --registry "$registry" --name interop --timer-name "$timer" --schedule "30 6 * * *" --output none
expect "the timer" "$(az acr task timer list --registry "$registry" --name interop --query '[0].schedule')" "30 6 * * *"
az acr task update --registry "$registry" --name interop --status Disabled --output none
expect "a disabled task" "$(az acr task show --registry "$registry" --name interop --query status)" Disabled
az acr task update --registry "$registry" --name interop --status Enabled --cmd "alpine echo bye" --output none
expect "an enabled task" "$(az acr task show --registry "$registry" --name interop --query status)" Enabled

# Its output is the run's log; how it ends is asked below.
az acr task run --registry "$registry" --name interop >log 2>&1 || true
grep -q "does not carry out the task 'interop'" log || fail "the run did not say why it failed: $(cat log)"
run=$(az acr task list-runs --registry "$registry" --name interop --top 1 --query '[0].runId')
az acr task logs --registry "$registry" --run-id "$run" >log 2>&1 || true
grep -q "$run" log || fail "the log of the run $run cannot be read: $(cat log)"
expect "list-runs" "$(az acr task list-runs --registry "$registry" --name interop --query '[].runId')" "$run"
expect "the run's end" "$(az acr task show-run --registry "$registry" --run-id "$run" --query status)" Failed
refused "has ended" az acr task cancel-run --registry "$registry" --run-id "$run"
az acr task delete --registry "$registry" --name interop --yes --output none
