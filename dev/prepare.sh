# SPDX-License-Identifier: Apache-2.0
# How the directories that tests run in are built.  Sourced by test and dev/deep.

prepare() { # directory, compiler, options...
	directory=$1 compiler=$2
	shift 2
	mkdir -p "$directory"
	[ -f "$directory/build.ninja" ] ||
		CC=$compiler meson setup "$directory" -Dtests=enabled -Db_lto=false "$@" >"$directory/setup.log" 2>&1 || {
		cat "$directory/setup.log"
		return 1
	}
	ninja -C "$directory" >"$directory/build.log" 2>&1 || { cat "$directory/build.log"; return 1; }
	rm -f "$directory/meson-logs/testlog.junit.xml"
}

prepare_fuzz() {
	prepare build-fuzz clang --buildtype=debugoptimized -Db_sanitize=address,undefined -Db_lundef=false -Dfuzzing=true
}
