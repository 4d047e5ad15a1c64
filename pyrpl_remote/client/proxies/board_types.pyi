"""The types of every board, for editors and type checkers.

Made by `pyrpl-remote stubs`: change what it is made from, not this file.
"""

from collections.abc import Iterator
from typing import Any, Generic, Literal, TypeVar, overload

from pyrpl_remote.client.sessions.future import RemoteFuture
from pyrpl_remote.client.proxies.board import RemotePyrpl
from pyrpl_remote.client.proxies.module import RemoteDict, RemoteList, RemoteModule

Got = TypeVar("Got", covariant=True)
Taken = TypeVar("Taken", contravariant=True)

class Setting(Generic[Got, Taken]):
    """An attribute that returns a Got when it is read, and takes a Taken."""

    @overload
    def __get__(self, module: None, owner: type) -> Setting[Got, Taken]: ...
    @overload
    def __get__(self, module: object, owner: type) -> Got: ...
    def __set__(self, module: object, value: Taken) -> None: ...

class Module(RemoteModule):
    """What every module has."""

    parent: Any

class AMS(Module):
    """mostly deprecated module (redpitaya has removed adc support). only here for dac2 and dac3"""

    addr_base: Any
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    dac0: Setting[float, float]
    """(0 to 1.8 V) PWM output 0 [V]"""
    dac1: Setting[float, float]
    """(0 to 1.8 V) PWM output 1 [V]"""
    dac2: Setting[float, float]
    """(0 to 1.8 V) PWM output 2 [V]"""
    dac3: Setting[float, float]
    """(0 to 1.8 V) PWM output 3 [V]"""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    name: Any
    owner: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, dac0: float = ..., dac1: float = ..., dac2: float = ..., dac3: float = ...) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, dac0: float = ..., dac1: float = ..., dac2: float = ..., dac3: float = ...) -> None: ...

class Asg(Module):
    """PyRPL's Asg."""

    addr_base: Any
    advanced_trigger_autorearm: Setting[bool, bool]
    """autorearm the fgen advanced trigger after a trigger event? If False, trigger needs to be reset with a sequence advanced_trigger_reset=True...advanced_trigger_reset=False after each trigger event."""
    advanced_trigger_delay: Setting[int, int]
    """(0 to 1.84467e+19 cycles) delay of the advanced trigger - 1 [cycles]"""
    advanced_trigger_invert: Setting[bool, bool]
    """inverts the trigger signal for the advanced trigger if True"""
    advanced_trigger_reset: Setting[bool, bool]
    """resets the fgen advanced trigger"""
    amplitude: Setting[float, float]
    """(0 to 1 V) amplitude of output waveform [volts]"""
    bursts: Setting[int, int]
    """(0 to 4.29497e+09) Number of bursts (1 burst = 'cycles' periods of waveform + delay_between_bursts. 0=disabled"""
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    cycles_per_burst: Setting[int, int]
    """(0 to 4.29497e+09) Number of repeats of table readout. 0=infinite. 32 bits."""
    data: Any
    """array of 2**14 values that define the output waveform."""
    data_length: Any
    default_output_direct: Any
    delay_between_bursts: Setting[int, int]
    """(0 to 4.29497e+09 us) Delay between repetitions [us]. Granularity=1us"""
    frequency: Setting[float, float]
    """(0 to 6.25e+07 Hz) Frequency of the output waveform [Hz]"""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    name: Any
    offset: Setting[float, float]
    """(-1 to 1 V) output offset [volts]"""
    on: Setting[bool, bool]
    """turns the output on or off"""
    output_direct: Setting[Literal["off", "out1", "out2", "both"], Literal["off", "out1", "out2", "both"]]
    """selects the direct output of the module"""
    output_directs: Any
    owner: Any
    periodic: Setting[bool, bool]
    """if False, fgen stops after performing one full waveform at its last value."""
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    random_phase: Setting[bool, bool]
    """If True, the phase of the asg will be pseudo-random with a period of 2**31-1 cycles. This is used for the generation of white noise. If false, asg behaves normally."""
    scopetriggerphase: Setting[float, float]
    """(degree) phase of ASG ch1 at the moment when the last scope trigger occured [degrees]"""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    sm_reset: Setting[bool, bool]
    """resets the state machine"""
    start_phase: Setting[float, float]
    """(degree) Phase at which to start triggered waveforms [degrees]"""
    states: Any
    """Returns the names of all saved states of the module."""
    trigger_source: Setting[Literal["off", "immediately", "ext_positive_edge", "ext_negative_edge", "ext_raw", "high"], Literal["off", "immediately", "ext_positive_edge", "ext_negative_edge", "ext_raw", "high"]]
    """trigger source for triggered output"""
    trigger_sources: Any
    waveform: Setting[Literal["sin", "cos", "ramp", "halframp", "square", "dc", "noise"], Literal["sin", "cos", "ramp", "halframp", "square", "dc", "noise"]]
    waveforms: Any
    output_direct_options: Any
    trigger_source_options: Any
    waveform_options: Any
    def disable_advanced_trigger(self) -> Any: ...
    def enable_advanced_trigger(self, frequency: Any, amplitude: Any, duration: Any, invert: Any = ..., autorearm: Any = ..., output_direct: Any = ...) -> Any: ...
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, waveform: Literal["sin", "cos", "ramp", "halframp", "square", "dc", "noise"] = ..., amplitude: float = ..., offset: float = ..., frequency: float = ..., trigger_source: Literal["off", "immediately", "ext_positive_edge", "ext_negative_edge", "ext_raw", "high"] = ..., output_direct: Literal["off", "out1", "out2", "both"] = ..., start_phase: float = ..., cycles_per_burst: int = ..., advanced_trigger_autorearm: bool = ..., advanced_trigger_delay: int = ..., advanced_trigger_invert: bool = ..., advanced_trigger_reset: bool = ..., bursts: int = ..., delay_between_bursts: int = ..., on: bool = ..., periodic: bool = ..., random_phase: bool = ..., scopetriggerphase: float = ..., sm_reset: bool = ...) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, waveform: Literal["sin", "cos", "ramp", "halframp", "square", "dc", "noise"] = ..., amplitude: float = ..., offset: float = ..., frequency: float = ..., trigger_source: Literal["off", "immediately", "ext_positive_edge", "ext_negative_edge", "ext_raw", "high"] = ..., output_direct: Literal["off", "out1", "out2", "both"] = ..., start_phase: float = ..., cycles_per_burst: int = ..., advanced_trigger_autorearm: bool = ..., advanced_trigger_delay: int = ..., advanced_trigger_invert: bool = ..., advanced_trigger_reset: bool = ..., bursts: int = ..., delay_between_bursts: int = ..., on: bool = ..., periodic: bool = ..., random_phase: bool = ..., scopetriggerphase: float = ..., sm_reset: bool = ...) -> None: ...
    def signal(self) -> Any: ...
    def trig(self) -> Any: ...

class Asg2(Module):
    """PyRPL's Asg."""

    addr_base: Any
    advanced_trigger_autorearm: Setting[bool, bool]
    """autorearm the fgen advanced trigger after a trigger event? If False, trigger needs to be reset with a sequence advanced_trigger_reset=True...advanced_trigger_reset=False after each trigger event."""
    advanced_trigger_delay: Setting[int, int]
    """(0 to 1.84467e+19 cycles) delay of the advanced trigger - 1 [cycles]"""
    advanced_trigger_invert: Setting[bool, bool]
    """inverts the trigger signal for the advanced trigger if True"""
    advanced_trigger_reset: Setting[bool, bool]
    """resets the fgen advanced trigger"""
    amplitude: Setting[float, float]
    """(0 to 1 V) amplitude of output waveform [volts]"""
    bursts: Setting[int, int]
    """(0 to 4.29497e+09) Number of bursts (1 burst = 'cycles' periods of waveform + delay_between_bursts. 0=disabled"""
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    cycles_per_burst: Setting[int, int]
    """(0 to 4.29497e+09) Number of repeats of table readout. 0=infinite. 32 bits."""
    data: Any
    """array of 2**14 values that define the output waveform."""
    data_length: Any
    default_output_direct: Any
    delay_between_bursts: Setting[int, int]
    """(0 to 4.29497e+09 us) Delay between repetitions [us]. Granularity=1us"""
    frequency: Setting[float, float]
    """(0 to 6.25e+07 Hz) Frequency of the output waveform [Hz]"""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    name: Any
    offset: Setting[float, float]
    """(-1 to 1 V) output offset [volts]"""
    on: Setting[bool, bool]
    """turns the output on or off"""
    output_direct: Setting[Literal["off", "out1", "out2", "both"], Literal["off", "out1", "out2", "both"]]
    """selects the direct output of the module"""
    output_directs: Any
    owner: Any
    periodic: Setting[bool, bool]
    """if False, fgen stops after performing one full waveform at its last value."""
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    random_phase: Setting[bool, bool]
    """If True, the phase of the asg will be pseudo-random with a period of 2**31-1 cycles. This is used for the generation of white noise. If false, asg behaves normally."""
    scopetriggerphase: Setting[float, float]
    """(degree) phase of ASG ch1 at the moment when the last scope trigger occured [degrees]"""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    sm_reset: Setting[bool, bool]
    """resets the state machine"""
    start_phase: Setting[float, float]
    """(degree) Phase at which to start triggered waveforms [degrees]"""
    states: Any
    """Returns the names of all saved states of the module."""
    trigger_source: Setting[Literal["off", "immediately", "ext_positive_edge", "ext_negative_edge", "ext_raw", "high"], Literal["off", "immediately", "ext_positive_edge", "ext_negative_edge", "ext_raw", "high"]]
    """trigger source for triggered output"""
    trigger_sources: Any
    waveform: Setting[Literal["sin", "cos", "ramp", "halframp", "square", "dc", "noise"], Literal["sin", "cos", "ramp", "halframp", "square", "dc", "noise"]]
    waveforms: Any
    output_direct_options: Any
    trigger_source_options: Any
    waveform_options: Any
    def disable_advanced_trigger(self) -> Any: ...
    def enable_advanced_trigger(self, frequency: Any, amplitude: Any, duration: Any, invert: Any = ..., autorearm: Any = ..., output_direct: Any = ...) -> Any: ...
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, waveform: Literal["sin", "cos", "ramp", "halframp", "square", "dc", "noise"] = ..., amplitude: float = ..., offset: float = ..., frequency: float = ..., trigger_source: Literal["off", "immediately", "ext_positive_edge", "ext_negative_edge", "ext_raw", "high"] = ..., output_direct: Literal["off", "out1", "out2", "both"] = ..., start_phase: float = ..., cycles_per_burst: int = ..., advanced_trigger_autorearm: bool = ..., advanced_trigger_delay: int = ..., advanced_trigger_invert: bool = ..., advanced_trigger_reset: bool = ..., bursts: int = ..., delay_between_bursts: int = ..., on: bool = ..., periodic: bool = ..., random_phase: bool = ..., scopetriggerphase: float = ..., sm_reset: bool = ...) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, waveform: Literal["sin", "cos", "ramp", "halframp", "square", "dc", "noise"] = ..., amplitude: float = ..., offset: float = ..., frequency: float = ..., trigger_source: Literal["off", "immediately", "ext_positive_edge", "ext_negative_edge", "ext_raw", "high"] = ..., output_direct: Literal["off", "out1", "out2", "both"] = ..., start_phase: float = ..., cycles_per_burst: int = ..., advanced_trigger_autorearm: bool = ..., advanced_trigger_delay: int = ..., advanced_trigger_invert: bool = ..., advanced_trigger_reset: bool = ..., bursts: int = ..., delay_between_bursts: int = ..., on: bool = ..., periodic: bool = ..., random_phase: bool = ..., scopetriggerphase: float = ..., sm_reset: bool = ...) -> None: ...
    def signal(self) -> Any: ...
    def trig(self) -> Any: ...

