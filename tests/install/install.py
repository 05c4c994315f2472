# SPDX-License-Identifier: Apache-2.0
"""Goal: what `meson install` installs is whole and can be used: each header by itself in C and C++, the library through
pkg-config and CMake, shared and static, with the public names in it and no other one."""
import glob
import os
import re
import shutil

from destination import HEADERS, SOURCE, call, compiler, declared, destination, options, sanitizers
from support import Scene, Skip, case, check, contains, main, needs, run

HERE = os.path.dirname(os.path.abspath(__file__))
STRICT = ("-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only")


def version():
    return run("--version", status=0)[1].split()[1]


def has(kind):
    """Skips what needs a KIND of library that this build was told not to make."""
    if options()["default_library"] not in (kind, "both"):
        raise Skip(f"this build makes no {kind} library (default_library={options()['default_library']})")


def pkg_config(*arguments):
    where = destination()
    return call("pkg-config", "--define-variable=prefix=" + where.prefix, *arguments, "seccomm",
                env={"PKG_CONFIG_PATH": where.path("libdir", "pkgconfig")}).split()


def compile_and_run(scene, source, flags, *arguments, command=None):
    """Builds SOURCE of this folder with FLAGS and runs it: its standard output."""
    out = scene.path("consumer")
    call(command or compiler(), "-Wall", "-Werror", *sanitizers(), os.path.join(HERE, source), "-o", out, *flags)
    return call(out, *arguments, env={"LD_LIBRARY_PATH": destination().path("libdir")})


@case("what is installed, and nothing else")
def everything():
    prefix, libdir, bindir = (options()[name] for name in ("prefix", "libdir", "bindir"))
    expected = {f"{bindir}/seccomm", f"{libdir}/pkgconfig/seccomm.pc", "lib/systemd/system/seccomm@.service",
                "lib/sysusers.d/seccomm.conf", "lib/tmpfiles.d/seccomm.conf"}
    expected |= {f"{options()['includedir']}/{header}" for header in HEADERS}
    expected |= {f"{libdir}/cmake/seccomm/{name}.cmake" for name in ("seccommConfig", "seccommConfigVersion")}
    examples = glob.glob("**/*.yaml", root_dir=os.path.join(SOURCE, "conf"), recursive=True)
    expected |= {f"{options()['datadir']}/doc/seccomm/examples/{name}" for name in examples}
    expected |= {f"{options()['datadir']}/bash-completion/completions/seccomm"}
    kinds = options()["default_library"]
    expected |= {f"{libdir}/libseccomm.a"} if kinds != "shared" else set()
    expected |= {f"{libdir}/libseccomm.so{end}" for end in ("", ".0", "." + version())} if kinds != "static" else set()
    found = {os.path.relpath(os.path.join(destination().root, path), destination().root + prefix) for path in destination().files()}
    manuals = {path for path in found if path.startswith(options()["mandir"])}
    check(found - manuals == expected, f"missing: {sorted(expected - found)}\nunexpected: {sorted(found - manuals - expected)}")
    check(len(manuals) in (0, 4), f"{manuals}")


def each_header(language, *compilers):
    needs(*compilers)
    for header in HEADERS:
        for command in compilers:
            call(command, "-x", *language, *STRICT, "-include", destination().path("includedir", header), "/dev/null")


@case("each header alone is C17")
def headers_c():
    each_header(("c", "-std=c17"), "gcc", "clang")


@case("each header alone is C++17")
def headers_cpp():
    each_header(("c++", "-std=c++17"), "g++", "clang++")


@case("an application in C, through pkg-config")
def consumer():
    has("shared")
    with Scene() as scene:
        check(pkg_config("--modversion") == [version()], "pkg-config tells another version than the program")
        contains(compile_and_run(scene, "consumer.c", pkg_config("--cflags", "--libs"), version()), "^there and back$")
        linked = call("readelf", "-d", scene.path("consumer"))
        contains(linked, r"NEEDED.*\[libseccomm\.so\.\d+\]")


