# shellcheck shell=bash
# Another registry on this machine, Debian's docker-registry, is where the image comes from.
if command -v docker-registry >/dev/null; then
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  cat >registry.yml <<CONFIG
version: 0.1
storage: {filesystem: {rootdirectory: $scratch/registry}}
http: {addr: "127.0.0.1:$port"}
CONFIG
  docker-registry serve registry.yml >registry.log 2>&1 &
  background+=($!)
  digest=$(layout source v1 source)
  curl --silent --fail --retry 50 --retry-connrefused --retry-delay 1 --output /dev/null "http://127.0.0.1:$port/v2/"
  skopeo copy --quiet --preserve-digests --dest-tls-verify=false oci:source:v1 "docker://127.0.0.1:$port/upstream/app:v1"
  az acr import --name "$registry" --source "127.0.0.1:$port/upstream/app:v1" --image imported/app:v1 --output none
  expect "the imported digest" \
    "$(az acr manifest list-metadata --registry "$registry" --name imported/app --query '[0].digest')" "$digest"
  refused exists az acr import --name "$registry" --source "127.0.0.1:$port/upstream/app:v1" --image imported/app:v1
  az acr repository delete --name "$registry" --repository imported/app --yes --output none
else
  echo "left out: import, whose source is Debian's docker-registry, which is not installed" >&2
fi
