#!/usr/bin/env bash
# Installs those of the named Debian packages that are missing; with none missing it does nothing and needs no network.
set -euo pipefail

is_there() {
  case "$1" in
    libyaml-dev) [ -e /usr/include/yaml.h ] ;;
    zlib1g-dev) [ -e /usr/include/zlib.h ] ;;
    libzstd-dev) [ -e /usr/include/zstd.h ] ;;
    libcrypt-dev) [ -e /usr/include/crypt.h ] ;;
    fonts-dejavu-core) [ -d /usr/share/fonts/truetype/dejavu ] ;;
    libjs-dygraphs) [ -e /usr/share/javascript/dygraphs/dygraph.min.js ] ;;
    python3-venv) python3 -c 'import ensurepip, venv' ;;
    python3-torch | python3-torchvision) /usr/bin/python3 -c "import ${1#python3-}" ;;
    pkg-config) command -v pkg-config ;;
    golang-go) command -v go ;;
    binutils) command -v readelf ;;
    systemd) command -v systemd-analyze ;;
    golang-github-prometheus-client-golang-dev) [ -d /usr/share/gocode/src/github.com/prometheus/client_golang ] ;;
    libsimdjson-dev) [ -e /usr/include/simdjson.h ] ;;
    libfast-float-dev) [ -e /usr/include/fast_float/fast_float.h ] ;;
    prometheus-cpp-dev) [ -e /usr/include/prometheus/exposer.h ] ;;
    ceph-grafana-dashboards) [ -e /etc/grafana/dashboards/ceph-dashboard/ceph-cluster.json ] ;;
    ceph-prometheus-alerts) [ -e /etc/prometheus/ceph/ceph_default_alerts.yml ] ;;
    prometheus) command -v prometheus && command -v promtool ;;
    victoria-metrics) command -v vmalert ;;
    *) command -v "$1" ;;
  esac >/dev/null 2>&1
}

missing=()
for package in "$@"; do
  is_there "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "missing: ${missing[*]}; no apt-get here, please install them" >&2
  exit 1
fi
sudo=()
if [ "$(id -u)" -ne 0 ]; then sudo=(sudo); fi
echo "installing ${missing[*]}"
"${sudo[@]}" apt-get update -qq
# The servers are not to be started as services by their installation.
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
