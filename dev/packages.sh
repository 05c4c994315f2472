# SPDX-License-Identifier: Apache-2.0
# The packages that building and testing need on Debian 12 and 13, and how the missing ones are installed.  Sourced by run and test.
BUILD_PACKAGES="gcc libc6-dev dpkg-dev pkg-config meson ninja-build libssl-dev libsodium-dev libfyaml-dev libuv1-dev libjansson-dev netcat-openbsd"
TEST_PACKAGES="clang lld tcc libcmocka-dev python3 nginx-light redis-server redis-tools curl g++ cmake make zlib1g-dev libzstd-dev scdoc man-db groff-base shellcheck spin dnsmasq-base bind9-dnsutils libclang-rt-dev valgrind libargon2-1 libgcrypt20 iproute2 nftables iptables libnetfilter-queue-dev postgresql python3-jsonschema python3-yaml"
BENCH_PACKAGES="python3 stunnel4 openssl"

missing_packages() {
	for package in "$@"; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || printf '%s ' "$package"
	done
}

# Lists what is missing, asks if somebody is there to answer, installs.  A Debian package starts no service that we need.
install_packages() {
	command -v dpkg-query >/dev/null 2>&1 || { echo "$0: not a Debian system; please install: $*" >&2; return 0; }
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	echo "To be installed with apt: $missing"
	as_root=""
	if [ "$(id -u)" != 0 ]; then
		as_root=sudo
		command -v sudo >/dev/null 2>&1 || { echo "$0: please run as root: apt-get install $missing" >&2; exit 1; }
	fi
	if [ -t 0 ] && [ -t 1 ]; then
		printf 'Go on? [Y/n] '
		read -r answer
		case $answer in [nN]*) exit 1 ;; esac
	fi
	# shellcheck disable=SC2086
	{ $as_root apt-get update -q >/dev/null || true; } && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
		--no-install-recommends $missing >/dev/null || { echo "$0: apt could not install: $missing" >&2; exit 1; }
}
