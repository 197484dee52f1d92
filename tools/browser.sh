#!/usr/bin/env bash
# Installs what the page checks need, and nothing that is there already:
# a Chromium with fonts and minisign (by apt-get, as root or with sudo) and the checkers of tests/browser/package-lock.json (by npm).
set -euo pipefail
cd "$(dirname "$0")/.."

found() {
  for name in "${PEMBINAAN_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    if [ -n "$name" ] && command -v "$name" > /dev/null; then return 0; fi
  done
  return 1
}

# Runs a command as root, where we may become root without being asked for a password.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
  command -v apt-get > /dev/null && as_root true 2> /dev/null
}

install() {
  may_install || {
    echo "tools/browser.sh: $* is missing and cannot be installed from here; install it and run this again" >&2
    exit 1
  }
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 -y --no-install-recommends install "$@"
}

found || install chromium fonts-noto-core
command -v npm > /dev/null || install nodejs npm
# Signed releases are tested where the program is.
command -v minisign > /dev/null || install minisign

# npm trusts the certificates of the system, as apt and pip do.
bundle=/etc/ssl/certs/ca-certificates.crt
if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -f "$bundle" ]; then export NODE_EXTRA_CA_CERTS="$bundle"; fi

# npm keeps no record that survives a change of the lock, so a copy of the lock beside the modules is that record.
checkers=tests/browser
installed=$checkers/node_modules/.installed-lock.json
if ! cmp -s "$checkers/package-lock.json" "$installed"; then
  npm --prefix "$checkers" ci --loglevel=error
  cp "$checkers/package-lock.json" "$installed"
fi
echo "tools/browser.sh: browser and page checkers are in place"