class Asgs(Module):
    """PyRPL's Asgs."""

    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    hardware_module_names: Any
    """Looks in RedPitaya.modules to find how many modules are present. :return: list of all module names in redpitaya instance with a name looking like: - some_module - or some_module1, some_module2, some_module3 ..."""
    name: Any
    owner: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    all_modules: Any
    def erase_state(self, name: Any) -> Any: ...
    def free(self, module: Any) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def n_available(self) -> Any: ...
    def n_modules(self) -> Any: ...
    def pop(self, owner: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self) -> None: ...

class CalibrationData(Module):
    """class to hold the calibration data of an input signal"""

    amplitude: Any
    """small helper function for expected signal"""
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    lockbox: Any
    max: Setting[float, float]
    """max of the signal in V over a lockbox sweep"""
    mean: Setting[float, float]
    """mean of the signal in V over a lockbox sweep"""
    min: Setting[float, float]
    """min of the signal in V over a lockbox sweep"""
    name: Any
    offset: Any
    """small helper function for expected signal"""
    owner: Any
    peak_to_peak: Any
    """small helper function for expected signal"""
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    rms: Setting[float, float]
    """(0 to 2) rms of the signal in V over a lockbox sweep"""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    curve: Any
    trace: Any
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_stats_from_curve(self, curve: Any) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, min: float = ..., max: float = ..., mean: float = ..., rms: float = ..., **more: Any) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, min: float = ..., max: float = ..., mean: float = ..., rms: float = ..., **more: Any) -> None: ...
    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: Any) -> None: ...

class CurveViewer(Module):
    """This Module allows to browse through curves that were taken with pyrpl"""

    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    curve: Setting[int, int]
    curve_name: Setting[str, str]
    """Name of the currently viewed curve"""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    name: Any
    owner: Any
    params: Setting[str, str]
    pk: Setting[int, int]
    """the pk of the currently viewed curve"""
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    curve_options: Any
    m: Any
    pk_options: Any
    def delete_curve(self) -> Any: ...
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def refresh_curve_list(self) -> Any: ...
    def save_params(self) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, curve: int = ..., curve_name: str = ..., params: str = ..., pk: int = ...) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, curve: int = ..., curve_name: str = ..., params: str = ..., pk: int = ...) -> None: ...

class HK(Module):
    """PyRPL's HK."""

    addr_base: Any
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    digital_loop: Setting[int, int]
    """(0 to 4.29497e+09) enables digital loop"""
    expansion_N0: Setting[bool, bool]
    """positive digital io"""
    expansion_N0_output: Setting[bool, bool]
    """direction of the port"""
    expansion_N1: Setting[bool, bool]
    """positive digital io"""
    expansion_N1_output: Setting[bool, bool]
    """direction of the port"""
    expansion_N2: Setting[bool, bool]
    """positive digital io"""
    expansion_N2_output: Setting[bool, bool]
    """direction of the port"""
    expansion_N3: Setting[bool, bool]
    """positive digital io"""
    expansion_N3_output: Setting[bool, bool]
    """direction of the port"""
    expansion_N4: Setting[bool, bool]
    """positive digital io"""
    expansion_N4_output: Setting[bool, bool]
    """direction of the port"""
    expansion_N5: Setting[bool, bool]
    """positive digital io"""
    expansion_N5_output: Setting[bool, bool]
    """direction of the port"""
    expansion_N6: Setting[bool, bool]
    """positive digital io"""
    expansion_N6_output: Setting[bool, bool]
    """direction of the port"""
    expansion_N7: Setting[bool, bool]
    """positive digital io"""
    expansion_N7_output: Setting[bool, bool]
    """direction of the port"""
    expansion_P0: Setting[bool, bool]
    """positive digital io"""
    expansion_P0_output: Setting[bool, bool]
    """direction of the port"""
    expansion_P1: Setting[bool, bool]
    """positive digital io"""
    expansion_P1_output: Setting[bool, bool]
    """direction of the port"""
    expansion_P2: Setting[bool, bool]
    """positive digital io"""
    expansion_P2_output: Setting[bool, bool]
    """direction of the port"""
    expansion_P3: Setting[bool, bool]
    """positive digital io"""
    expansion_P3_output: Setting[bool, bool]
    """direction of the port"""
    expansion_P4: Setting[bool, bool]
    """positive digital io"""
    expansion_P4_output: Setting[bool, bool]
    """direction of the port"""
    expansion_P5: Setting[bool, bool]
    """positive digital io"""
    expansion_P5_output: Setting[bool, bool]
    """direction of the port"""
    expansion_P6: Setting[bool, bool]
    """positive digital io"""
    expansion_P6_output: Setting[bool, bool]
    """direction of the port"""
    expansion_P7: Setting[bool, bool]
    """positive digital io"""
    expansion_P7_output: Setting[bool, bool]
    """direction of the port"""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    i: Any
    id: Setting[Literal["prototype0", "release1"], Literal["prototype0", "release1"]]
    """device ID"""
    led: Setting[int, int]
    """(0 to 256) LED control with bits 1:8"""
    name: Any
    owner: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    id_options: Any
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_expansion_direction(self, index: Any, val: Any) -> Any: ...
    def set_setup_attributes(self, *, led: int = ..., expansion_P0: bool = ..., expansion_P1: bool = ..., expansion_P2: bool = ..., expansion_P3: bool = ..., expansion_P4: bool = ..., expansion_P5: bool = ..., expansion_P6: bool = ..., expansion_P7: bool = ..., expansion_P0_output: bool = ..., expansion_P1_output: bool = ..., expansion_P2_output: bool = ..., expansion_P3_output: bool = ..., expansion_P4_output: bool = ..., expansion_P5_output: bool = ..., expansion_P6_output: bool = ..., expansion_P7_output: bool = ..., expansion_N0: bool = ..., expansion_N1: bool = ..., expansion_N2: bool = ..., expansion_N3: bool = ..., expansion_N4: bool = ..., expansion_N5: bool = ..., expansion_N6: bool = ..., expansion_N7: bool = ..., expansion_N0_output: bool = ..., expansion_N1_output: bool = ..., expansion_N2_output: bool = ..., expansion_N3_output: bool = ..., expansion_N4_output: bool = ..., expansion_N5_output: bool = ..., expansion_N6_output: bool = ..., expansion_N7_output: bool = ..., digital_loop: int = ..., id: Literal["prototype0", "release1"] = ...) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, led: int = ..., expansion_P0: bool = ..., expansion_P1: bool = ..., expansion_P2: bool = ..., expansion_P3: bool = ..., expansion_P4: bool = ..., expansion_P5: bool = ..., expansion_P6: bool = ..., expansion_P7: bool = ..., expansion_P0_output: bool = ..., expansion_P1_output: bool = ..., expansion_P2_output: bool = ..., expansion_P3_output: bool = ..., expansion_P4_output: bool = ..., expansion_P5_output: bool = ..., expansion_P6_output: bool = ..., expansion_P7_output: bool = ..., expansion_N0: bool = ..., expansion_N1: bool = ..., expansion_N2: bool = ..., expansion_N3: bool = ..., expansion_N4: bool = ..., expansion_N5: bool = ..., expansion_N6: bool = ..., expansion_N7: bool = ..., expansion_N0_output: bool = ..., expansion_N1_output: bool = ..., expansion_N2_output: bool = ..., expansion_N3_output: bool = ..., expansion_N4_output: bool = ..., expansion_N5_output: bool = ..., expansion_N6_output: bool = ..., expansion_N7_output: bool = ..., digital_loop: int = ..., id: Literal["prototype0", "release1"] = ...) -> None: ...

class Hks(Module):
    """Only one trig, but it should be protected by the slave/owner mechanism."""

    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    hardware_module_names: Any
    """Looks in RedPitaya.modules to find how many modules are present. :return: list of all module names in redpitaya instance with a name looking like: - some_module - or some_module1, some_module2, some_module3 ..."""
    name: Any
    owner: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    all_modules: Any
    def erase_state(self, name: Any) -> Any: ...
    def free(self, module: Any) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def n_available(self) -> Any: ...
    def n_modules(self) -> Any: ...
    def pop(self, owner: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self) -> None: ...

