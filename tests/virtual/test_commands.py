"""The output of the shell's commands, on a machine that only records its calls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pyrpl_remote.virtual.commands import CommandLine
from pyrpl_remote.virtual.file_commands import ARMHF_LINKER
from pyrpl_remote.virtual.files import CAPACITY, FileTree


class Machine:
    def __init__(self, os_version="2.07"):
        self.os_version = os_version
        self.files = FileTree()
        self.files.make_dir("/root")
        self.files.make_dir("/tmp")
        self.files.make_dir("/opt/pyrpl")
        self.files.make_dir("/sys/class/net/eth0")
        self.files.write("/sys/class/net/eth0/address", b"02:00:00:f0:8d:6c\n")
        self.loaded = []
        self.running = {}
        self.power = "on"
        self.deaf = False

    def read(self, address, count):
        return np.full(count, address & 0xFFF, np.uint32)

    def load_gateware(self, path):
        self.loaded.append(path)

    def start_program(self, program, port, console):
        if port in self.running.values():
            raise OSError(98, "Address already in use")
        self.running[program] = port

    def kill_program(self, program):
        return self.running.pop(program, None) is not None

    def pids(self, program):
        return [1234] if program in self.running else []

    def reboot(self):
        self.power = "reboot"

    def power_off(self):
        self.power = "off"


@pytest.fixture
def machine():
    return Machine()


#: the commands of these tests wait for nothing that a console sends
NO_CONSOLE: Any = None


@pytest.fixture
def shell(machine):
    return CommandLine(machine, console=NO_CONSOLE)


def test_an_unknown_command_is_refused_as_bash_does(shell):
    assert shell.run("frobnicate -x") == "-bash: frobnicate: command not found\n"


@pytest.mark.parametrize(
    "line",
    ["", "   ", "rw", "ro", "systemctl stop redpitaya_nginx", "killall nginx", "nginx -p //opt//www//"],
)
def test_a_command_without_output_prints_nothing(shell, line):
    assert shell.run(line) == ""


@pytest.mark.parametrize(
    "line",
    ["echo 'open", '"', "cat", "rm", "cd /nowhere", "> x", "|", "ls | grep", "overlay.sh", "\0", "é" * 5000],
)
def test_an_invalid_line_is_answered_and_never_raises(shell, line):
    assert isinstance(shell.run(line), str)


def test_files_are_made_read_listed_and_removed_with_pyrpls_doubled_slashes(shell, machine):
    shell.run("mkdir -p //opt//pyrpl//deep//er")
    shell.run("cd //opt//pyrpl//")
    assert shell.prompt == "root@rp-virtual:/opt/pyrpl# "
    machine.files.write("/opt/pyrpl/fpga.bin", b"image")
    assert shell.run("cat fpga.bin") == "image"
    assert shell.run("ls //opt//pyrpl//") == "deep\nfpga.bin\n"
    assert shell.run("chmod 755 ./fpga.bin") == ""
    assert "No such file or directory" in shell.run("chmod 755 ./other")
    assert shell.run("rm -f //opt//pyrpl//fpga.bin") == ""
    assert "No such file or directory" in shell.run("ls //opt//pyrpl//fpga.bin")
    assert shell.run("rm -f //opt//pyrpl//fpga.bin") == ""


def test_an_upload_beyond_the_capacity_is_refused(machine):
    with pytest.raises(OSError, match="No space left"):
        machine.files.write("/tmp/huge", bytes(CAPACITY + 1))


def test_the_overlay_needs_its_files(shell, machine):
    assert "cannot stat" in shell.run("/opt/redpitaya/sbin/overlay.sh pyrpl //opt//pyrpl//fpga.bin")
    assert machine.loaded == []
    machine.files.write("/opt/pyrpl/fpga.bin", b"image")
    answer = shell.run("/opt/redpitaya/sbin/overlay.sh pyrpl //opt//pyrpl//fpga.bin") + shell.run(
        "cat /tmp/update_fpga.txt"
    )
    assert "failed" not in answer.lower() and "cannot stat" not in answer
    assert machine.loaded == ["/opt/pyrpl/fpga.bin"]


def test_only_an_old_system_loads_the_gateware_through_xdevcfg():
    for version, loaded in (("0.92", ["/opt/pyrpl/fpga.bin"]), ("2.07", [])):
        machine = Machine(version)
        machine.files.write("/opt/pyrpl/fpga.bin", b"image")
        CommandLine(machine, console=NO_CONSOLE).run("cat //opt//pyrpl//fpga.bin > //dev//xdevcfg")
        assert machine.loaded == loaded


def test_a_files_age_is_printed_in_seconds(shell, machine):
    machine.files.write("/opt/pyrpl/fpga.bin", b"image")
    answer = shell.run('echo $(($(date +%s) - $(date +%s -r "//opt//pyrpl//fpga.bin")))')
    assert 0 <= int(answer) < 10


def test_the_monitor_server_runs_once_it_is_uploaded(machine, shell):
    assert "sh" in shell.run("//opt//pyrpl//monitor_server 2222")
    machine.files.write("/opt/pyrpl/monitor_server", b"old")
    assert shell.run("//opt//pyrpl//monitor_server 2222") == ""
    assert machine.running == {"monitor_server": 2222}
    assert "in use" in shell.run("//opt//pyrpl//monitor_server 2222")
    assert shell.run("killall monitor_server") == ""
    assert shell.run("killall monitor_server") == "monitor_server: no process found\n"


def test_system_3_runs_only_the_hard_float_monitor_server():
    machine = Machine("3.00")
    shell = CommandLine(machine, console=NO_CONSOLE)
    machine.files.write("/opt/pyrpl/monitor_server", b"old")
    assert ARMHF_LINKER.decode() not in shell.run("readelf -l //opt//pyrpl//monitor_server 2>&1")
    assert "sh" in shell.run("//opt//pyrpl//monitor_server 2222")
    machine.files.write("/opt/pyrpl/monitor_server", b"new" + ARMHF_LINKER)
    assert ARMHF_LINKER.decode() in shell.run("readelf -l //opt//pyrpl//monitor_server 2>&1")
    assert shell.run("//opt//pyrpl//monitor_server 2222") == ""


def test_shutdown_and_reboot(shell, machine):
    shell.run("shutdown -r now")
    assert machine.power == "reboot"
    shell.run("shutdown now")
    assert machine.power == "off"


def test_the_mac_address_can_be_found(shell):
    assert "link/ether 02:" in shell.run("ip address")
    assert shell.run("ip address | grep ether").count("\n") == 1
    assert shell.run("cat /sys/class/net/eth0/address") == "02:00:00:f0:8d:6c\n"


def test_a_running_program_is_found_by_its_name(shell, machine):
    assert shell.run("pidof monitor_server") == ""
    machine.running["monitor_server"] = 2222
    assert shell.run("pidof monitor_server") == "1234\n"


def test_a_variable_stands_for_its_value(machine):
    shell = CommandLine(machine, NO_CONSOLE, {"SSH_CONNECTION": "10.0.0.2 40000 10.0.0.1 22"})
    assert shell.run("echo $SSH_CONNECTION") == "10.0.0.2 40000 10.0.0.1 22\n"
    assert shell.run("echo $ABSENT") == "\n"


def test_monitor_reads_a_register_as_the_red_pitayas_own_program_does(shell):
    assert shell.run("/opt/redpitaya/bin/monitor 0x40300228") == "0x00000228\n"
    assert shell.run("monitor nonsense") == ""
    assert "only reads" in shell.run("monitor 0x40300228 5")


def test_a_file_is_moved_over_another_one_and_has_a_time(shell, machine):
    machine.files.write("/tmp/a.new", b"new")
    machine.files.write("/tmp/a", b"old")
    assert shell.run("mv -f /tmp/a.new /tmp/a") == ""
    assert shell.run("cat /tmp/a") == "new"
    assert "No such file" in shell.run("cat /tmp/a.new")
    assert "No such file" in shell.run("mv /tmp/absent /tmp/a")
    assert shell.run("date +%s -r /tmp/a") == f"{int(machine.files.read('/tmp/a').changed)}\n"
    assert "No such file" in shell.run("date +%s -r /tmp/absent")
