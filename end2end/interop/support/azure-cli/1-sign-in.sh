# shellcheck shell=bash
az cloud register --name Drydock --endpoint-resource-manager "$DRYDOCK_SANDBOX_URL"
az cloud set --name Drydock
refused AADSTS7000215 az login --service-principal --username "$AZURE_CLIENT_ID" --password wrong \
  --tenant "$AZURE_TENANT_ID"
expect "the subscription of the person" \
  "$(az login --username "$DRYDOCK_USER" --password "$DRYDOCK_USER_PASSWORD" --query '[0].id')" "$AZURE_SUBSCRIPTION_ID"
expect "the person's registries" "$(az acr list --query '[].name')" "$registry"
az logout
expect "the subscription of the service principal" \
  "$(az login --service-principal --username "$AZURE_CLIENT_ID" --password "$AZURE_CLIENT_SECRET" \
    --tenant "$AZURE_TENANT_ID" --query '[0].id')" "$AZURE_SUBSCRIPTION_ID"
