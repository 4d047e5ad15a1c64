"""What the plugins of one instrument need: its numbers, its settings, how it is driven.

- iq_values, demodulator, owner, wiring: quadratures; who else uses an iq
- lockbox, lockbox_controls: states, set point and offset of the lockbox; its buttons
- sampling: statistics of the sampler's signals
- scope_users, spectrum, spectrum_data: spectra in right units; who else uses the scope
- sweep, bode, bode_data: sweeps of the network analyser, and their curves
- iir_filter, iir_settings, iir_sweep: zeros and poles, and the measured response
- slow_outputs: pins, LEDs, auxiliary DACs
- setpoint_model: the model of PyMoDAQ's PID extension
"""