class IIR(Module):
    """PyRPL's IIR."""

    bypass: Setting[bool, bool]
    """IIR is bypassed"""
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    coefficients: Any
    complex_poles: Any
    complex_zeros: Any
    current_output_signal: Setting[float, float]
    """(-1.00012 to 1) current value of output_signal as returned by the sampler module"""
    data_curve: Setting[int, int]
    """NA curve id to use as a basis for the graphical filter design"""
    data_curve_name: Setting[str, str]
    """Name of the selected data curve."""
    gain: Setting[float, float]
    """(-1e+20 to 1e+20)"""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    input: Setting[str, Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule]
    """selects the input signal of the module"""
    inputfilter: Setting[float | list[float], float | list[float]]
    """(Hz) Input filter bandwidths [Hz]. 0 = off, positive bandwidth <=> lowpass, negative bandwidth <=> highpass."""
    inputfilter_options: Any
    inputs: Any
    internal_overflow: Any
    """returns True if the IIR filter has experienced an internal overflow (leading to saturation) since the last reset"""
    loops: Setting[int, int]
    """(3 to 1023) Decimation factor of IIR w.r.t. 125 MHz. Must be at least 3."""
    name: Any
    on: Setting[bool, bool]
    """IIR is on"""
    out1_saturated: Setting[bool, bool]
    """True if out1 is saturated"""
    out2_saturated: Setting[bool, bool]
    """True if out2 is saturated"""
    output_direct: Setting[Literal["off", "out1", "out2", "both"], Literal["off", "out1", "out2", "both"]]
    """selects to which analog output the module signal is sent directly"""
    output_directs: Any
    output_saturation: Any
    """returns True if the output of the IIR filter has saturated since the last reset"""
    overflow: Setting[str, str]
    """a string indicating the overflow status of the iir module"""
    overflow_bitfield: Setting[int, int]
    """(0 to 4.29497e+09) Bitmask for various overflow conditions"""
    owner: Any
    plot_data: Setting[bool, bool]
    """Enables plotting the selected data_curve."""
    plot_data_times_filter: Setting[bool, bool]
    """Enables plotting the product of selected data_curve and iir filter."""
    plot_measurement: Setting[bool, bool]
    """Enables plotting the measured transfer function."""
    poles: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    real_poles: Any
    real_zeros: Any
    sampling_frequency: Any
    sampling_time: Any
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    tf_type: Setting[Literal["continuous", "discrete", "coefficients", "rounded", "final"], Literal["continuous", "discrete", "coefficients", "rounded", "final"]]
    """Type of transfer-function to use in plot (see iir_theory for details)"""
    zeros: Any
    addr_base: Any
    data_curve_options: Any
    input_options: Any
    output_direct_options: Any
    tf_type_options: Any
    def erase_state(self, name: Any) -> Any: ...
    def format_coefs_verilog(self) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def measure_time_domain_response(self, freq: Any, biquad: Any = ...) -> Any: ...
    def measure_transfer_function(self) -> Any: ...
    def plot_biquads_tf(self, axes: Any = ..., plot_experiment: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def select_pole_or_zero(self, value: Any, logdist: Any = ..., search_in: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, input: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., loops: int = ..., zeros: Any = ..., poles: Any = ..., output_direct: Literal["off", "out1", "out2", "both"] = ..., inputfilter: float | list[float] = ..., gain: float = ..., on: bool = ..., bypass: bool = ..., data_curve: int = ..., plot_data: bool = ..., plot_data_times_filter: bool = ..., complex_poles: Any = ..., complex_zeros: Any = ..., current_output_signal: float = ..., data_curve_name: str = ..., out1_saturated: bool = ..., out2_saturated: bool = ..., overflow: str = ..., overflow_bitfield: int = ..., plot_measurement: bool = ..., real_poles: Any = ..., real_zeros: Any = ..., tf_type: Literal["continuous", "discrete", "coefficients", "rounded", "final"] = ...) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, input: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., loops: int = ..., zeros: Any = ..., poles: Any = ..., output_direct: Literal["off", "out1", "out2", "both"] = ..., inputfilter: float | list[float] = ..., gain: float = ..., on: bool = ..., bypass: bool = ..., data_curve: int = ..., plot_data: bool = ..., plot_data_times_filter: bool = ..., complex_poles: Any = ..., complex_zeros: Any = ..., current_output_signal: float = ..., data_curve_name: str = ..., out1_saturated: bool = ..., out2_saturated: bool = ..., overflow: str = ..., overflow_bitfield: int = ..., plot_measurement: bool = ..., real_poles: Any = ..., real_zeros: Any = ..., tf_type: Literal["continuous", "discrete", "coefficients", "rounded", "final"] = ...) -> None: ...
    def signal(self) -> Any: ...
    def simulate_filter_float(self, xs: Any, biquad: Any = ...) -> Any: ...
    def simulate_filter_int(self, xs: Any, biquad: Any = ...) -> Any: ...
    def transfer_function(self, frequencies: Any, extradelay: Any = ...) -> Any: ...
    def transfer_function_by_kind(self, frequencies: Any, kind: Any) -> Any: ...

class Iirs(Module):
    """Only one iir, but it should be protected by the slave/owner mechanism."""

    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    hardware_module_names: Any
    """Looks in RedPitaya.modules to find how many modules are present. :return: list of all module names in redpitaya instance with a name looking like: - some_module - or some_module1, some_module2, some_module3 ..."""
    name: Any
    owner: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    all_modules: Any
    def erase_state(self, name: Any) -> Any: ...
    def free(self, module: Any) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def n_available(self) -> Any: ...
    def n_modules(self) -> Any: ...
    def pop(self, owner: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self) -> None: ...

class InputDirect(Module):
    """PyRPL's InputDirect."""

    calibration_data: Setting[CalibrationData, Any]
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    input_signal: Setting[str, str]
    """the dsp module or lockbox signal used as input signal"""
    lockbox: Any
    max: Any
    mean: Any
    min: Any
    name: Any
    owner: Any
    plot_range: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    relative_mean: Any
    """returns the ratio between the measured mean value and the expected one."""
    relative_rms: Any
    """returns the ratio between the measured rms value and the expected mean."""
    rms: Any
    sampler_time: Any
    """specifies the duration over which to sample a signal"""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    input_signal_options: Any
    def calibrate(self, autosave: Any = ..., timeout_min: Any = ...) -> Any: ...
    def diagnostics(self, duration: Any = ...) -> Any: ...
    def erase_state(self, name: Any) -> Any: ...
    def expected_signal(self, x: Any) -> Any: ...
    def expected_slope(self, variable: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_analog_offset(self, duration: Any = ...) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def is_locked(self, loglevel: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, input_signal: str = ..., calibration_data: Any = ..., **more: Any) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, input_signal: str = ..., calibration_data: Any = ..., **more: Any) -> None: ...
    def signal(self) -> Any: ...
    def stats(self, t: Any = ...) -> Any: ...
    def sweep_acquire(self, timeout_min: Any = ...) -> Any: ...
    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: Any) -> None: ...

class InputFromOutput(Module):
    """PyRPL's InputFromOutput."""

    calibration_data: Setting[CalibrationData, Any]
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    input_signal: Any
    """lockbox signal used as input"""
    lockbox: Any
    max: Any
    mean: Any
    min: Any
    name: Any
    owner: Any
    plot_range: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    relative_mean: Any
    """returns the ratio between the measured mean value and the expected one."""
    relative_rms: Any
    """returns the ratio between the measured rms value and the expected mean."""
    rms: Any
    sampler_time: Any
    """specifies the duration over which to sample a signal"""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    input_signal_options: Any
    def calibrate(self, autosave: Any = ...) -> Any: ...
    def diagnostics(self, duration: Any = ...) -> Any: ...
    def erase_state(self, name: Any) -> Any: ...
    def expected_signal(self, setpoint: Any) -> Any: ...
    def expected_slope(self, variable: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_analog_offset(self, duration: Any = ...) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def is_locked(self, loglevel: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, input_signal: Any = ..., calibration_data: Any = ..., **more: Any) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, input_signal: Any = ..., calibration_data: Any = ..., **more: Any) -> None: ...
    def signal(self) -> Any: ...
    def stats(self, t: Any = ...) -> Any: ...
    def sweep_acquire(self, timeout_min: Any = ...) -> Any: ...
    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: Any) -> None: ...

