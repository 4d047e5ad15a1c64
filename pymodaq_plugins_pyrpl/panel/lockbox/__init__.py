"""The panel's page of the lockbox.

page.py          the page: puts the others together, and follows the lockbox
seen.py          what the lockbox is like, read at once
controls.py      buttons, state and set point
stages.py        the sequence, its stages can be edited
sweep.py         the sweep's signal with the model's curve
signals.py       inputs and outputs over the last half minute
watch.py         the lock watch: on and off, its options
history.py       locked, lost, relocking over hours; the trace before a loss
timeline.py      from the events of a history to the stretches that its strip shows
notification.py  tells the desktop that a lock was lost
number.py        a box for a number
cavity.py        a virtual cavity to try: set up, locked, pushed out of lock
"""
