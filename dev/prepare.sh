# SPDX-License-Identifier: Apache-2.0
# How the directories that tests run in are built: with line numbers, but no variables, for a debugger.  Sourced by test and dev/deep.

prepare() { # directory, compiler, options...
	directory=$1 compiler=$2
	shift 2
	mkdir -p "$directory"
	[ -f "$directory/build.ninja" ] ||
		CC=$compiler CFLAGS=-g1 LDFLAGS="-fuse-ld=lld ${LDFLAGS:-}" meson setup "$directory" -Dtests=enabled -Db_lto=false "$@" >"$directory/setup.log" 2>&1 || {
		cat "$directory/setup.log"
		return 1
	}
	ninja -C "$directory" >"$directory/build.log" 2>&1 || { cat "$directory/build.log"; return 1; }
	rm -f "$directory/meson-logs/testlog.junit.xml"
}

# With sanitizers -O1 compiles in two thirds of the time of -O2, and what it makes is as fast.
prepare_sanitized() {
	prepare build-test gcc --buildtype=debugoptimized -Doptimization=1 --werror -Db_sanitize=address,undefined
}

prepare_fuzz() {
	prepare build-fuzz clang --buildtype=debugoptimized -Doptimization=1 -Db_sanitize=address,undefined -Db_lundef=false -Dfuzzing=true --werror
}