class Iq(Module):
    """A modulator/demodulator module."""

    acbandwidth: Setting[float | list[float], float | list[float]]
    """(Hz) positive corner frequency of input high pass filter"""
    acbandwidths: Any
    amplitude: Setting[float, float]
    """(-1 to 0.999992 V) amplitude of coherent modulation [volts]"""
    bandwidth: Setting[float | list[float], float | list[float]]
    """(Hz) Quadrature filter bandwidths [Hz].0 = off, negative bandwidth = highpass"""
    bandwidths: Any
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    current_output_signal: Setting[float, float]
    """(-1.00012 to 1) current value of output_signal as returned by the sampler module"""
    demodulation_at_2f: Setting[Literal["off", "on"], Literal["off", "on"]]
    """Sets the demodulation frequency to twice the IQ module frequency"""
    frequency: Setting[float, float]
    """(0 to 6.25e+07 Hz) frequency of iq demodulation [Hz]"""
    gain: Setting[float, float]
    """gain of the iq module (see drawing)"""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    input: Setting[str, Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule]
    """selects the input signal of the module"""
    inputfilter: Setting[float | list[float], float | list[float]]
    """(Hz) Input filter bandwidths [Hz]. 0 = off, positive bandwidth <=> lowpass, negative bandwidth <=> highpass."""
    inputfilter_options: Any
    inputs: Any
    modulation_at_2f: Setting[Literal["off", "on"], Literal["off", "on"]]
    """Sets the modulation frequency to twice the IQ module frequency"""
    name: Any
    on: Setting[bool, bool]
    """If set to False, turns off the module, e.g. to re-synchronize the phases"""
    out1_saturated: Setting[bool, bool]
    """True if out1 is saturated"""
    out2_saturated: Setting[bool, bool]
    """True if out2 is saturated"""
    output_direct: Setting[Literal["off", "out1", "out2", "both"], Literal["off", "out1", "out2", "both"]]
    """selects to which analog output the module signal is sent directly"""
    output_directs: Any
    output_signal: Setting[Literal["quadrature", "output_direct", "pfd", "off", "quadrature_hf"], Literal["quadrature", "output_direct", "pfd", "off", "quadrature_hf"]]
    """Signal to send back to DSP multiplexer"""
    output_signals: Any
    owner: Any
    pfd_integral: Setting[float, float]
    """(-585.143 to 585.071 V) value of the pfd integral [volts]"""
    pfd_on: Setting[bool, bool]
    """If True: Turns on the PFD module, if False: turns it off and resets integral"""
    phase: Setting[float, float]
    """(degree) Phase shift between modulation and demodulation [degrees]"""
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    quadrature_factor: Setting[float, float]
    """(-131072 to 131071) amplification factor of demodulated signal [a.u.]"""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    acbandwidth_options: Any
    addr_base: Any
    bandwidth_options: Any
    demodulation_at_2f_options: Any
    input_options: Any
    modulation_at_2f_options: Any
    output_direct_options: Any
    output_signal_options: Any
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def na_trace(self, start: Any = ..., stop: Any = ..., points: Any = ..., rbw: Any = ..., avg: Any = ..., amplitude: Any = ..., input: Any = ..., output_direct: Any = ..., acbandwidth: Any = ..., sleeptimes: Any = ..., logscale: Any = ..., stabilize: Any = ..., maxamplitude: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, input: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., acbandwidth: float | list[float] = ..., frequency: float = ..., bandwidth: float | list[float] = ..., quadrature_factor: float = ..., output_signal: Literal["quadrature", "output_direct", "pfd", "off", "quadrature_hf"] = ..., gain: float = ..., amplitude: float = ..., phase: float = ..., output_direct: Literal["off", "out1", "out2", "both"] = ..., modulation_at_2f: Literal["off", "on"] = ..., demodulation_at_2f: Literal["off", "on"] = ..., current_output_signal: float = ..., inputfilter: float | list[float] = ..., on: bool = ..., out1_saturated: bool = ..., out2_saturated: bool = ..., pfd_integral: float = ..., pfd_on: bool = ...) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, input: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., acbandwidth: float | list[float] = ..., frequency: float = ..., bandwidth: float | list[float] = ..., quadrature_factor: float = ..., output_signal: Literal["quadrature", "output_direct", "pfd", "off", "quadrature_hf"] = ..., gain: float = ..., amplitude: float = ..., phase: float = ..., output_direct: Literal["off", "out1", "out2", "both"] = ..., modulation_at_2f: Literal["off", "on"] = ..., demodulation_at_2f: Literal["off", "on"] = ..., current_output_signal: float = ..., inputfilter: float | list[float] = ..., on: bool = ..., out1_saturated: bool = ..., out2_saturated: bool = ..., pfd_integral: float = ..., pfd_on: bool = ...) -> None: ...
    def signal(self) -> Any: ...
    def synchronize_iqs(self) -> Any: ...
    def transfer_function(self, frequencies: Any, extradelay: Any = ...) -> Any: ...

class Iqs(Module):
    """PyRPL's Iqs."""

    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    hardware_module_names: Any
    """Looks in RedPitaya.modules to find how many modules are present. :return: list of all module names in redpitaya instance with a name looking like: - some_module - or some_module1, some_module2, some_module3 ..."""
    name: Any
    owner: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    all_modules: Any
    def erase_state(self, name: Any) -> Any: ...
    def free(self, module: Any) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def n_available(self) -> Any: ...
    def n_modules(self) -> Any: ...
    def pop(self, owner: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self) -> None: ...

class Lockbox(Module):
    """A Module that allows to perform feedback on systems that are well described by a physical model."""

    inputs: Setting[LockboxModuleDictPropertyInstance, Any]
    outputs: Setting[LockboxModuleDictPropertyInstance2, Any]
    sequence: Setting[ModuleList, Any]
    asg: Any
    """the asg being used for sweeps"""
    auto_lock: Setting[bool, bool]
    """Turns on the autolock of the module."""
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    classname: Setting[str, str]
    current_stage: Any
    current_state: Any
    default_sweep_output: Setting[str, str]
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    input_classes: Any
    is_locked_threshold: Setting[float, float]
    """(-1e+10 to 1e+10) Setpoint interval size to consider system in locked state"""
    lock_status: Setting[bool, bool]
    """Is the current stage properly locked ?based on the last call of is_locked"""
    lockbox: Any
    lockstatus_interval: Setting[float, float]
    """(0.001 to 1e+10)"""
    name: Any
    output_classes: Any
    owner: Any
    params: Any
    """returns a convenient dict with parameters that describe if and with which settings the lockbox was properly."""
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setpoint_unit: Setting[str, str]
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    signals: Any
    """a dict of all logical signals of the lockbox"""
    states: Any
    """Returns the names of all saved states of the module."""
    classname_options: Any
    current_state_options: Any
    default_sweep_output_options: Any
    final_stage: Any
    setpoint_unit_options: Any
    def calibrate_all(self, autosave: Any = ..., timeout_min: Any = ...) -> Any: ...
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_analog_offsets(self, duration: Any = ...) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def is_locked(self, input: Any = ..., loglevel: Any = ...) -> Any: ...
    def is_locked_and_final(self, loglevel: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def lock(self, timeout: Any = ..., retry_times: Any = ..., **kwds: Any) -> Any: ...
    def lock_async(self, retry_times: Any = ..., **kwds: Any) -> RemoteFuture: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, classname: str = ..., default_sweep_output: str = ..., auto_lock: bool = ..., is_locked_threshold: float = ..., setpoint_unit: str = ..., lockstatus_interval: float = ..., input_classes: Any = ..., output_classes: Any = ..., inputs: Any = ..., outputs: Any = ..., sequence: Any = ..., current_state: Any = ..., lock_status: bool = ..., **more: Any) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, classname: str = ..., default_sweep_output: str = ..., auto_lock: bool = ..., is_locked_threshold: float = ..., setpoint_unit: str = ..., lockstatus_interval: float = ..., input_classes: Any = ..., output_classes: Any = ..., inputs: Any = ..., outputs: Any = ..., sequence: Any = ..., current_state: Any = ..., lock_status: bool = ..., **more: Any) -> None: ...
    def sleep_while_locked(self, time_to_sleep: Any) -> Any: ...
    def sweep(self) -> Any: ...
    def unlock(self, reset_offset: Any = ...) -> Any: ...
    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: Any) -> None: ...

class LockboxModuleDictPropertyInstance(RemoteDict):
    """PyRPL's LockboxModuleDictPropertyInstance."""

    input1: Setting[InputDirect, Any]
    input_from_output: Setting[InputFromOutput, Any]
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    lockbox: Any
    name: Any
    owner: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    parent: Any
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def items(self) -> Any: ...
    def keys(self) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def pop(self, key: Any) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, input1: Any = ..., input_from_output: Any = ..., **more: Any) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, input1: Any = ..., input_from_output: Any = ..., **more: Any) -> None: ...
    def values(self) -> Any: ...
    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: Any) -> None: ...

class LockboxModuleDictPropertyInstance2(RemoteDict):
    """PyRPL's LockboxModuleDictPropertyInstance."""

    output1: Setting[OutputSignal, Any]
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    lockbox: Any
    name: Any
    owner: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    parent: Any
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def items(self) -> Any: ...
    def keys(self) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def pop(self, key: Any) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, output1: Any = ..., **more: Any) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, output1: Any = ..., **more: Any) -> None: ...
    def values(self) -> Any: ...
    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: Any) -> None: ...

class LockboxModuleDictPropertyInstance3(RemoteDict):
    """PyRPL's LockboxModuleDictPropertyInstance."""

    output1: Setting[StageOutput, Any]
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    lockbox: Any
    name: Any
    owner: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    parent: Any
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def items(self) -> Any: ...
    def keys(self) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def pop(self, key: Any) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, output1: Any = ..., **more: Any) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, output1: Any = ..., **more: Any) -> None: ...
    def values(self) -> Any: ...
    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: Any) -> None: ...

class ModuleList(RemoteList):
    """a list of modules"""

    def __getitem__(self, index: Any) -> StageListElement: ...
    def __iter__(self) -> Iterator[StageListElement]: ...
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    name: Any
    owner: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    parent: Any
    def append(self, new: Any) -> Any: ...
    def clear(self) -> Any: ...
    def copy(self) -> Any: ...
    def count(self, value: Any) -> Any: ...
    def erase_state(self, name: Any) -> Any: ...
    def extend(self, iterable: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def index(self, value: Any, start: Any = ..., stop: Any = ...) -> Any: ...
    def insert(self, index: Any, new: Any) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def pop(self, index: Any = ...) -> Any: ...
    def remove(self, value: Any) -> Any: ...
    def reverse(self) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, **more: Any) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, **more: Any) -> None: ...
    def sort(self, *, key: Any = ..., reverse: Any = ...) -> Any: ...
    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: Any) -> None: ...

