"""What a job's code would try if it had any: attempts that must all come to nothing in a confined process."""

from __future__ import annotations

from typing import Final

_CALL = "call({})"

ATTEMPTS: Final[dict[str, str]] = {
    "read a password file": "open('/etc/passwd').read()",
    "read shadow": "open('/etc/shadow').read()",
    "read an own module": "open(os.__file__).read()",
    "list the root": "os.listdir('/')",
    "list root's home": "os.listdir('/root')",
    "write to tmp": "open('/tmp/escaped-escape', 'w')",
    "write to shared memory": "open('/dev/shm/escaped-escape', 'w')",
    "write where it stands": "open('escaped-escape', 'w')",
    "append to an own module": "open(os.__file__, 'a')",
    "make a folder": "os.mkdir('/tmp/escaped-folder')",
    "delete a module": "os.unlink(os.__file__)",
    "rename a module": "os.rename(os.__file__, '/tmp/os.py')",
    "make a symbolic link": "os.symlink('/etc/passwd', '/tmp/escaped-link')",
    "make a hard link": "os.link('/etc/passwd', '/tmp/escaped-hard')",
    "change a mode": "os.chmod('/tmp', 0o777)",
    "change an owner": "os.chown('/tmp', 0, 0)",
    "look at a file": "os.stat('/etc/passwd')",
    "follow a link": "os.readlink('/proc/self/exe')",
    "cut a file": "os.truncate(os.__file__, 0)",
    "ask about a disk": "os.statvfs('/')",
    "go elsewhere": "os.chdir('/tmp')",
    "change the root": "os.chroot('/tmp')",
    "open the memory device": "os.open('/dev/mem', os.O_RDONLY)",
    "make a pipe in the file system": "os.mkfifo('/tmp/escaped-fifo')",
    "make a file in memory": "os.memfd_create('x')",
    "read attributes": "os.getxattr('/etc/passwd', 'user.x')",
    "test access": "os.access('/etc/passwd', os.R_OK) or stop()",
    "make a device": "os.mknod('/tmp/escaped-null', 0o20666, os.makedev(1, 3))",
    "open a TCP socket": "socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
    "open a UDP socket": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "open an IPv6 socket": "socket.socket(socket.AF_INET6, socket.SOCK_STREAM)",
    "open a local socket": "socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)",
    "open a netlink socket": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "open a raw socket": "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
    "open a packet socket": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "open a vsock": "socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)",
    "make a pair of sockets": "socket.socketpair()",
    "ask for a name": "socket.getaddrinfo('localhost', 80)",
    "reach a port": "socket.create_connection(('127.0.0.1', 80), 1)",
    "read its environment from proc": "open('/proc/self/environ').read()",
    "read its maps": "open('/proc/self/maps').read()",
    "read the first process": "open('/proc/1/cmdline').read()",
    "write its own memory": "open('/proc/self/mem', 'r+b')",
    "read kernel settings": "open('/proc/sys/kernel/hostname').read()",
    "read devices": "os.listdir('/sys')",
    "reopen its input": "open('/proc/self/fd/0')",
    "fork": "os.fork() == 0 and os._exit(0) or True",
    "start a program": "subprocess.run(['/bin/true'], check=True)",
    "start a shell": "os.system('true') == 0 or stop()",
    "spawn": "os.posix_spawn('/bin/true', ['true'], {})",
    "become another program": "os.execv('/bin/true', ['true'])",
    "kill the first process": "os.kill(1, 9)",
    "kill its parent": "os.kill(os.getppid(), 9)",
    "kill everybody": "os.kill(-1, 0)",
    "become root": "os.setuid(0)",
    "become root's group": "os.setgid(0)",
    "join groups": "os.setgroups([0])",
    "raise its priority": "os.nice(-5)",
    "ask for real time": "os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))",
    "raise its memory limit": "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
    "raise its file limit": "resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))",
    "leave its session": "os.setsid()",
    "take eight gibibytes": "bytearray(8 << 30)",
    "map sixty-four gibibytes": "mmap.mmap(-1, 64 << 30)",
    "fill lists": "[bytearray(1 << 28) for _ in range(64)]",
    "double its handles": "[os.dup(0) for _ in range(100)]",
    "make pipes": "[os.pipe() for _ in range(100)]",
    "start a thousand threads": "crowd(1000)",
    "import what is on disk": "__import__('sqlite3')",
    "load a library": "ctypes.CDLL('libcrypt.so.1')",
    "trace itself": _CALL.format("101, 0, 0, 0, 0"),
    "trace its parent": _CALL.format("101, 16, os.getppid(), 0, 0"),
    "read another process's memory": _CALL.format("310, 1, 0, 0, 0, 0, 0"),
    "write another process's memory": _CALL.format("311, 1, 0, 0, 0, 0, 0"),
    "set up io_uring": _CALL.format("425, 8, buffer"),
    "load a kernel filter": _CALL.format("321, 0, buffer, 72"),
    "open performance counters": _CALL.format("298, buffer, 0, -1, -1, 0"),
    "handle page faults": _CALL.format("323, 0"),
    "add a key": _CALL.format("248, b'user', b'a', b'b', 1, -1"),
    "ask for keys": _CALL.format("250, 0, -3, 1"),
    "unshare a user namespace": _CALL.format("272, 0x10000000"),
    "unshare mounts": _CALL.format("272, 0x20000"),
    "enter a namespace": _CALL.format("308, 0, 0"),
    "mount": _CALL.format("165, b'none', b'/tmp', b'tmpfs', 0, 0"),
    "mount the new way": _CALL.format("430, b'tmpfs', 0"),
    "unmount": _CALL.format("166, b'/', 2"),
    "pivot the root": _CALL.format("155, b'/', b'/'"),
    "load a module": _CALL.format("175, buffer, 64, b''"),
    "load a module from a file": _CALL.format("313, 0, b'', 0"),
    "load a kernel": _CALL.format("246, 0, 0, 0, 0"),
    "set the host's name": _CALL.format("170, b'x', 1"),
    "set the clock": _CALL.format("227, 0, buffer"),
    "tune the clock": _CALL.format("159, buffer"),
    "open ports": _CALL.format("172, 3"),
    "change its personality": _CALL.format("135, 0x0040000"),
    "allow core dumps": _CALL.format("157, 4, 1, 0, 0, 0"),
    "filter anew": _CALL.format("317, 1, 0, buffer"),
    "name a handle": _CALL.format("303, -100, b'/', buffer, buffer, 0"),
    "open by handle": _CALL.format("304, -100, buffer, 0"),
    "watch files": _CALL.format("294, 0"),
    "open a process": _CALL.format("434, 1, 0"),
    "take another's handle": _CALL.format("438, 0, 0, 0"),
    "compare processes": _CALL.format("312, 1, 1, 0, 0, 0"),
    "read the kernel's log": _CALL.format("103, 3, buffer, 64"),
    "change segments": _CALL.format("154, 1, buffer, 16"),
    "make shared memory": _CALL.format("29, 0, 4096, 0o1600"),
    "make a message queue": _CALL.format("68, 0, 0o1600"),
    "make a semaphore": _CALL.format("64, 0, 1, 0o1600"),
    "open a posix queue": _CALL.format("240, b'x', 0o100, 0o600, 0"),
    "make secret memory": _CALL.format("447, 0"),
    "make a process without a thread's flag": _CALL.format("56, 17, 0, 0, 0, 0"),
    "make a process the new way": _CALL.format("435, buffer, 88"),
    "make a process the old way": _CALL.format("58,"),
    "signal a thread of another": _CALL.format("234, 1, 1, 9"),
    "signal a thread by number": _CALL.format("200, 1, 9"),
    "make a timer": _CALL.format("222, 0, 0, buffer"),
    "open relative to a handle": _CALL.format("257, -100, b'/etc/passwd', 0, 0"),
    "open the newest way": _CALL.format("437, -100, b'/etc/passwd', buffer, 24"),
    "control a device": _CALL.format("16, 1, 0x5401, buffer"),
}

PREPARED: Final = """
import ctypes, json, mmap, os, resource, socket, subprocess, threading, time
from thenar.adapters.compute.confine import THREADS, Bounds, confine
buffer = ctypes.create_string_buffer(256)
kernel = ctypes.CDLL(None, use_errno=True).syscall
def stop():
    raise OSError
def call(number, *rest):
    found = kernel(number, *rest)
    if found < 0:
        raise OSError(ctypes.get_errno())
    if number in (56, 57, 58, 435) and found == 0:
        os._exit(0)
    return True
def crowd(count):
    gate, made = threading.Event(), 0
    try:
        for _ in range(count):
            threading.Thread(target=gate.wait, daemon=True).start()
            made += 1
    finally:
        gate.set()
    return made
confine(Bounds(4 << 30, 60))
"""

TRIED: Final = """
came_through, attempts = [], json.loads(os.read(0, 1 << 20))
for name, code in attempts.items():
    try:
        eval(code)
    except (Exception, SystemExit):
        continue
    came_through.append(name)
os.write(1, json.dumps(came_through).encode() + b"|" + str(len(attempts)).encode() + b"|")
os._exit(0)
"""
