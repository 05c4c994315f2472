# SPDX-License-Identifier: Apache-2.0
"""Goal: a module that may not be loaded, or that is not what it must be, is refused with the reason and what to do; one whose file
others could change is refused before any of it runs."""
import os
import shutil
import socket
import subprocess

from building import example, odd
from support import Scene, Skip, case, check, contains, environment, find, main, needs, program, run

NOBODY, SOMEBODY = 65534, 1  # users that are not root


def refused(path, *parts):
    """`list` ends with 2, and tells PARTS about PATH; nothing is listed."""
    _, out, error = run("list", "micro-protocols", "--module", path, status=2)
    check(not out, f"something was listed:\n{out}")
    contains(error, "^seccomm: ", *parts)


class Folder(Scene):
    """A scene with a module in it that says whether any of it has run."""

    def __enter__(self):
        super().__enter__()
        os.chmod(self.folder, 0o755)
        self.mark = self.path("mark")
        self.module = shutil.copy(odd(f'MARK="{self.mark}"'), self.path("m.so"))
        os.chmod(self.module, 0o755)
        return self

    def untouched(self, *parts, path=None):
        refused(path or self.module, *parts)
        check(not os.path.exists(self.mark), "it was loaded")


# ---- The file ----------------------------------------------------------------------------------------------------------


@case("the good one that the others are made from is loaded")
def good():
    with Folder() as scene:
        run("list", "micro-protocols", "--module", scene.module, status=0)
        check(os.path.exists(scene.mark), "it was not loaded")


@case("there is no such file; a folder; a pipe, a socket and a device")
def no_file():
    with Folder() as scene:
        scene.untouched(r"none\.so: No such file", path=scene.path("none.so"))
        scene.untouched("not a regular file", "help: give the path of a shared object", path=scene.folder)
        os.mkfifo(scene.path("pipe"))
        scene.untouched("pipe: not a regular file", path=scene.path("pipe"))
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(scene.path("socket"))
            scene.untouched("socket: ", path=scene.path("socket"))
        scene.untouched("/dev/null: not a regular file", path="/dev/null")


@case("the group, or everybody, can write to it; also when it is reached by a link")
def writable():
    with Folder() as scene:
        for mode in (0o775, 0o757, 0o777):
            os.chmod(scene.module, mode)
            scene.untouched(rf"others can change what it does \(mode {mode:04o}\)", "help: chmod go-w")
        os.symlink(scene.module, scene.path("link.so"))
        scene.untouched("link.so: others can change what it does", path=scene.path("link.so"))
        os.chmod(scene.module, 0o444)
        run("list", "micro-protocols", "--module", scene.path("link.so"), status=0)


@case("the group, or everybody, can put another one in its place, unless the folder is sticky")
def folder_writable():
    with Folder() as scene:
        os.symlink(scene.module, "/".join((scene.folder, "link.so")))
        for mode in (0o775, 0o757, 0o777):
            os.chmod(scene.folder, mode)
            for path in (scene.module, os.path.join(scene.folder, "link.so")):
                scene.untouched(rf"others can put another file in its place: its folder {scene.folder} has mode {mode:04o}", path=path)
        os.chmod(scene.folder, 0o1777)
        run("list", "micro-protocols", "--module", scene.module, status=0)
        os.chmod(scene.folder, 0o755)


@case("a link from a good folder into a bad one is a file in the bad one")
def link_into_bad():
    with Folder() as scene:
        bad = scene.path("bad")
        os.mkdir(bad)
        os.chmod(bad, 0o777)
        shutil.move(scene.module, bad)
        os.symlink(os.path.join(bad, "m.so"), scene.module)
        scene.untouched(f"its folder {bad} has mode 0777")


@case("a link in a bad folder to a file in a good one is what others can turn to another file")
def link_out_of_bad():
    with Folder() as scene:
        bad = scene.path("bad")
        os.mkdir(bad)
        os.chmod(bad, 0o777)
        os.symlink(scene.module, os.path.join(bad, "m.so"))
        scene.untouched(f"its folder {bad} has mode 0777", path=os.path.join(bad, "m.so"))