class NetworkAnalyzer(Module):
    """Using an IQ module, the network analyzer can measure the complex coherent response between an output and any signal in the redpitaya."""

    AUTO_AMP_AVG: Any
    MIN_DELAY_CONTINUOUS_MS: Any
    MIN_DELAY_SINGLE_MS: Any
    acbandwidth: Setting[float | list[float], float | list[float]]
    """(Hz) Bandwidth of the input high-pass filter of the na."""
    amplitude: Setting[float, float]
    """(0 to 1)"""
    auto_amp_max: Setting[float, float]
    auto_amp_min: Setting[float, float]
    auto_amplitude: Setting[bool, bool]
    auto_bandwidth: Setting[bool, bool]
    """Dynamically change the bandwidth at low frequencybased on q_factor_min"""
    average_per_point: Setting[int, int]
    """(1 to inf)"""
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    current_freq: Any
    """current frequency during the scan"""
    curve_name: Setting[str, str]
    """name of the curve to save."""
    frequencies: Any
    """Since calculating frequency (normalized to fit in the hardware) might be long, we cash the result."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    input: Setting[str, Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule]
    inputs: Any
    iq: Any
    """underlying iq module."""
    last_valid_point: Any
    logscale: Setting[bool, bool]
    name: Any
    output_direct: Setting[Literal["off", "out1", "out2", "both"], Literal["off", "out1", "out2", "both"]]
    output_directs: Any
    owner: Any
    points: Setting[int, int]
    """(1 to 1e+08)"""
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    q_factor_min: Setting[float, float]
    """When auto_bandwidth is on, the bandwidth is updatedat low frequency to make sure it is never largerthan frequency/q_factor_min"""
    rbw: Setting[float | list[float], float | list[float]]
    """(Hz)"""
    run_continuous: Setting[bool, bool]
    """Is the module in the running_state 'running_continuous' or not. Contrary to 'running_state', this boolean property can be set, and saved/restored with the state of the module."""
    running_state: Any
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    start_freq: Setting[float, float]
    """(0.0291038 to inf Hz)"""
    states: Any
    """Returns the names of all saved states of the module."""
    stop_freq: Setting[float, float]
    """(0.0291038 to inf Hz)"""
    target_dbv: Setting[float, float]
    trace_average: Setting[int, int]
    """(1 to inf) number of curves to average in single mode. In continuous mode, a decaying average with a characteristic memory of 'trace_average' curves is performed."""
    acbandwidth_options: Any
    amplitude_list: Any
    attributes_last_run: Any
    current_avg: Any
    current_point: Any
    data_avg: Any
    data_x: Any
    input_options: Any
    measured_time_per_point: Any
    output_direct_options: Any
    rbw_options: Any
    sleeptimes: Any
    time_per_point: Any
    def auto_rbw_value(self, freq: Any) -> Any: ...
    def continuous(self) -> Any: ...
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def is_zero_span(self) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def pause(self) -> Any: ...
    def resume(self) -> Any: ...
    def save_curve(self) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, trace_average: int = ..., curve_name: str = ..., run_continuous: bool = ..., input: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., output_direct: Literal["off", "out1", "out2", "both"] = ..., acbandwidth: float | list[float] = ..., start_freq: float = ..., stop_freq: float = ..., rbw: float | list[float] = ..., average_per_point: int = ..., points: int = ..., amplitude: float = ..., logscale: bool = ..., auto_bandwidth: bool = ..., q_factor_min: float = ..., auto_amplitude: bool = ..., target_dbv: float = ..., auto_amp_min: float = ..., auto_amp_max: float = ...) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, trace_average: int = ..., curve_name: str = ..., run_continuous: bool = ..., input: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., output_direct: Literal["off", "out1", "out2", "both"] = ..., acbandwidth: float | list[float] = ..., start_freq: float = ..., stop_freq: float = ..., rbw: float | list[float] = ..., average_per_point: int = ..., points: int = ..., amplitude: float = ..., logscale: bool = ..., auto_bandwidth: bool = ..., q_factor_min: float = ..., auto_amplitude: bool = ..., target_dbv: float = ..., auto_amp_min: float = ..., auto_amp_max: float = ...) -> None: ...
    def signal(self) -> Any: ...
    def single(self, timeout: Any = ...) -> Any: ...
    def single_async(self) -> RemoteFuture: ...
    def stop(self) -> Any: ...
    def take_ringdown(self, frequency: Any, rbw: Any = ..., points: Any = ..., trace_average: Any = ...) -> Any: ...
    def threshold_hook(self, current_val: Any) -> Any: ...
    def transfer_function(self, frequencies: Any, extradelay: Any = ...) -> Any: ...

class OutputSignal(Module):
    """As many output signals as desired can be added to the lockbox. Each output defines: - name: the name of the output. - dc_gain: how much the model's variable is expected to change for 1 V on the output (in *unit*) - unit: see above, should be one of the units available in the model. - sweep_amplitude/offset/frequency/waveform: what properties to use when sweeping the output - output_channel: what physical output is used. - p/i: the gains to use in a loop: those values are to be understood as full loop gains (p in [1], i in [Hz]) - additional_filter: a filter (4 cut-off frequencies) to add to the loop (in sweep and lock mode) - extra_module: extra module to add just before the output (usually iir). - extra_module_state: name of the state to use for the extra_module. - tf_curve: the index of the curve describing the analog transfer function behind the output. - tf_filter: alternatively, the analog transfer function can be specified by a filter (4 cut-off frequencies). - desired_unity_gain_frequency: desired value for unity gain frequency. - tf_type: ["flat", "curve", "filter"], how is the analog transfer function specified."""

    calibration_data: Setting[CalibrationData, Any]
    additional_filter: Setting[float | list[float], float | list[float]]
    """(Hz)"""
    analog_filter_cutoff: Setting[float, float]
    """(0 to 1e+10 Hz)"""
    assisted_design: Setting[bool, bool]
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    current_state: Setting[str, str]
    dc_gain: Setting[float, float]
    """(-1e+10 to 1e+10)"""
    desired_unity_gain_frequency: Setting[float, float]
    """(0 to 1e+10 Hz)"""
    extra_module: Setting[str, str]
    extra_module_state: Setting[str, str]
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    i: Setting[float, float]
    """(-1e+10 to 1e+10)"""
    is_saturated: Any
    """Returns ------- True: if the output has saturated False: otherwise"""
    lockbox: Any
    max: Any
    max_voltage: Setting[float, float]
    """(-1 to 1) positive saturation voltage"""
    mean: Any
    min: Any
    min_voltage: Setting[float, float]
    """(-1 to 1) negative saturation voltage"""
    name: Any
    output_channel: Setting[str, str]
    owner: Any
    p: Setting[float, float]
    """(-1e+10 to 1e+10)"""
    pid: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    relative_mean: Any
    """returns the ratio between the measured mean value and the expected one."""
    relative_rms: Any
    """returns the ratio between the measured rms value and the expected mean."""
    rms: Any
    sampler_time: Any
    """specifies the duration over which to sample a signal"""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    sweep_amplitude: Setting[float, float]
    """(-1 to 1)"""
    sweep_frequency: Setting[float, float]
    """(0 to inf Hz)"""
    sweep_offset: Setting[float, float]
    """(-1 to 1)"""
    sweep_waveform: Setting[str, str]
    tf_curve: Setting[int, int]
    tf_type: Setting[str, str]
    unit: Setting[str, str]
    additional_filter_options: Any
    current_state_options: Any
    extra_module_options: Any
    extra_module_state_options: Any
    output_channel_options: Any
    sweep_waveform_options: Any
    tf_type_options: Any
    unit_options: Any
    def diagnostics(self, duration: Any = ...) -> Any: ...
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_analog_offset(self, duration: Any = ...) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def lock(self, input: Any = ..., setpoint: Any = ..., offset: Any = ..., gain_factor: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, unit: str = ..., sweep_amplitude: float = ..., sweep_offset: float = ..., sweep_frequency: float = ..., sweep_waveform: str = ..., dc_gain: float = ..., output_channel: str = ..., p: float = ..., i: float = ..., additional_filter: float | list[float] = ..., analog_filter_cutoff: float = ..., extra_module: str = ..., extra_module_state: str = ..., desired_unity_gain_frequency: float = ..., max_voltage: float = ..., min_voltage: float = ..., assisted_design: bool = ..., tf_curve: int = ..., tf_type: str = ..., calibration_data: Any = ..., current_state: str = ..., **more: Any) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, unit: str = ..., sweep_amplitude: float = ..., sweep_offset: float = ..., sweep_frequency: float = ..., sweep_waveform: str = ..., dc_gain: float = ..., output_channel: str = ..., p: float = ..., i: float = ..., additional_filter: float | list[float] = ..., analog_filter_cutoff: float = ..., extra_module: str = ..., extra_module_state: str = ..., desired_unity_gain_frequency: float = ..., max_voltage: float = ..., min_voltage: float = ..., assisted_design: bool = ..., tf_curve: int = ..., tf_type: str = ..., calibration_data: Any = ..., current_state: str = ..., **more: Any) -> None: ...
    def signal(self) -> Any: ...
    def stats(self, t: Any = ...) -> Any: ...
    def sweep(self) -> Any: ...
    def tf_freqs(self) -> Any: ...
    def transfer_function(self, freqs: Any) -> Any: ...
    def transfer_function_controller(self, freqs: Any, stage: Any) -> Any: ...
    def unlock(self, reset_offset: Any = ...) -> Any: ...
    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: Any) -> None: ...

class Pid(Module):
    """A proportional/Integrator/Differential filter."""

    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    current_output_signal: Setting[float, float]
    """(-1.00012 to 1) current value of output_signal as returned by the sampler module"""
    derivative: Any
    differential_mode_enabled: Setting[bool, bool]
    """If True, the differential mode is enabled. In this mode, the setpoint is given by the input signal of another pid module. Only pid0 and pid1 can be paired in differential mode."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    i: Setting[float, float]
    """(-38856.2 to 38856.2 Hz) pid integral unity-gain frequency [Hz]"""
    input: Setting[str, Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule]
    """selects the input signal of the module"""
    inputfilter: Setting[float | list[float], float | list[float]]
    """(Hz) Input filter bandwidths [Hz]. 0 = off, positive bandwidth <=> lowpass, negative bandwidth <=> highpass."""
    inputfilter_options: Any
    inputs: Any
    integral: Any
    ival: Setting[float, float]
    """(-4 to 4 V) Current value of the integrator memory (i.e. pid output voltage offset)"""
    max_voltage: Setting[float, float]
    """(-1 to 0.999878 V) maximum output signal [volts]"""
    min_voltage: Setting[float, float]
    """(-1 to 0.999878 V) minimum output signal [volts]"""
    name: Any
    out1_saturated: Setting[bool, bool]
    """True if out1 is saturated"""
    out2_saturated: Setting[bool, bool]
    """True if out2 is saturated"""
    output_direct: Setting[Literal["off", "out1", "out2", "both"], Literal["off", "out1", "out2", "both"]]
    """selects to which analog output the module signal is sent directly"""
    output_directs: Any
    owner: Any
    p: Setting[float, float]
    """(-2048 to 2048) pid proportional gain [1]"""
    pause_gains: Setting[Literal["off", "i", "p", "pi", "d", "id", "pd", "pid"], Literal["off", "i", "p", "pi", "d", "id", "pd", "pid"]]
    """Selects which gains are frozen during pausing/synchronization."""
    paused: Setting[bool, bool]
    """While True, the gains selected with `pause` are temporarily set to zero"""
    proportional: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    reg_integral: Any
    setpoint: Setting[float, float]
    """(-1 to 0.999878 V) pid setpoint [volts]"""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    addr_base: Any
    d: Any
    input_options: Any
    output_direct_options: Any
    pause_gains_options: Any
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, input: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., output_direct: Literal["off", "out1", "out2", "both"] = ..., setpoint: float = ..., p: float = ..., i: float = ..., inputfilter: float | list[float] = ..., max_voltage: float = ..., min_voltage: float = ..., pause_gains: Literal["off", "i", "p", "pi", "d", "id", "pd", "pid"] = ..., paused: bool = ..., differential_mode_enabled: bool = ..., current_output_signal: float = ..., ival: float = ..., out1_saturated: bool = ..., out2_saturated: bool = ...) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, input: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., output_direct: Literal["off", "out1", "out2", "both"] = ..., setpoint: float = ..., p: float = ..., i: float = ..., inputfilter: float | list[float] = ..., max_voltage: float = ..., min_voltage: float = ..., pause_gains: Literal["off", "i", "p", "pi", "d", "id", "pd", "pid"] = ..., paused: bool = ..., differential_mode_enabled: bool = ..., current_output_signal: float = ..., ival: float = ..., out1_saturated: bool = ..., out2_saturated: bool = ...) -> None: ...
    def signal(self) -> Any: ...
    def transfer_function(self, frequencies: Any, extradelay: Any = ...) -> Any: ...

class Pids(Module):
    """PyRPL's Pids."""

    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    hardware_module_names: Any
    """Looks in RedPitaya.modules to find how many modules are present. :return: list of all module names in redpitaya instance with a name looking like: - some_module - or some_module1, some_module2, some_module3 ..."""
    name: Any
    owner: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    all_modules: Any
    def erase_state(self, name: Any) -> Any: ...
    def free(self, module: Any) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def n_available(self) -> Any: ...
    def n_modules(self) -> Any: ...
    def pop(self, owner: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self) -> None: ...

