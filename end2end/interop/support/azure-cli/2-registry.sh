# shellcheck shell=bash
expect "acr list" "$(az acr list --query '[].name')" "$registry"
expect "acr show" "$(az acr show --name "$registry" --query loginServer)" "$DRYDOCK_LOGIN_SERVER"

token=$(az acr login --name "$registry" --expose-token --query accessToken)
digest=$(layout image v1 azure-cli)
here="$DRYDOCK_LOGIN_SERVER/interop/azure-cli"
for tag in v1 v2; do
  skopeo copy --quiet --preserve-digests --dest-creds "00000000-0000-0000-0000-000000000000:$token" oci:image:v1 "docker://$here:$tag"
done
az acr repository list --name "$registry" | grep -qx interop/azure-cli || fail "the repository is not listed"
expect "show-tags" "$(az acr repository show-tags --name "$registry" --repository interop/azure-cli | tr '\n' ' ')" "v1 v2 "
expect "show-tags, newest first" \
  "$(az acr repository show-tags --name "$registry" --repository interop/azure-cli --orderby time_desc --top 1)" v2
expect "manifest list-metadata" \
  "$(az acr manifest list-metadata --registry "$registry" --name interop/azure-cli --query '[].digest')" "$digest"

az acr repository update --name "$registry" --image interop/azure-cli:v1 --write-enabled false --output none
refused disallowed az acr repository untag --name "$registry" --image interop/azure-cli:v1
refused disallowed az acr repository delete --name "$registry" --repository interop/azure-cli --yes
az acr repository update --name "$registry" --image interop/azure-cli:v1 --write-enabled true --output none
az acr repository untag --name "$registry" --image interop/azure-cli:v1
expect "what is left" "$(az acr repository show-tags --name "$registry" --repository interop/azure-cli)" v2
az acr repository delete --name "$registry" --repository interop/azure-cli --yes --output none
! az acr repository list --name "$registry" | grep -qx interop/azure-cli || fail "the repository is still listed"

scope=$(az acr show --name "$registry" --query id)
az role assignment list --scope "$scope" --output none