@case("an application in C, with the static library")
def consumer_static():
    has("static")
    with Scene() as scene:
        flags = [f.replace("-lseccomm", "-l:libseccomm.a") for f in pkg_config("--static", "--cflags", "--libs")]
        contains(compile_and_run(scene, "consumer.c", flags, version()), "^there and back$")
        check("libseccomm" not in call("readelf", "-d", scene.path("consumer")), "it was linked with the shared library")


@case("an application in C++")
def consumer_cpp():
    needs("g++")
    with Scene() as scene:
        contains(compile_and_run(scene, "headers.cpp", ["-std=c++17", *pkg_config("--cflags", "--libs")],
                                 command=cpp_compiler()), "^done$")


def cpp_compiler():
    return "clang++" if "clang" in compiler() else "g++"


def cmake(scene, prefix, wanted):
    """Configures and builds CMakeLists.txt against what is at PREFIX; negative: CMake found no package that it wants."""
    flags = " ".join(sanitizers())
    return call("cmake", "-S", HERE, "-B", scene.path("cmake"), "-DCMAKE_PREFIX_PATH=" + prefix, "-DWANTED=" + wanted,
                "-DCMAKE_C_COMPILER=" + compiler(), "-DCMAKE_CXX_COMPILER=" + cpp_compiler(), "-DCMAKE_C_FLAGS=" + flags,
                "-DCMAKE_CXX_FLAGS=" + flags, status=None if wanted != version() else 0)


def cmake_consumer(scene, prefix):
    cmake(scene, prefix, version())
    call("cmake", "--build", scene.path("cmake"))
    contains(call(scene.path("cmake", "consumer"), version()), "^there and back$")
    call(scene.path("cmake", "headers"))
    return call("readelf", "-d", scene.path("cmake", "consumer"))


@case("an application through CMake's find_package")
def consumer_cmake():
    has("shared")
    needs("cmake", "g++")
    with Scene() as scene:
        contains(cmake_consumer(scene, destination().prefix), "NEEDED.*libseccomm")


@case("the same where only the static library is installed, and the whole was moved")
def consumer_cmake_static():
    has("static")
    needs("cmake", "g++")
    with Scene() as scene:
        moved = shutil.copytree(destination().prefix, scene.path("moved"), symlinks=True)
        for shared in glob.glob(os.path.join(moved, options()["libdir"], "libseccomm.so*")):
            os.remove(shared)
        check("libseccomm" not in cmake_consumer(scene, moved), "a library was linked that is not there")


@case("CMake refuses a version that is not compatible")
def cmake_version():
    needs("cmake", "g++")
    first, second, *_ = version().split(".")
    for wanted, good in ((f"{first}.{second}", True), (f"{first}.{int(second) + 1}", False), (f"{int(first) + 1}", False)):
        with Scene() as scene:
            done = "Configuring done" in cmake(scene, destination().prefix, wanted)
            check(done == good, f"{wanted} for {version()}: {'taken' if done else 'refused'}")


@case("the shared library has the public names and no other one")
def names():
    has("shared")
    listed = call("nm", "-D", "--defined-only", "--format=posix", destination().path("libdir", "libseccomm.so"))
    exported = {line.split()[0] for line in listed.splitlines()}
    public = declared()
    check(len(public) > 100, f"only {len(public)} functions were found in the headers")
    check(exported == public, f"not public: {sorted(exported - public)}\nnot exported: {sorted(public - exported)}")
    contains(call("readelf", "-d", destination().path("libdir", "libseccomm.so")), r"SONAME.*\[libseccomm\.so\.\d+\]")


@case("the archive has machine code and no compiler's intermediate code")
def archive():
    has("static")
    path = destination().path("libdir", "libseccomm.a")
    sections = call("readelf", "-SW", path)
    contains(sections, r"\.text")
    check(sections.count("Section Headers:") == len(call("ar", "t", path).splitlines()), "a member of the archive is no machine code")
    check(not re.search(r"\.gnu\.lto|\.llvmbc|\.llvm\.lto", sections), "intermediate code is in the archive")


@case("the installed program runs")
def installed_program():
    check(call(destination().path("bindir", "seccomm"), "--version") == f"seccomm {version()}\n", "another version")


main()