class Pwm(Module):
    """Auxiliary outputs. PWM0-3 correspond to pins 17-20 on E2 connector."""

    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    current_output_signal: Setting[float, float]
    """(-1.00012 to 1) current value of output_signal as returned by the sampler module"""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    input: Setting[str, Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule]
    """selects the input signal of the module"""
    inputs: Any
    name: Any
    out1_saturated: Setting[bool, bool]
    """True if out1 is saturated"""
    out2_saturated: Setting[bool, bool]
    """True if out2 is saturated"""
    output_direct: Any
    output_directs: Any
    owner: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    addr_base: Any
    input_options: Any
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, input: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., current_output_signal: float = ..., out1_saturated: bool = ..., out2_saturated: bool = ...) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, input: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., current_output_signal: float = ..., out1_saturated: bool = ..., out2_saturated: bool = ...) -> None: ...
    def signal(self) -> Any: ...

class Pwms(Module):
    """PyRPL's Pwms."""

    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    hardware_module_names: Any
    """Looks in RedPitaya.modules to find how many modules are present. :return: list of all module names in redpitaya instance with a name looking like: - some_module - or some_module1, some_module2, some_module3 ..."""
    name: Any
    owner: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    all_modules: Any
    def erase_state(self, name: Any) -> Any: ...
    def free(self, module: Any) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def n_available(self) -> Any: ...
    def n_modules(self) -> Any: ...
    def pop(self, owner: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self) -> None: ...

class Pyrpl(RemotePyrpl):
    """Higher level object, in charge of loading the right hardware and software module, depending on the configuration described in a config file."""

    rp: Setting[RedPitaya, Any]
    asgs: Setting[Asgs, Any]
    iqs: Setting[Iqs, Any]
    pids: Setting[Pids, Any]
    scopes: Setting[Scopes, Any]
    iirs: Setting[Iirs, Any]
    trigs: Setting[Trigs, Any]
    pwms: Setting[Pwms, Any]
    hks: Setting[Hks, Any]
    networkanalyzer: Setting[NetworkAnalyzer, Any]
    spectrumanalyzer: Setting[SpectrumAnalyzer, Any]
    curveviewer: Setting[CurveViewer, Any]
    pyrplconfig: Setting[PyrplConfig, Any]
    lockbox: Setting[Lockbox, Any]
    hardware_modules: Any
    """List of all hardware modules loaded in this configuration."""
    modules: Any
    c: Any
    name: Any
    redpitaya: Any
    software_modules: Any
    def hide_gui(self) -> Any: ...
    def show_gui(self) -> Any: ...

class PyrplConfig(Module):
    """This Module allows the Gui to configure the global settins, such as redpitaya and pyrpl"""

    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    name: Any
    owner: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self) -> None: ...

class RedPitaya(Module):
    """PyRPL's RedPitaya."""

    hk: Setting[HK, Any]
    ams: Setting[AMS, Any]
    scope: Setting[Scope, Any]
    sampler: Setting[Sampler, Any]
    asg0: Setting[Asg, Any]
    asg1: Setting[Asg2, Any]
    pwm0: Setting[Pwm, Any]
    pwm1: Setting[Pwm, Any]
    iq0: Setting[Iq, Any]
    iq1: Setting[Iq, Any]
    iq2: Setting[Iq, Any]
    pid0: Setting[Pid, Any]
    pid1: Setting[Pid, Any]
    pid2: Setting[Pid, Any]
    trig: Setting[Trig, Any]
    iir: Setting[IIR, Any]
    addr_base: Any
    advanced_trigger_autorearm: Any
    advanced_trigger_delay: Any
    advanced_trigger_invert: Any
    advanced_trigger_reset: Any
    amplitude: Any
    amplitude_list: Any
    analog_filter_cutoff: Any
    armed: Any
    attributes_last_run: Any
    c: Any
    coefficients: Any
    config: Any
    configfile: Any
    current_avg: Any
    current_gain_factor: Any
    current_point: Any
    current_state: Any
    curve: Any
    curve_name: Any
    d: Any
    data_avg: Any
    data_curve_name: Any
    data_x: Any
    default_sweep_output: Any
    desired_unity_gain_frequency: Any
    frequency: Any
    frequency_correction: Any
    galvanic_isolation_loop: Any
    hysteresis: Any
    i: Any
    input: Any
    interval: Any
    ival: Any
    kwargs: Any
    last_texcess: Any
    lasterror: Any
    lasttime: Any
    lock_status: Any
    loop: Any
    loop_start_time: Any
    loops: Any
    m: Any
    max: Any
    mean: Any
    measured_time_per_point: Any
    min: Any
    modules: Any
    n: Any
    name: Any
    on: Any
    os_version: Any
    output: Any
    p: Any
    parameters: Any
    params: Any
    phase: Any
    pk: Any
    plot: Any
    plotter: Any
    points: Any
    rbw: Any
    result: Any
    result_ready: Any
    rms: Any
    running: Any
    second_pyrpl: Any
    setup_attributes: Any
    setup_loop: Any
    sleeptimes: Any
    sm_reset: Any
    start_freq: Any
    start_phase: Any
    stop_freq: Any
    teardown_loop: Any
    text: Any
    threshold: Any
    time_per_point: Any
    trace_average: Any
    trigger_source: Any
    waveform: Any
    def fpgarecentlyflashed(self) -> Any: ...
    def get_os_version(self) -> Any: ...
    def license(self) -> Any: ...
    def serverbinfileexists(self) -> Any: ...

class Sampler(Module):
    """this module provides a sample of each signal."""

    addr_base: Any
    asg0: Setting[float, float]
    """(-1.00012 to 1) current value of asg0"""
    asg1: Setting[float, float]
    """(-1.00012 to 1) current value of asg1"""
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    iir: Setting[float, float]
    """(-1.00012 to 1) current value of iir"""
    in1: Setting[float, float]
    """(-1.00012 to 1) current value of in1"""
    in2: Setting[float, float]
    """(-1.00012 to 1) current value of in2"""
    iq0: Setting[float, float]
    """(-1.00012 to 1) current value of iq0"""
    iq1: Setting[float, float]
    """(-1.00012 to 1) current value of iq1"""
    iq2: Setting[float, float]
    """(-1.00012 to 1) current value of iq2"""
    iq2_2: Setting[float, float]
    """(-1.00012 to 1) current value of iq2_2"""
    name: Any
    off: Setting[float, float]
    """(-1.00012 to 1) current value of off"""
    out1: Setting[float, float]
    """(-1.00012 to 1) current value of out1"""
    out2: Setting[float, float]
    """(-1.00012 to 1) current value of out2"""
    owner: Any
    pid0: Setting[float, float]
    """(-1.00012 to 1) current value of pid0"""
    pid1: Setting[float, float]
    """(-1.00012 to 1) current value of pid1"""
    pid2: Setting[float, float]
    """(-1.00012 to 1) current value of pid2"""
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    trig: Setting[float, float]
    """(-1.00012 to 1) current value of trig"""
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def mean_stddev(self, signal: Any = ..., t: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, asg0: float = ..., asg1: float = ..., iir: float = ..., in1: float = ..., in2: float = ..., iq0: float = ..., iq1: float = ..., iq2: float = ..., iq2_2: float = ..., off: float = ..., out1: float = ..., out2: float = ..., pid0: float = ..., pid1: float = ..., pid2: float = ..., trig: float = ...) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, asg0: float = ..., asg1: float = ..., iir: float = ..., in1: float = ..., in2: float = ..., iq0: float = ..., iq1: float = ..., iq2: float = ..., iq2_2: float = ..., off: float = ..., out1: float = ..., out2: float = ..., pid0: float = ..., pid1: float = ..., pid2: float = ..., trig: float = ...) -> None: ...
    def stats(self, signal: Any = ..., t: Any = ...) -> Any: ...