@case("a file without a folder in its name is in this one")
def bare_name():
    with Folder() as scene:
        run("list", "micro-protocols", "--module", "m.so", status=0, cwd=scene.folder)
        os.chmod(scene.folder, 0o777)
        contains(run("list", "micro-protocols", "--module", "m.so", status=2, cwd=scene.folder)[2], r"m\.so: others can .* its folder \. has mode 0777")
        os.chmod(scene.folder, 0o755)


def as_root():
    if os.geteuid() != 0:
        raise Skip("only root can give files to other users")


@case("it, or its folder, belongs to another user")
def foreign():
    as_root()
    with Folder() as scene:
        os.chown(scene.module, SOMEBODY, SOMEBODY)
        scene.untouched(rf"it belongs to another user \({SOMEBODY}\)", "help: take a copy")
        os.chown(scene.module, 0, 0)
        os.chown(scene.folder, SOMEBODY, SOMEBODY)
        scene.untouched(f"its folder {scene.folder} belongs to another user")
        os.chown(scene.folder, 0, 0)


def as_nobody(scene, *arguments):
    """The program as an ordinary user, who can read it."""
    copy = scene.path("seccomm")
    if not os.path.exists(copy):
        shutil.copy(program(), copy)
        os.chmod(copy, 0o755)
    env = environment() | {"HOME": "/nonexistent"}
    env.pop("RUNTIME_DIRECTORY")
    done = subprocess.run([copy, *arguments], user=NOBODY, group=NOBODY, extra_groups=[], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, env=env, cwd="/")
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


@case("an ordinary user loads what is root's or the user's own, and no other one's")
def ordinary():
    as_root()
    with Folder() as scene:
        for owner, mode, good in ((0, 0o755, True), (0, 0o775, False), (NOBODY, 0o700, True), (SOMEBODY, 0o755, False)):
            os.chown(scene.module, owner, owner)
            os.chmod(scene.module, mode)
            status, text = as_nobody(scene, "explain", "odd:one", "--module", scene.module)
            check((status == 0) == good, f"owner {owner}, mode {mode:o}: status {status}\n{text}")
            contains(text, "of module +odd 1.0" if good else "belongs to another user|others can change")


@case("a program with capabilities of its own gives them to no module of its user")
def capabilities():
    as_root()
    needs("setcap")
    with Folder() as scene:
        as_nobody(scene, "--version")
        set_up = subprocess.run([find("setcap"), "cap_net_bind_service+ep", scene.path("seccomm")], stderr=subprocess.PIPE)
        if set_up.returncode:
            raise Skip("this file system has no capabilities")
        for owner, good in ((0, True), (NOBODY, False)):
            os.chown(scene.module, owner, owner)
            status, text = as_nobody(scene, "explain", "odd:one", "--module", scene.module)
            check((status == 0) == good, f"owner {owner}: status {status}\n{text}")
            contains(text, "of module +odd 1.0" if good else "a program with capabilities of its own loads only what belongs to root")


# ---- What is in it -----------------------------------------------------------------------------------------------------


