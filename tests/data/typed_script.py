"""A script as a user writes it: type checkers find no mistake but those that are marked."""

from pyrpl_remote import connect
from pyrpl_remote.errors import BoardLinkLost, ModuleBusy

with connect("virtual") as p:
    pid = p.rp.pid0
    pid.setpoint = 0.1
    pid.p = 2
    pid.input = "in1"
    pid.input = p.rp.asg0
    pid.setup(setpoint=0.2, input=p.rp.iq0, output_direct="out1", ival=0.0)
    total: float = pid.setpoint + pid.ival
    generator = p.rp.asg0
    generator.waveform = "sin"
    generator.setup(frequency=1e3, amplitude=0.5, trigger_source="immediately")
    p.rp.scope.setup(input1="in1", duration=1e-3, average=True)
    future = p.rp.scope.single_async()
    ch1, ch2 = future.result(timeout=5)
    peak: float = ch1.max() - ch2.min()
    p.lockbox.classname = "FabryPerot"
    p.lockbox.inputs.reflection.calibrate()
    p.lockbox.sequence.append({"input": "reflection"})
    p.lockbox.sequence[0].setpoint = 0.3
    p.networkanalyzer.setup(start_freq=1e3, stop_freq=1e6, points=101, logscale=True)
    module = p.pids.pop("me")
    p.on_change(lambda change: print(change.module, change.name, change.value, change.who))
    p.rp.scope.on_curve(lambda frame: print(frame.number, frame.y.mean()))
    print(p.status().link.latency, total, peak, module)
    try:
        p.spectrumanalyzer.setup(window="flattop", display_unit="Vrms/sqrt(Hz)")
    except (BoardLinkLost, ModuleBusy) as error:
        print(error.message, error.remedy)
    pid.setpont = 3  # mistake
    print(pid.intput)  # mistake
    pid.input = "in3"  # mistake
    pid.setpoint = "0.1"  # mistake
    pid.setup(setpont=0.1)  # mistake
    generator.waveform = "sine"  # mistake
    generator.setup(frequency="1 kHz")  # mistake
    p.rp.pid3.p = 1  # mistake