class Scope(Module):
    """PyRPL's Scope."""

    MIN_DELAY_CONTINUOUS_MS: Any
    MIN_DELAY_CONTINUOUS_ROLLING_MS: Any
    MIN_DELAY_SINGLE_MS: Any
    addr_base: Any
    average: Setting[bool, bool]
    """Enables averaging during decimation if set to True"""
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    ch1_active: Setting[bool, bool]
    """should ch1 be displayed in the gui?"""
    ch1_firstpoint: Setting[float, float]
    """(-1 to 0.999878 V) 1 sample of ch1 data [volts]"""
    ch2_active: Setting[bool, bool]
    """should ch2 be displayed in the gui?"""
    ch2_firstpoint: Setting[float, float]
    """(-1 to 0.999878 V) 1 sample of ch2 data [volts]"""
    ch_math_active: Setting[bool, bool]
    """should ch_math be displayed in the gui?"""
    current_timestamp: Setting[int, int]
    """(0 to 1.84467e+19 cycles) An absolute counter for the time [cycles]"""
    curve_name: Setting[str, str]
    """name of the curve to save."""
    data_length: Any
    decimation: Setting[int, int]
    """decimation factor"""
    decimations: Any
    duration: Setting[float, float]
    """(s)"""
    durations: Any
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    hysteresis: Setting[float, float]
    """(-1 to 0.999878 V) hysteresis for trigger [volts]"""
    hysteresis_ch1: Any
    hysteresis_ch2: Any
    input1: Setting[str, Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule]
    """selects the input signal of the module"""
    input2: Setting[str, Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule]
    """selects the input signal of the module"""
    inputs: Any
    math_formula: Setting[str, str]
    """formula for channel math"""
    name: Any
    owner: Any
    pretrig_ok: Setting[bool, bool]
    """True if enough data have been acquired to fill the pretrig buffer"""
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    rolling_mode: Setting[bool, bool]
    """In rolling mode, the curve is continuously acquired and translated from the right to the left of the screen while new data arrive."""
    run_continuous: Setting[bool, bool]
    """Is the module in the running_state 'running_continuous' or not. Contrary to 'running_state', this boolean property can be set, and saved/restored with the state of the module."""
    running_state: Any
    sampling_time: Setting[float, float]
    """(s)"""
    sampling_times: Any
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    threshold: Setting[float, float]
    """(-1 to 0.999878 V) trigger threshold [volts]"""
    threshold_ch1: Any
    threshold_ch2: Any
    times: Any
    trace_average: Setting[int, int]
    """(1 to inf) number of curves to average in single mode. In continuous mode, a moving window average is performed."""
    trigger_debounce: Setting[float, float]
    """(-0.0041943 to 0.0041943 s) Trigger debounce time [s]"""
    trigger_delay: Setting[float, float]
    """(-10 to 8.58993) delay between trigger and acquisition start. negative values down to -duration are allowed for pretrigger. In trigger_source='immediately', trigger_delay is ignored."""
    trigger_source: Setting[Literal["off", "immediately", "ch1_positive_edge", "ch1_negative_edge", "ch2_positive_edge", "ch2_negative_edge", "ext_positive_edge", "ext_negative_edge", "asg0", "asg1", "dsp"], Literal["off", "immediately", "ch1_positive_edge", "ch1_negative_edge", "ch2_positive_edge", "ch2_negative_edge", "ext_positive_edge", "ext_negative_edge", "asg0", "asg1", "dsp"]]
    """Trigger source for the scope. Use 'immediately' if no synchronisation is required. Trigger_source will be ignored in rolling_mode."""
    trigger_sources: Any
    trigger_timestamp: Setting[int, int]
    """(0 to 1.84467e+19 cycles) An absolute counter for the trigger time [cycles]"""
    voltage_in1: Setting[float, float]
    """(-1 to 0.999878 V) in1 current value [volts]"""
    voltage_in2: Setting[float, float]
    """(-1 to 0.999878 V) in2 current value [volts]"""
    voltage_out1: Setting[float, float]
    """(-1 to 0.999878 V) out1 current value [volts]"""
    voltage_out2: Setting[float, float]
    """(-1 to 0.999878 V) out2 current value [volts]"""
    xy_mode: Setting[bool, bool]
    """in xy-mode, data are plotted vs the other channel (instead of time)"""
    attributes_last_run: Any
    current_avg: Any
    data_avg: Any
    data_x: Any
    decimation_options: Any
    duration_options: Any
    input1_options: Any
    input2_options: Any
    sampling_time_options: Any
    trigger_source_options: Any
    def continuous(self) -> Any: ...
    def curve_ready(self) -> Any: ...
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def pause(self) -> Any: ...
    def resume(self) -> Any: ...
    def save_curve(self) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, trace_average: int = ..., curve_name: str = ..., run_continuous: bool = ..., input1: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., input2: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., duration: float = ..., average: bool = ..., trigger_source: Literal["off", "immediately", "ch1_positive_edge", "ch1_negative_edge", "ch2_positive_edge", "ch2_negative_edge", "ext_positive_edge", "ext_negative_edge", "asg0", "asg1", "dsp"] = ..., trigger_delay: float = ..., threshold: float = ..., hysteresis: float = ..., ch1_active: bool = ..., ch2_active: bool = ..., ch_math_active: bool = ..., math_formula: str = ..., xy_mode: bool = ..., rolling_mode: bool = ..., ch1_firstpoint: float = ..., ch2_firstpoint: float = ..., current_timestamp: int = ..., decimation: int = ..., pretrig_ok: bool = ..., sampling_time: float = ..., trigger_debounce: float = ..., trigger_timestamp: int = ..., voltage_in1: float = ..., voltage_in2: float = ..., voltage_out1: float = ..., voltage_out2: float = ...) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, trace_average: int = ..., curve_name: str = ..., run_continuous: bool = ..., input1: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., input2: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., duration: float = ..., average: bool = ..., trigger_source: Literal["off", "immediately", "ch1_positive_edge", "ch1_negative_edge", "ch2_positive_edge", "ch2_negative_edge", "ext_positive_edge", "ext_negative_edge", "asg0", "asg1", "dsp"] = ..., trigger_delay: float = ..., threshold: float = ..., hysteresis: float = ..., ch1_active: bool = ..., ch2_active: bool = ..., ch_math_active: bool = ..., math_formula: str = ..., xy_mode: bool = ..., rolling_mode: bool = ..., ch1_firstpoint: float = ..., ch2_firstpoint: float = ..., current_timestamp: int = ..., decimation: int = ..., pretrig_ok: bool = ..., sampling_time: float = ..., trigger_debounce: float = ..., trigger_timestamp: int = ..., voltage_in1: float = ..., voltage_in2: float = ..., voltage_out1: float = ..., voltage_out2: float = ...) -> None: ...
    def single(self, timeout: Any = ...) -> Any: ...
    def single_async(self) -> RemoteFuture: ...
    def stop(self) -> Any: ...
    def wait_for_pretrigger(self) -> Any: ...
    def wait_for_pretrigger_async(self) -> RemoteFuture: ...

class Scopes(Module):
    """Only one scope, but it should be protected by the slave/owner mechanism."""

    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    hardware_module_names: Any
    """Looks in RedPitaya.modules to find how many modules are present. :return: list of all module names in redpitaya instance with a name looking like: - some_module - or some_module1, some_module2, some_module3 ..."""
    name: Any
    owner: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    all_modules: Any
    def erase_state(self, name: Any) -> Any: ...
    def free(self, module: Any) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def n_available(self) -> Any: ...
    def n_modules(self) -> Any: ...
    def pop(self, owner: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self) -> None: ...

class SpectrumAnalyzer(Module):
    """A spectrum analyzer is composed of an IQ demodulator, followed by a scope. The spectrum analyzer connections are made upon calling the function setup."""

    MIN_DELAY_CONTINUOUS_MS: Any
    MIN_DELAY_SINGLE_MS: Any
    PADDING_FACTOR: Any
    acbandwidth: Setting[float | list[float], float | list[float]]
    """(Hz)"""
    baseband: Setting[bool, bool]
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    center: Setting[float, float]
    """(0 to inf Hz)"""
    curve_name: Setting[str, str]
    """name of the curve to save."""
    curve_unit: Setting[Literal["Vpk^2"], Literal["Vpk^2"]]
    data_length: Any
    decimation: Setting[int, int]
    """Decimation setting for the scope."""
    display_cross_amplitude: Setting[bool, bool]
    """should cross-spectrum amplitude be displayed in baseband-mode?"""
    display_cross_phase: Setting[bool, bool]
    """should cross-spectrum amplitude be displayed in baseband-mode?"""
    display_input1_baseband: Setting[bool, bool]
    """should input1 spectrum be displayed in baseband-mode?"""
    display_input2_baseband: Setting[bool, bool]
    """should input2 spectrum be displayed in baseband-mode?"""
    display_unit: Setting[Literal["Vpk^2", "dB(Vpk^2)", "Vpk", "Vrms^2", "dB(Vrms^2)", "Vrms", "Vrms^2/Hz", "dB(Vrms^2/Hz)", "Vrms/sqrt(Hz)"], Literal["Vpk^2", "dB(Vpk^2)", "Vpk", "Vrms^2", "dB(Vrms^2)", "Vrms", "Vrms^2/Hz", "dB(Vrms^2/Hz)", "Vrms/sqrt(Hz)"]]
    duration: Any
    frequencies: Any
    """:return: frequency array"""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    if_filter_bandwidth_per_span: Any
    input: Setting[str, Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule]
    input1_baseband: Setting[str, Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule]
    """input1 for baseband mode"""
    input2_baseband: Setting[str, Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule]
    """input2 for baseband mode"""
    inputs: Any
    iq: Any
    iq_quadraturesignal: Any
    name: Any
    nyquist_margin: Any
    owner: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    quadrature_factor: Any
    rbw: Setting[float | list[float], float | list[float]]
    """(Hz) Residual Bandwidth, this is a readonly attribute, only span can be changed."""
    run_continuous: Setting[bool, bool]
    """Is the module in the running_state 'running_continuous' or not. Contrary to 'running_state', this boolean property can be set, and saved/restored with the state of the module."""
    running_state: Any
    sampling_time: Any
    scope: Any
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    span: Setting[float | list[float], float | list[float]]
    """(Hz) Span can only be given by 1./sampling_time where sampling time is a valid scope sampling time."""
    spans: Any
    states: Any
    """Returns the names of all saved states of the module."""
    trace_average: Setting[int, int]
    """(1 to inf) number of curves to average in single mode. In continuous mode, a moving window average is performed."""
    window: Setting[Literal["blackman", "flattop", "boxcar", "hamming", "gaussian"], Literal["blackman", "flattop", "boxcar", "hamming", "gaussian"]]
    windows: Any
    acbandwidth_options: Any
    attributes_last_run: Any
    current_avg: Any
    curve_unit_options: Any
    data_avg: Any
    data_x: Any
    decimation_options: Any
    display_unit_options: Any
    input1_baseband_options: Any
    input2_baseband_options: Any
    input_options: Any
    rbw_options: Any
    span_options: Any
    window_options: Any
    def continuous(self) -> Any: ...
    def curve_ready(self) -> Any: ...
    def data_to_dBm(self, data: Any) -> Any: ...
    def data_to_display_unit(self, data: Any, rbw: Any) -> Any: ...
    def data_to_unit(self, data: Any, unit: Any, rbw: Any) -> Any: ...
    def equivalent_noise_bandwidth(self) -> Any: ...
    def erase_state(self, name: Any) -> Any: ...
    def filter_window(self) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def pause(self) -> Any: ...
    def resume(self) -> Any: ...
    def save_curve(self) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, trace_average: int = ..., curve_name: str = ..., run_continuous: bool = ..., input: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., center: float = ..., baseband: bool = ..., span: float | list[float] = ..., window: Literal["blackman", "flattop", "boxcar", "hamming", "gaussian"] = ..., acbandwidth: float | list[float] = ..., display_unit: Literal["Vpk^2", "dB(Vpk^2)", "Vpk", "Vrms^2", "dB(Vrms^2)", "Vrms", "Vrms^2/Hz", "dB(Vrms^2/Hz)", "Vrms/sqrt(Hz)"] = ..., curve_unit: Literal["Vpk^2"] = ..., display_input1_baseband: bool = ..., display_input2_baseband: bool = ..., input1_baseband: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., input2_baseband: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., display_cross_amplitude: bool = ..., decimation: int = ..., display_cross_phase: bool = ..., rbw: float | list[float] = ...) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, trace_average: int = ..., curve_name: str = ..., run_continuous: bool = ..., input: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., center: float = ..., baseband: bool = ..., span: float | list[float] = ..., window: Literal["blackman", "flattop", "boxcar", "hamming", "gaussian"] = ..., acbandwidth: float | list[float] = ..., display_unit: Literal["Vpk^2", "dB(Vpk^2)", "Vpk", "Vrms^2", "dB(Vrms^2)", "Vrms", "Vrms^2/Hz", "dB(Vrms^2/Hz)", "Vrms/sqrt(Hz)"] = ..., curve_unit: Literal["Vpk^2"] = ..., display_input1_baseband: bool = ..., display_input2_baseband: bool = ..., input1_baseband: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., input2_baseband: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., display_cross_amplitude: bool = ..., decimation: int = ..., display_cross_phase: bool = ..., rbw: float | list[float] = ...) -> None: ...
    def single(self, timeout: Any = ...) -> Any: ...
    def single_async(self) -> RemoteFuture: ...
    def stop(self) -> Any: ...
    def transfer_function(self, frequencies: Any) -> Any: ...
    def transfer_function_iq(self, frequencies: Any) -> Any: ...
    def transfer_function_scope(self, frequencies: Any) -> Any: ...
    def useful_index_obsolete(self) -> Any: ...

