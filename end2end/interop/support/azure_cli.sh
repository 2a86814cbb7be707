# shellcheck shell=bash
# Sourced after sandbox.sh by the scripts that drive the Azure CLI.
readonly AZURE_CLI_VERSION=2.84.0

# Puts the Azure CLI first in PATH, for a configuration folder that AZURE_CONFIG_DIR names.
find_azure_cli() {
  local bin
  bin=$(python_client azure-cli "$AZURE_CLI_VERSION")
  command -v skopeo >/dev/null || skip "skopeo, which pushes the images to work with, is not installed"
  export PATH="$bin:$PATH" AZURE_CORE_ONLY_SHOW_ERRORS=true AZURE_CORE_OUTPUT=tsv
}

# A configuration folder that is ready for a first command.
prepare_azure_cli() {
  local version=$AZURE_CLI_VERSION
  # Otherwise the first command asks the internet for the newest version.
  cat >"$AZURE_CONFIG_DIR/versionCheck.json" <<VERSION
{"versions": {"azure-cli": {"local": "$version", "pypi": "$version"}, "core": {"local": "$version", "pypi": "$version"}}, "update_time": "$(date '+%F %T.000000')"}
VERSION
  # Modules are loaded in threads, and now and then one loses the race: the index is built again.
  for _ in 1 2 3; do
    az acr --help >/dev/null 2>&1 && break
    rm -f "$AZURE_CONFIG_DIR/commandIndex.json"
  done
}