@case("it is no shared object")
def no_object():
    with Folder() as scene:
        refused(scene.write("text.so", "seccomm: 1\n", 0o644), "text.so: it cannot be loaded: ", "help: it must be a shared object")
        with open(odd(), "rb") as whole:
            module = whole.read()
        for length in (4096, 9000, len(module) // 2):
            path = scene.path("cut.so")
            with open(path, "wb") as cut:
                cut.write(module[:length])
            os.chmod(path, 0o644)
            refused(path, "cut.so", "it is cut off", "help: build it again")
        refused(scene.write("empty.so", "", 0o644), "empty.so: it cannot be loaded: file too short")


@case("it wants a function that is not there")
def undefined():
    path = odd("WANTS=cactus_no_such_thing")
    refused(path, "cannot be loaded: undefined symbol: cactus_no_such_thing", "help: it wants what this program does not have")


def module_fault(define, *parts):
    refused(odd("MODULE=" + define), *parts)


@case("it exports no seccomm_module")
def no_symbol():
    refused(odd("SYMBOL=another"), "it exports no seccomm_module", "help: a module defines a constant of this name")


@case("another ABI, another size of the structure, other sizes of what is shared")
def shapes():
    module_fault(".abi=2", "its ABI is 2, and that of this seccomm is 1", "help: build it again, with the headers of this seccomm")
    module_fault(".abi=0", "its ABI is 0")
    module_fault(".struct_size=sizeof(struct seccomm_module)+8", r"its seccomm_module has \d+ bytes, of which this seccomm knows \d+: it was built for a newer one")
    module_fault(".struct_size=16", r"its seccomm_module has 16 bytes of \d+", "help: begin it with SECCOMM_MODULE_HEAD")
    module_fault(".sizes[0]=8", r"struct cactus_mp has 8 bytes in it, and \d+ in this seccomm")
    module_fault(".sizes[8]=sizeof(struct seccomm_mp)+8", r"struct seccomm_mp has \d+ bytes in it")
    module_fault(".sizes[9]=0", r"struct seccomm_self has 0 bytes in it")


@case("a compiler that lays structures out in another way")
def layout():
    refused(odd("-fshort-enums"), r"struct \w+ has \d+ bytes in it, and \d+ in this seccomm")


@case("no name or version, or not words; no tables")
def names():
    module_fault(".name=0", "it has no name", "help: give it one, of 1 to 31")
    for name in ("", "Odd", "an odd one", "-odd", "o" * 32, "odd/1", "odd@1", "ödd"):
        module_fault(f'.name="{name}"', "its name is not a word")
    module_fault(".version=0", "it has no version", "help: give it one, like 1.0")
    for version in ("", "1 0", "1/0", "1" * 32, "1\\n", ".1"):
        module_fault(f'.version="{version}"', "its version is not a word")
    module_fault(".tables=0", "it has no tables")
    refused(odd("TABLES=0"), "it has no tables", "NULL behind the last")


@case("a name that another one has: of the library, of another module, in the same module; the same module twice")
def clashes():
    def clash(define, *parts):
        refused(odd("TABLE=" + define), *parts)

    clash('.cactus.name="encrypt:des-cbc",.layer="encrypt",.word="des-cbc"', "its encrypt:des-cbc is called 'encrypt:des-cbc', as one is already",
          "help: give the micro-protocol a name of its own")
    clash('.paper="DESPrivacy"', "its odd:one is called 'DESPrivacy', as one is already")
    refused(odd("TABLES=&table,&table"), "its odd:one is called 'odd:one', as one is")
    other = odd('MODULE=.name="other"', name="other")
    _, out, error = run("list", "micro-protocols", "--module", other, "--module", odd(), status=2)
    contains(error, "its odd:one is called 'odd:one', as one is of module 'other'")
    _, out, error = run("list", "micro-protocols", "--module", odd(), "--module", odd(), status=2)
    contains(error, "a module 'odd' is loaded already: /", "help: load it once")


TABLES = {
    '.layer=0': "no layer and word",
    '.word="One"': "no layer and word",
    '.word="a:b"': "no layer and word",
    '.cactus.name=0': "must be called LAYER:WORD, 'odd:one'",
    '.cactus.name="odd:two"': "must be called LAYER:WORD, 'odd:one'",
    '.layer="odddddddddddddddddddddddddddddd",.word="twoooooooooooooooooooooooooo",'
    '.cactus.name="odddddddddddddddddddddddddddddd:twoooooooooooooooooooooooooo"': "more than 48 characters",
    '.cactus.summary=0': "no summary",
    '.paper="encrypt"': "a name of a paper",
    '.class_of=SECCOMM_KEY_CREATION': "does not go with its class",
    '.layer="establish",.cactus.name="establish:one"': "does not go with its class",
    '.class_of=77': "no class or standing",
    '.standing=77': "no class or standing",
    '.revision=0': "no revision",
    '.cactus.size=8': "a state of 8 bytes",
    '.cactus.size=1<<30': "a state of 1073741824 bytes",
    '.kind="aead"': "both kind and algorithm",
    '.cactus.up=0': "down and up go together",
    '.cactus.down=0,.cactus.up=0': "down and up if it is a layer",
    '.wire=0': "what it makes of a body",
    '.cactus.growth.block=100': "a block of 100 bytes, which is no power of two",
    '.cactus.growth.block=8192': "a block of 8192 bytes",
    '.gives=SECCOMM_GIVES_INTEGRITY': "must count",
    '.key_bytes=32': "must need a key",
    '.key_bytes=65': "a key of 65 bytes, and 64 are the most",
    '.max_bytes=4194303': "max_bytes of 4194303, which is less than 4194304",
    '.choice=CACTUS_AT(struct odd,number)': "a choice of algorithms",
}
ROWS = {
    "params": (("struct cactus_param", "params"), {
        '.name="Number",.doc="x.",.at=CACTUS_AT(struct odd,number),.max=9': "a parameter 'Number', which is not a word",
        '.name="key",.doc="x.",.at=CACTUS_AT(struct odd,number),.max=9': "a parameter 'key'",
        '.name="number",.doc="x.",.at=CACTUS_AT(struct odd,text),.kind=CACTUS_WORD': "no field of the right size for parameter 'number'",
        '.name="number",.doc="x.",.at={0,4},.max=9': "no field of the right size",
        '.name="number",.doc="x.",.at={4000,4},.max=9': "no field of the right size",
        '.name="number",.at=CACTUS_AT(struct odd,number),.max=9': "says nothing about its parameter",
        '.name="number",.doc="x.",.at=CACTUS_AT(struct odd,number),.min=3,.max=9': "a default of parameter 'number'",
        '.name="number",.doc="x.",.at=CACTUS_AT(struct odd,number),.max=1ull<<40': "too small",
        '.name="number",.doc="x.",.at=CACTUS_AT(struct odd,number),.kind=CACTUS_WORD': "no word for the default",
    }),
    "attributes": (("struct cactus_attribute", "attributes"), {
        '.name="colour",.bytes=4,.at=CACTUS_AT(struct odd,text)': "no field for the column of attribute 'colour'",
        '.name="colour",.at=CACTUS_AT(struct odd,column)': "an attribute 'colour' without a size",
        '.name="colour",.bytes=65537,.at=CACTUS_AT(struct odd,column)': "an attribute 'colour' of 65537 bytes, and 65536 are the most",
        '.name="colour",.bytes=4,.act=3,.at=CACTUS_AT(struct odd,column)': "an attribute 'colour' of no name, scope or act",
        '.name="colour",.bytes=4,.scope=4,.at=CACTUS_AT(struct odd,column)': "an attribute 'colour' of no name, scope or act",
        '.name="",.bytes=4,.at=CACTUS_AT(struct odd,column)': "an attribute '' of no name, scope or act",
    }),
    "needs": (("struct cactus_tie", "needs"), {
        '.capability="moon",.index={2,4}': "no number in its state that says which 'moon'",
        '.capability="key",.index=CACTUS_AT(struct seccomm_self,key)': "must need a key if it has key_bytes",
    }),
    "events": (("struct cactus_event_row", "events"), {
        '.event="openSession"': "binds nothing to event 'openSession'",
        '.event="keyReady_",.handler=pass': "binds nothing to event 'keyReady_'",
    }),
}


@case("a table without what a table needs")
def tables():
    for define, what in TABLES.items():
        refused(odd("TABLE=" + define), "its table '", what, "help: mend the table")


@case("rows of a table that nobody can work with")
def rows():
    for member, ((kind, field), faults) in ROWS.items():
        for row, what in faults.items():
            refused(odd(f"TABLE=.cactus.{field}=(const {kind}[]){{{{{row}}},{{0}}}}"), "its table 'odd:one'", what)


@case("every command that looks at tables refuses it, and the others have no such option")
def commands():
    bad = odd("MODULE=.abi=9")
    with Scene() as scene:
        scene.hosts()
        file = scene.write("c.yaml", "seccomm: 1\nsessions: {}\n")
        ends = ("--listen", "tcp:127.0.0.1:0", "--connect", "tcp:127.0.0.1:9", "--home", scene.client_home, "--peer", "db1")
        for command in (("check", file), ("explain", file), ("explain", "sign:ed25519"), ("list", "algorithms"), ("bench",),
                        ("bench", "--all", "--json"), ("run", "-c", file), ("client", *ends), ("server", *ends), ("client", *ends, "--print-config")):
            _, out, error = run(*command, "--module", bad, status=2)
            check(not out, f"{command} answered:\n{out}")
            contains(error, "its ABI is 9")
        for command in (("key", "gen", "x"), ("peer", "list"), ("status",), ("demo",)):
            contains(run(*command, "--module", example(), status=2)[2], "unknown option '--module'")
        contains(run("list", "micro-protocols", "--module", status=2)[2], "option '--module' wants a value: --module FILE")


main(parallel=2)
