"""PyRPL's parameters are taken as people write them, and a wrong one is an error that says what is wrong."""

import inspect
import logging
import re
import subprocess
import sys

import numpy as np
import pytest

from pyrpl_remote import connect, errors
from pyrpl_remote.client.finding.parameters import PARAMETERS, valid_parameters


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"sshport": "2022", "port": " 2222 "}, {"sshport": 2022, "port": 2222}),
        ({"sshport": np.int64(2022), "port": 2222.0}, {"sshport": 2022, "port": 2222}),
        ({"timeout": None, "hostname": None, "user": None}, {}),
        ({"hostname": ""}, {}),
        ({"timeout": 0.3}, {"timeout": 1}),
        ({"timeout": "2.5"}, {"timeout": 3}),
        ({"delay": "0.05", "frequency_correction": 1}, {"delay": 0.05, "frequency_correction": 1.0}),
        (
            {"gui": "False", "leds_off": "yes", "autostart": 1},
            {"gui": False, "leds_off": True, "autostart": True},
        ),
        ({"reloadfpga": "Auto"}, {"reloadfpga": "auto"}),
        ({"reloadfpga": "true"}, {"reloadfpga": True}),
        ({"reloadfpga": 0}, {"reloadfpga": False}),
        ({"loglevel": "DEBUG"}, {"loglevel": "debug"}),
        ({"loglevel": logging.WARNING}, {"loglevel": "warning"}),
        ({"password": 1234}, {"password": "1234"}),
        ({"hostname": "Virtual"}, {"hostname": "virtual"}),
        ({"hostname": "RP-F08D6C.local"}, {"hostname": "RP-F08D6C.local"}),
    ],
)
def test_values_are_taken_as_people_write_them(given, taken):
    converted = valid_parameters(given)
    assert converted == taken
    assert list(map(type, converted.values())) == list(map(type, taken.values()))


def test_every_parameter_of_pyrpl_is_known():
    lines = "import pyrpl.redpitaya as r; print(' '.join(r.defaultparameters))"
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True)
    assert set(PARAMETERS) == {*done.stdout.split(), "loglevel", "plant"}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"hostname": "http://rp-f08d6c.local/"}, "no web address: hostname='rp-f08d6c.local'"),
        ({"hostname": " rp1 "}, "no spaces around it: hostname='rp1'"),
        ({"hostname": "rp1:9"}, "the port is a parameter of its own: hostname='rp1', sshport=9"),
        ({"hostname": "root@rp1"}, "hostname='rp1', user='root'"),
        ({"hostname": "fe80::1"}, "IPv4"),
        ({"hostname": "rp 1"}, "letters, digits"),
        ({"hostname": 5}, "it must be a string"),
        ({"sshport": "ssh"}, "it must be a whole number"),
        ({"sshport": 22.5}, "it must be a whole number"),
        ({"sshport": True}, "it must be a whole number"),
        ({"sshport": "70000"}, "it must be a number from 1 to 65535"),
        ({"timeout": "long"}, "it must be a number"),
        ({"timeout": -1}, "a finite number that is not negative"),
        ({"gui": "maybe"}, "it must be True or False"),
        ({"reloadfpga": "sometimes"}, 'it must be True, False or "auto"'),
        ({"loglevel": "loud"}, "it must be one of notset, debug, info"),
        ({"host": "rp1"}, "did you mean 'hostname'?"),
        ({"ssh_port": 22}, "did you mean 'sshport'?"),
        ({"log_level": "debug"}, "did you mean 'loglevel'?"),
        ({"level": "debug"}, "did you mean 'loglevel'?"),
        ({"slow": True}, "it has autostart, delay, "),
        ({"name": "lab"}, "it has autostart, delay, "),
        ({"plant": "greenhouse", "hostname": "virtual"}, "cavity, interferometer, loopback"),
        ({"plant": "cavity", "hostname": "rp1"}, "for a virtual Red Pitaya only"),
        ({"restore": "fpga"}, "it must be 'registers': keep the FPGA as it is, 'file': load"),
        ({"restore": True}, "restore=True is not valid"),
        ({"restore": "registers", "reloadfpga": "yes"}, "reloadfpga=True resets it"),
    ],
)
def test_a_wrong_parameter_is_an_error_that_says_what_is_wrong(parameters, message):
    with pytest.raises(errors.BadParameter, match=re.escape(message)):
        connect("nonsense", **parameters)


def test_an_error_does_not_show_the_password():
    with pytest.raises(errors.BadParameter) as caught:
        connect("nonsense", password=["open sesame"])
    assert "sesame" not in str(caught.value)


def test_connect_takes_pyrpls_own_first_arguments():
    assert list(inspect.signature(connect).parameters)[:2] == ["config", "source"]