class StageListElement(Module):
    """PyRPL's StageListElement."""

    outputs: Setting[LockboxModuleDictPropertyInstance3, Any]
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    duration: Setting[float, float]
    """(0 to 1e+06)"""
    function_call: Setting[str, str]
    gain_factor: Setting[float, float]
    """(-1e+06 to 1e+06)"""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    input: Setting[str, str]
    lockbox: Any
    name: Any
    """function that is used to dynamically assign each ModuleListElement's name to the index in the list. This is needed for proper storage in the config file"""
    next: Any
    owner: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setpoint: Setting[float, float]
    """(-1e+06 to 1e+06)"""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    input_options: Any
    def erase_state(self, name: Any) -> Any: ...
    def execute(self) -> Any: ...
    def execute_async(self) -> RemoteFuture: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, input: str = ..., setpoint: float = ..., duration: float = ..., gain_factor: float = ..., function_call: str = ..., outputs: Any = ..., **more: Any) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, input: str = ..., setpoint: float = ..., duration: float = ..., gain_factor: float = ..., function_call: str = ..., outputs: Any = ..., **more: Any) -> None: ...
    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: Any) -> None: ...

class StageOutput(Module):
    """PyRPL's StageOutput."""

    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    lock_on: Setting[bool, bool]
    lockbox: Any
    name: Any
    offset: Setting[float, float]
    """(-1 to 1)"""
    owner: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    reset_offset: Setting[bool, bool]
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, lock_on: bool = ..., reset_offset: bool = ..., offset: float = ..., **more: Any) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, lock_on: bool = ..., reset_offset: bool = ..., offset: float = ..., **more: Any) -> None: ...
    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: Any) -> None: ...

class Trig(Module):
    """The trigger module implements a full-rate trigger on a DSP signal."""

    armed: Setting[bool, bool]
    """Set to True to arm trigger"""
    auto_rearm: Setting[bool, bool]
    """Automatically re-arm trigger?"""
    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    current_output_signal: Setting[float, float]
    """(-1.00012 to 1) current value of output_signal as returned by the sampler module"""
    current_timestamp: Setting[int, int]
    """(0 to 1.84467e+19 cycles) An absolute counter for the time [cycles]"""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    hysteresis: Setting[float, float]
    """(-1 to 0.999878 V) hysteresis for ch1 trigger [volts]"""
    input: Setting[str, Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule]
    """selects the input signal of the module"""
    inputfilter: Setting[float | list[float], float | list[float]]
    """(Hz) Input filter bandwidths [Hz]. 0 = off, positive bandwidth <=> lowpass, negative bandwidth <=> highpass."""
    inputfilter_options: Any
    inputs: Any
    name: Any
    out1_saturated: Setting[bool, bool]
    """True if out1 is saturated"""
    out2_saturated: Setting[bool, bool]
    """True if out2 is saturated"""
    output_direct: Setting[Literal["off", "out1", "out2", "both"], Literal["off", "out1", "out2", "both"]]
    """selects to which analog output the module signal is sent directly"""
    output_directs: Any
    output_signal: Setting[Literal["TTL", "asg0_phase"], Literal["TTL", "asg0_phase"]]
    """Signal to use as module output"""
    output_signals: Any
    owner: Any
    phase_abs: Setting[bool, bool]
    """Output the absolute value of the phase"""
    phase_offset: Setting[float, float]
    """(degree) offset to add to the output phase (before taking absolute value)"""
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    threshold: Setting[float, float]
    """(-1 to 0.999878 V) trigger threshold [volts]"""
    trigger_source: Setting[Literal["off", "pos_edge", "neg_edge", "both_edge"], Literal["off", "pos_edge", "neg_edge", "both_edge"]]
    """Trigger source"""
    trigger_sources: Any
    trigger_timestamp: Setting[int, int]
    """(0 to 1.84467e+19 cycles) An absolute counter for the trigger time [cycles]"""
    addr_base: Any
    input_options: Any
    output_direct_options: Any
    output_signal_options: Any
    trigger_source_options: Any
    def erase_state(self, name: Any) -> Any: ...
    def free(self) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def output_signal_to_phase(self, v: Any) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self, *, input: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., output_direct: Literal["off", "out1", "out2", "both"] = ..., output_signal: Literal["TTL", "asg0_phase"] = ..., trigger_source: Literal["off", "pos_edge", "neg_edge", "both_edge"] = ..., threshold: float = ..., hysteresis: float = ..., phase_offset: float = ..., auto_rearm: bool = ..., phase_abs: bool = ..., armed: bool = ..., current_output_signal: float = ..., current_timestamp: int = ..., inputfilter: float | list[float] = ..., out1_saturated: bool = ..., out2_saturated: bool = ..., trigger_timestamp: int = ...) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self, *, input: Literal["in1", "in2", "out1", "out2", "iq0", "iq1", "iq2", "iq2_2", "pid0", "pid1", "pid2", "asg0", "asg1", "trig", "iir", "off", "networkanalyzer"] | RemoteModule = ..., output_direct: Literal["off", "out1", "out2", "both"] = ..., output_signal: Literal["TTL", "asg0_phase"] = ..., trigger_source: Literal["off", "pos_edge", "neg_edge", "both_edge"] = ..., threshold: float = ..., hysteresis: float = ..., phase_offset: float = ..., auto_rearm: bool = ..., phase_abs: bool = ..., armed: bool = ..., current_output_signal: float = ..., current_timestamp: int = ..., inputfilter: float | list[float] = ..., out1_saturated: bool = ..., out2_saturated: bool = ..., trigger_timestamp: int = ...) -> None: ...
    def signal(self) -> Any: ...

class Trigs(Module):
    """Only one trig, but it should be protected by the slave/owner mechanism."""

    c: Any
    """Returns a MemoryBranch object used for storing data in the configuration file. The branch corresponding to the module is a subbranch of the parent module's branch with the name of the module."""
    generic_name: Any
    """the name of the module without the trailing number (e.g. iq2-->iq)"""
    hardware_module_names: Any
    """Looks in RedPitaya.modules to find how many modules are present. :return: list of all module names in redpitaya instance with a name looking like: - some_module - or some_module1, some_module2, some_module3 ..."""
    name: Any
    owner: Any
    pyrpl: Any
    """Recursively looks through parent modules until pyrpl instance is reached."""
    setup_attributes: Any
    """:return: a dict with the current values of the setup attributes. Recursively collects setup_attributes for sub_modules."""
    states: Any
    """Returns the names of all saved states of the module."""
    all_modules: Any
    def erase_state(self, name: Any) -> Any: ...
    def free(self, module: Any) -> Any: ...
    def get_setup_attributes(self) -> Any: ...
    def get_yml(self, state: Any = ...) -> Any: ...
    def help(self, register: Any = ...) -> Any: ...
    def load_state(self, name: Any = ...) -> Any: ...
    def n_available(self) -> Any: ...
    def n_modules(self) -> Any: ...
    def pop(self, owner: Any = ...) -> Any: ...
    def save_state(self, name: Any = ...) -> Any: ...
    def set_setup_attributes(self) -> None: ...
    def set_yml(self, yml_content: Any, state: Any = ...) -> Any: ...
    def setup(self) -> None: ...
